// The bar above a chat: back (phones), who it is, and the way to the details.

import { prettyPhone } from "../../lib/phone.js";
import { t } from "../../lib/strings.js";
import { waitedInWords } from "../../lib/time.js";
import { chatAvatar } from "../../ui/avatar.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";

/** @typedef {import("../inbox.js").Inbox} Inbox */

export class ThreadHead {
  /**
   * @param {HTMLElement} root
   * @param {Inbox} inbox
   */
  constructor(root, inbox) {
    this.root = root;
    this.drawn = "";
    this.back = el(
      "button.icon-button.back-button",
      { type: "button", "aria-label": t("Back to the chats"), onclick: () => void inbox.leaveChat() },
      icon("back"),
    );
    this.face = el("span");
    this.name = el("h2.thread-name", { dir: "auto" });
    this.about = el("span.thread-about");
    this.person = el(
      "button.thread-person",
      { type: "button", onclick: () => inbox.details.toggle(), title: t("Contact details") },
      this.face,
      el("span.thread-words", {}, this.name, this.about),
    );
    this.more = el(
      "button.icon-button",
      {
        type: "button",
        "aria-label": t("Show contact details"),
        title: t("Contact details"),
        onclick: () => inbox.details.toggle(),
      },
      icon("info"),
    );
    refill(root, this.back, this.person, this.more);
  }

  /** @param {Chat | null} chat */
  draw(chat) {
    this.root.hidden = !chat;
    if (!chat) return;
    const waiting = chat.waiting_since ? waitedInWords(chat.waiting_since, Date.now()) : "";
    const about = [
      chat.kind === "group" ? t("Group") : prettyPhone(chat.phone) || (chat.username ? `@${chat.username}` : ""),
      waiting,
    ]
      .filter(Boolean)
      .join(" · ");
    const drawn = JSON.stringify([chat.id, chat.name, about]);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    refill(this.face, chatAvatar(chat, "avatar-small"));
    this.name.textContent = chat.name;
    this.about.textContent = about === chat.name ? "" : about;
  }
}
