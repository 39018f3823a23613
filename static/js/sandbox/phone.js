// One customer's phone: a lock screen with what arrived, or the chat with the business.

import { t } from "../lib/strings.js";
import { avatar } from "../ui/avatar.js";
import { el, refill } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { openMenu } from "../ui/menu.js";
import { act } from "./api.js";
import { bubbleNode } from "./bubble.js";
import { Composer } from "./composer.js";
import { clockTime, summary } from "./words.js";

/**
 * @typedef {import("./model.js").Bubble} Bubble
 * @typedef {import("./model.js").Customer} Customer
 * @typedef {(what: string, body: object) => void} Say
 */

const KEEP_OPEN_EVERY = 20_000; // ms; the server forgets an open chat after 45 s
const CLOCK_CHECK = 1000; // ms
const NEAR_END = 80; // px
const NOTES = 3;
const EMOJIS = ["👍", "❤️", "😂", "😮", "🙏"];
const EDITABLE = new Set(["text", "image", "video", "document"]);

export class Phone {
  #model;
  #report;
  #open = false;
  #atEnd = true; // the newest message is in sight: stay there when something grows
  #notesKey = "";
  /** @type {Map<string, { version: number, node: HTMLElement }>} by wamid */
  #rows = new Map();
  /** @type {ReturnType<typeof setInterval>[]} */
  #timers = [];

  /**
   * @param {Customer} customer
   * @param {import("./model.js").Phones} model
   * @param {(error: Error) => void} report
   */
  constructor(customer, model, report) {
    this.id = customer.id;
    this.name = customer.name;
    this.#model = model;
    this.#report = report;
    this.composer = new Composer(customer, report);
    this.title = el("b");
    this.sub = el("small");
    this.clock = el("div.phone-clock", { "aria-hidden": "true" });
    this.notes = el("ul.phone-notes");
    this.log = this.#makeLog();
    this.chat = el("div.phone-chat", { hidden: true }, this.#makeHead(), this.log, this.composer.node);
    this.unlock = el("button.phone-unlock", { type: "button", onclick: () => this.#setOpen(true) });
    this.lock = el("div.phone-lock", {}, this.clock, this.notes, this.unlock);
    this.node = this.#makeFrame(customer);
    this.#timers.push(setInterval(() => this.#open && this.#tellOpen(true), KEEP_OPEN_EVERY));
    this.#timers.push(setInterval(() => this.#renderClock(), CLOCK_CHECK));
    this.render();
  }

  render() {
    this.#renderClock();
    if (this.#open) this.#renderChat();
    else this.#renderLock();
  }

  close() {
    this.#timers.forEach(clearInterval);
    if (this.#open) this.#tellOpen(false);
    this.node.remove();
  }

  #makeLog() {
    const log = el("div.phone-log", { role: "list", "aria-label": t("Messages"), tabindex: "0" });
    log.addEventListener("scroll", () => {
      this.#atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END;
    });
    log.addEventListener("load", () => this.#stayAtEnd(), true); // a picture has got its height
    return log;
  }

  #makeHead() {
    const back = { type: "button", "aria-label": t("Close chat"), onclick: () => this.#setOpen(false) };
    return el(
      "header.phone-head",
      {},
      el("button.icon-button", back, icon("back")),
      el("span.avatar.avatar-small.phone-brand", { "aria-hidden": "true" }, icon("chat")),
      el("span.phone-who", {}, this.title, this.sub),
    );
  }

  /** @param {Customer} customer */
  #makeFrame(customer) {
    const words = el("span.phone-name", {}, el("b", { dir: "auto" }, customer.name), el("small", {}, customer.reached_by));
    const screen = el("div.phone-screen", {}, this.lock, this.chat);
    return el(
      "section.phone",
      { "aria-label": t("Phone of {name}", { name: customer.name }) },
      el("h2.phone-owner", {}, avatar({ name: customer.name, key: customer.key, size: "avatar-small" }), words),
      el("div.phone-body", {}, screen),
    );
  }

  /** @param {boolean} open */
  #setOpen(open) {
    this.#open = open;
    this.chat.hidden = !open;
    this.lock.hidden = open;
    this.#tellOpen(open);
    this.#atEnd = true;
    this.render();
    if (open) this.composer.field.focus({ preventScroll: true });
    else this.unlock.focus();
  }

  /** @param {boolean} on */
  #tellOpen(on) {
    act(this.id, "open", { on }).catch(this.#report);
  }

  #renderClock() {
    const now = Date.now();
    const typing = (this.#model.customer(this.id)?.typing_until ?? 0) * 1000 > now;
    this.clock.textContent = clockTime(now / 1000);
    this.title.textContent = this.#model.business.name;
    this.sub.textContent = typing ? t("typing…") : t("Business account");
  }

  #renderLock() {
    const unread = this.#model.unread(this.id);
    const key = unread.map((bubble) => `${bubble.wamid} ${bubble.version}`).join() || "none";
    if (key === this.#notesKey) return;
    this.#notesKey = key;
    const label = unread.length ? t("Open chat ({count} new)", { count: unread.length }) : t("Open chat");
    refill(this.unlock, icon("chat"), el("span", {}, label));
    refill(
      this.notes,
      unread.slice(0, NOTES).map((bubble) => this.#makeNote(bubble)),
    );
  }

  /** @param {Bubble} bubble */
  #makeNote(bubble) {
    const head = el("b", {}, el("span", {}, this.#model.business.name), el("time", {}, clockTime(bubble.timestamp)));
    return el("li.phone-note", {}, head, el("span", { dir: "auto" }, summary(bubble)));
  }

  #renderChat() {
    const bubbles = this.#model.chat(this.id);
    const wanted = new Set(bubbles.map((bubble) => bubble.wamid));
    for (const [wamid, row] of this.#rows) {
      if (wanted.has(wamid)) continue;
      row.node.remove();
      this.#rows.delete(wamid);
    }
    bubbles.forEach((bubble, index) => this.#place(bubble, index));
    this.#stayAtEnd();
  }

  /**
   * @param {Bubble} bubble
   * @param {number} index
   */
  #place(bubble, index) {
    let row = this.#rows.get(bubble.wamid);
    if (!row || row.version !== bubble.version) {
      const names = { customer: this.name, business: this.#model.business.name };
      const node = bubbleNode(bubble, this.#model.bubble(this.id, bubble.quoted), names, this.#acts());
      row?.node.replaceWith(node);
      row = { version: bubble.version, node };
      this.#rows.set(bubble.wamid, row);
    }
    const there = this.log.children[index] ?? null;
    if (there !== row.node) this.log.insertBefore(row.node, there);
  }

  #stayAtEnd() {
    if (this.#atEnd) this.log.scrollTop = this.log.scrollHeight;
  }

  /** @returns {import("./bubble.js").Acts} */
  #acts() {
    /** @type {Say} */
    const say = (what, body) => void act(this.id, what, body).catch(this.#report);
    return {
      press: (bubble, label) => say("buttons", { wamid: bubble.wamid, text: label }),
      play: (bubble) => say("plays", { wamid: bubble.wamid }),
      menu: (bubble, button) => this.#openMenu(bubble, button, say),
    };
  }

  /**
   * @param {Bubble} bubble
   * @param {HTMLElement} button
   * @param {Say} say
   */
  #openMenu(bubble, button, say) {
    const { wamid, mine } = bubble;
    const react = (/** @type {string} */ emoji) => {
      close();
      say("reactions", { wamid, text: emoji === bubble.reactions.customer ? "" : emoji });
    };
    const items = [{ label: t("Reply"), icon: "reply", run: () => this.composer.quote(bubble) }];
    if (mine && bubble.text && EDITABLE.has(bubble.type)) {
      items.push({ label: t("Edit"), icon: "pencil", run: () => this.composer.edit(bubble) });
    }
    if (mine) items.push({ label: t("Delete"), icon: "trash", run: () => say("revocations", { wamid }) });
    const close = openMenu(button, [{ node: emojiRow(react) }, "line", ...items], t("Message actions"));
  }
}

/** @param {(emoji: string) => void} react */
function emojiRow(react) {
  const choice = (/** @type {string} */ emoji) => {
    const attributes = { type: "button", role: "menuitem", tabindex: "-1", "aria-label": t("React {emoji}", { emoji }) };
    return el("button.menu-item.phone-emoji", { ...attributes, onclick: () => react(emoji) }, emoji);
  };
  return el("div.phone-emojis", { role: "none" }, EMOJIS.map(choice));
}
