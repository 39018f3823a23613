// Being noticed: the title, the dot on the icon, a sound, a notification of the desktop. Sound and notifications are opt-in.
// However many tabs are open, one of them rings; and none for the chat that somebody is looking at in any of them.

import { previewOf } from "../lib/preview.js";
import { t } from "../lib/strings.js";
import { mayNotify } from "../ui/notify.js";

const BURST = 3000; // ms: many messages at once are one sound
const FRESH = 60_000; // ms: what is older was missed and is replayed silently
const WATCHED_FOR = 5000; // ms that another tab's word about its chat counts

/** @typedef {import("./inbox.js").Inbox} Inbox */

export class Attention {
  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    this.base = document.title;
    this.icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
    this.plain = this.icon?.href ?? "";
    this.dotted = this.icon?.dataset.unread ?? this.plain;
    this.railCount = /** @type {HTMLElement | null} */ (document.querySelector("[data-unread-count]"));
    this.isLeader = false;
    this.rangAt = 0;
    /** @type {{ chatId: number | null, at: number }} what another tab is looking at */
    this.elsewhere = { chatId: null, at: 0 };
    /** @type {AudioContext | null} */
    this.audio = null;
    this.lead();
    this.tellTabs();
    addEventListener("pointerdown", () => this.wakeAudio(), { once: true });
    addEventListener("keydown", () => this.wakeAudio(), { once: true });
  }

  lead() {
    if (!navigator.locks) {
      this.isLeader = true;
      return;
    }
    // Held until the tab closes; then the next tab gets it.
    void navigator.locks.request("inbox:bell", () => {
      this.isLeader = true;
      return new Promise(() => {});
    });
  }

  tellTabs() {
    if (!("BroadcastChannel" in globalThis)) return;
    this.channel = new BroadcastChannel("inbox:watching");
    this.channel.onmessage = (event) => (this.elsewhere = { chatId: event.data, at: Date.now() });
    setInterval(() => this.inbox.isWatching && this.channel?.postMessage(this.inbox.chatId), WATCHED_FOR / 2);
  }

  /** Somebody looks at another chat now. */
  watch() {
    if (this.inbox.isWatching) this.channel?.postMessage(this.inbox.chatId);
  }

  /** @param {number} unread chats */
  show(unread) {
    document.title = unread ? `(${unread}) ${this.base}` : this.base;
    const href = unread ? this.dotted : this.plain;
    if (this.icon && this.icon.getAttribute("href") !== href) this.icon.setAttribute("href", href);
    if (!this.railCount) return;
    this.railCount.hidden = !unread;
    this.railCount.textContent = unread > 99 ? "99+" : String(unread);
    this.railCount.parentElement?.setAttribute(
      "aria-label",
      unread ? t("Inbox, {count} unread", { count: unread }) : t("Inbox"),
    );
  }

  /** A customer wrote, just now. @param {Chat} chat */
  ring(chat) {
    const last = chat.last_message;
    if (!this.isLeader || !last || last.direction !== "in" || Date.now() - new Date(last.timestamp).getTime() > FRESH) return;
    if (this.inbox.isWatching && this.inbox.chatId === chat.id) return;
    if (this.elsewhere.chatId === chat.id && Date.now() - this.elsewhere.at < WATCHED_FOR) return;
    const { sound, notifications } = this.inbox.me?.preferences ?? {};
    if (sound && Date.now() - this.rangAt > BURST) {
      this.rangAt = Date.now();
      this.chime();
    }
    if (notifications && mayNotify()) this.notify(chat);
  }

  /** @param {Chat} chat */
  notify(chat) {
    const note = new Notification(chat.name, {
      body: chat.last_message ? previewOf(chat.last_message).text : "",
      tag: `chat-${chat.id}`, // a later message of the chat takes its place
      silent: true,
      icon: this.plain,
    });
    note.onclick = () => {
      window.focus();
      note.close();
      void this.inbox.openChat(chat.id);
    };
  }

  wakeAudio() {
    if (!this.inbox.me?.preferences.sound) return;
    this.audio ??= new AudioContext();
    void this.audio.resume();
  }

  /** Two soft notes. */
  chime() {
    this.audio ??= new AudioContext();
    const { audio } = this;
    if (audio.state === "suspended") return; // no gesture yet: the browser would not let it sound
    [
      [880, 0],
      [1174.7, 0.13],
    ].forEach(([pitch = 880, after = 0]) => {
      const start = audio.currentTime + after;
      const tone = new OscillatorNode(audio, { type: "sine", frequency: pitch });
      const volume = new GainNode(audio, { gain: 0 });
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.16, start + 0.015);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.45);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.5);
    });
  }
}
