// One row of the chat list. Drawn again only when something that it shows has changed.

import { previewOf } from "../../lib/preview.js";
import { plural, t } from "../../lib/strings.js";
import { listTime, waited, waitedInWords } from "../../lib/time.js";
import { chatAvatar } from "../../ui/avatar.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { ticks } from "../../ui/ticks.js";

/** What lies around the chat itself. @typedef {{ draft: string, isOpen: boolean, now: number, position: number, size: number }} Around */

export class ChatRow {
  /** @param {number} id */
  constructor(id) {
    this.id = id;
    this.drawn = "";
    this.link = el("a.chat-row", { href: `#chat=${id}`, tabindex: "-1", draggable: "false" });
    this.node = el("li.chat-item", { role: "listitem" }, this.link);
    this.node.dataset.id = String(id);
  }

  /** @param {Chat} chat @param {Around} around */
  update(chat, around) {
    const time = chat.last_message ? listTime(chat.last_message.timestamp, around.now) : "";
    const wait = chat.waiting_since ? waited(chat.waiting_since, around.now) : "";
    this.node.setAttribute("aria-posinset", String(around.position));
    this.node.setAttribute("aria-setsize", String(around.size));
    this.link.classList.toggle("is-open", around.isOpen);
    if (around.isOpen) this.link.setAttribute("aria-current", "true");
    else this.link.removeAttribute("aria-current");
    const draft = around.isOpen ? "" : around.draft;
    const drawn = JSON.stringify([chat.name, chat.phone, chat.kind, chat.unread_count, chat.last_message, time, wait, draft]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    this.node.setAttribute("aria-label", chat.name);
    this.link.classList.toggle("is-unread", chat.unread_count > 0);
    refill(
      this.link,
      chatAvatar(chat),
      el(
        "span.chat-main",
        {},
        el(
          "span.chat-line",
          {},
          el("span.chat-name", {}, el("bdi", {}, chat.name)),
          chat.last_message ? el("time.chat-time", { datetime: chat.last_message.timestamp }, time) : null,
        ),
        el("span.chat-line", {}, preview(chat, draft), waitTag(chat, wait, around.now), pill(chat.unread_count)),
      ),
    );
  }
}

/** @param {Chat} chat @param {string} draft */
function preview(chat, draft) {
  if (draft)
    return el("span.chat-preview", {}, el("span.chat-draft", {}, t("Draft:")), " ", el("bdi", {}, draft.slice(0, 120)));
  const last = chat.last_message;
  if (!last) return el("span.chat-preview");
  if (last.deleted_at) return el("span.chat-preview", {}, icon("blocked", "icon-small"), el("i", {}, t("Deleted message")));
  const { glyph, text } = previewOf(last);
  const writer = chat.kind === "group" && last.direction === "in" && last.contact ? `${last.contact.name}: ` : "";
  return el(
    "span.chat-preview",
    {},
    last.direction === "out" ? ticks(last.status) : null,
    glyph ? icon(glyph, "icon-small") : null,
    el("bdi", {}, writer + text.slice(0, 160)),
  );
}

/** @param {Chat} chat @param {string} wait @param {number} now */
function waitTag(chat, wait, now) {
  if (!wait || !chat.waiting_since) return null;
  const words = waitedInWords(chat.waiting_since, now);
  return el(
    "span.chat-wait",
    { title: words },
    el("span", { "aria-hidden": "true" }, wait),
    el("span.visually-hidden", {}, words),
  );
}

/** @param {number} count */
function pill(count) {
  if (!count) return null;
  return el(
    "span.pill",
    {},
    el("span", { "aria-hidden": "true" }, count > 999 ? "999+" : String(count)),
    el("span.visually-hidden", {}, plural(count, "{count} unread message", "{count} unread messages")),
  );
}
