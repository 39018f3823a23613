// Being noticed: the title, the dot on the icon, a sound, a notification of the desktop. Sound and notifications are opt-in.
// However many tabs are open, one of them rings; and none for the chat that somebody is looking at in any of them.

import { previewOf } from "../lib/preview.js";
import { t } from "../lib/strings.js";
import { mayNotify } from "../ui/notify.js";
import { Part } from "../ui/part.js";

const BURST = 3000; // ms: many messages at once are one sound
const SETTLES = 300; // ms: as long as a message in an open chat takes to be marked read
const FRESH = 60_000; // ms: what is older was missed and is replayed silently
const WATCHED_FOR = 5000; // ms that another tab's word about its chat counts

/** @typedef {import("./store.js").Store} Store @typedef {import("./reading.js").Reading} Reading */

/** @extends {Part<Store>} */
export class Attention extends Part {
  /** @param {HTMLElement} root @param {Store} store @param {Reading} reading @param {(chatId: number) => void} open */
  constructor(root, store, reading, open) {
    super(root, store);
    this.reading = reading;
    this.open = open;
    this.base = document.title;
    this.icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
    this.plain = this.icon?.href ?? "";
    this.dotted = this.icon?.dataset.unread ?? this.plain;
    this.railCount = /** @type {HTMLElement | null} */ (document.querySelector("[data-unread-count]"));
    this.isLeader = false;
    this.rangAt = 0;
    this.shown = 0; // unread chats
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Set<number>} chats in which a customer wrote just now; their rows are on their way */
    this.toRing = new Set();
    /** @type {{ chatId: number | null, at: number }} what another tab is looking at */
    this.elsewhere = { chatId: null, at: 0 };
    /** @type {AudioContext | null} */
    this.audio = null;
    this.lead();
    this.tellTabs();
    this.watch("open", () => this.tell());
    this.watch("counts", () => this.showSoon());
    this.watch("arrived", (changes) => this.expect(changes));
    this.watch("chats", (ids) => ids.forEach((/** @type {number} */ id) => this.toRing.delete(id) && this.ring(id)));
    this.listen(window, "focus", () => this.tell());
    this.listen(document, "visibilitychange", () => this.tell());
    this.listen(window, "pointerdown", () => this.wakeAudio(), { once: true });
    this.listen(window, "keydown", () => this.wakeAudio(), { once: true });
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
    this.every(WATCHED_FOR / 2, () => this.tell());
  }

  /** Which chat somebody looks at here. */
  tell() {
    if (this.reading.isWatching) this.channel?.postMessage(this.store.openId);
  }

  /** What is read as it comes does not flicker in the title. */
  showSoon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.show(this.store.counts.unread);
    }, SETTLES);
  }

  /** @param {number} unread chats */
  show(unread) {
    if (unread === this.shown) return; // a title is not free, even the same one
    this.shown = unread;
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

  /** A chat's row may come before the word of what has changed in it, with it, or later. @param {Set<Change>} changes */
  expect(changes) {
    for (const { conversation_id: chatId, message_id: id } of changes) {
      const last = this.store.chats.get(chatId ?? 0)?.last_message;
      if (last && id !== null && last.id >= id) this.ring(/** @type {number} */ (chatId));
      else this.toRing.add(/** @type {number} */ (chatId));
    }
  }

  /** A customer wrote, just now. @param {number} chatId */
  ring(chatId) {
    const chat = this.store.chats.get(chatId);
    const last = chat?.last_message;
    if (!this.isLeader || !chat || !last || last.direction !== "in" || Date.now() - new Date(last.timestamp).getTime() > FRESH)
      return;
    if (this.reading.isWatching && this.store.openId === chat.id) return;
    if (this.elsewhere.chatId === chat.id && Date.now() - this.elsewhere.at < WATCHED_FOR) return;
    const { sound, notifications } = this.store.me.preferences;
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
      this.open(chat.id);
    };
  }

  wakeAudio() {
    if (!this.store.me.preferences.sound) return;
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
