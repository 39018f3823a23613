// How long free text may still be sent, and what stands in the composer's place when it may not.

import { t } from "../../lib/strings.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { sentence } from "../../ui/sentence.js";
import { closedWords, replyWindow } from "./reply_window.js";

export class WindowBar {
  /** @param {{ onChange: () => void, chooseTemplate: () => void }} wires `onChange`: its words change with the clock, draw again */
  constructor(wires) {
    this.wires = wires;
    this.left = el("div.reply-window");
    this.closed = el("div.composer-closed", { hidden: true });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /**
   * @param {Chat} chat
   * @param {string} draft
   * @returns {boolean} whether free text may be sent
   */
  draw(chat, draft) {
    clearTimeout(this.timer);
    const { isOpen, isSoon, left, nextChange } = replyWindow(chat, Date.now());
    this.timer = setTimeout(this.wires.onChange, nextChange);
    this.left.hidden = !isOpen || !left;
    this.left.classList.toggle("is-soon", isSoon);
    const words = sentence(t("Reply window closes in {left}"), { left: el("b", {}, left) });
    refill(this.left, el("span", {}, words));
    this.closed.hidden = isOpen;
    if (isOpen) this.closed.replaceChildren();
    else if (!this.closed.firstChild) this.drawClosed(chat, draft);
    return isOpen;
  }

  /** @param {Chat} chat @param {string} draft */
  drawClosed(chat, draft) {
    const choose = el(
      "button.button.button-primary",
      { type: "button", onclick: this.wires.chooseTemplate },
      icon("template", "icon-small"),
      t("Choose a template"),
    );
    refill(this.closed, el("p", {}, closedWords(chat), draft ? ` ${t("Your draft is kept.")}` : ""), choose);
  }

  focus() {
    this.closed.querySelector("button")?.focus({ preventScroll: true });
  }

  /** Nothing is said of the chat that is left. */
  reset() {
    clearTimeout(this.timer);
    this.closed.replaceChildren();
  }
}
