// The small bar beside a bubble: Reply, Copy, Open in Google Drive, Info. One bar for the whole thread, moved to the bubble that the pointer or the
// keyboard is on; arrows walk from bubble to bubble.

import { t } from "../../lib/strings.js";
import { el } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { toast } from "../../ui/toast.js";
import { showInfo } from "./message_dialogs.js";

/** @typedef {import("./thread.js").Thread} Thread */

export class ActionBar {
  /**
   * @param {HTMLElement} scroller
   * @param {Thread} thread
   */
  constructor(scroller, thread) {
    this.scroller = scroller;
    this.thread = thread;
    /** @type {HTMLElement | null} */
    this.at = null;
    this.reply = this.button("reply", t("Reply"), () => this.doReply());
    this.copy = this.button("copy", t("Copy"), () => void this.doCopy());
    this.info = this.button("info", t("Info"), () => this.doInfo());
    this.drive = el(
      "a.icon-button",
      {
        tabindex: "-1",
        target: "_blank",
        rel: "noreferrer",
        "aria-label": t("Open in Google Drive"),
        title: t("Open in Google Drive"),
      },
      icon("cloud", "icon-small"),
    );
    this.node = el(
      "div.action-bar",
      { role: "group", "aria-label": t("Message actions") },
      this.reply,
      this.copy,
      this.drive,
      this.info,
    );
    scroller.addEventListener("pointerover", (event) => this.show(bubbleOf(event.target)));
    scroller.addEventListener("focusin", (event) => this.show(bubbleOf(event.target)));
    scroller.addEventListener("pointerleave", () => this.show(bubbleOf(document.activeElement)));
    scroller.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    scroller.addEventListener("keydown", (event) => this.onKey(event));
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {() => void} run
   */
  button(name, label, run) {
    return el(
      "button.icon-button",
      { type: "button", tabindex: "-1", "aria-label": label, title: label, onclick: run },
      icon(name, "icon-small"),
    );
  }

  get message() {
    return this.at ? this.thread.list.get(this.at.dataset.key ?? "") : null;
  }

  /** @param {HTMLElement | null} node */
  show(node) {
    if (node === this.at || (node === null && this.node.contains(document.activeElement))) return;
    this.at = node;
    this.refresh();
  }

  /** What can be done with the bubble; again when the message has changed. */
  refresh() {
    const { at: node, message } = this;
    if (!node || !message || node.classList.contains("is-centred")) {
      this.hide();
      return;
    }
    this.reply.hidden = !message.wamid || Boolean(message.deleted_at) || !this.thread.store.canReply;
    this.copy.hidden = !message.text;
    this.drive.hidden = !message.media?.drive_url;
    this.drive.href = message.media?.drive_url ?? "";
    for (const button of [this.reply, this.copy, this.drive, this.info])
      button.tabIndex = node.contains(document.activeElement) ? 0 : -1;
    const bubble = node.querySelector(".bubble");
    if (bubble && this.node.parentNode !== bubble) bubble.append(this.node); // a moved node loses focus
    this.place();
  }

  /** Beside the bubble where there is room, else in its upper corner. */
  place() {
    const bubble = this.at?.querySelector(".bubble");
    if (!bubble || !this.node.isConnected) return;
    const [box, list] = [bubble.getBoundingClientRect(), this.scroller.getBoundingClientRect()];
    const isOut = this.at?.classList.contains("is-out");
    const room = isOut ? box.left - list.left : list.right - box.right;
    this.node.classList.toggle("is-inside", room < (this.drive.hidden ? 124 : 156));
  }

  hide() {
    this.at = null;
    this.node.remove();
  }

  doReply() {
    const { message } = this;
    if (message) this.thread.wires.quote(message, this.thread.nameOf(message));
  }

  async doCopy() {
    const { message } = this;
    if (!message) return;
    try {
      await navigator.clipboard.writeText(message.text);
      toast(t("Copied"));
    } catch {
      toast(t("This browser does not let the page copy."));
    }
  }

  doInfo() {
    const { message } = this;
    if (message) showInfo(message, this.thread.nameOf(message));
  }

  /** @param {MouseEvent} event */
  onDoubleClick(event) {
    if (/** @type {Element} */ (event.target).closest("button, a, audio, video, input")) return;
    if (bubbleOf(event.target) !== this.at || this.reply.hidden || getSelection()?.toString().trim().includes(" ")) return;
    getSelection()?.removeAllRanges();
    this.doReply();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const nodes = /** @type {HTMLElement[]} */ ([...this.scroller.querySelectorAll(".message")]);
    const current = bubbleOf(document.activeElement);
    const isInside = current !== null && document.activeElement !== current;
    if (isInside && event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      current.focus();
    }
    if (isInside) return;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      const next = current ? nodes[nodes.indexOf(current) + (event.key === "ArrowUp" ? -1 : 1)] : this.lastInSight(nodes);
      if (!next) return;
      event.preventDefault();
      next.focus({ preventScroll: true });
      next.scrollIntoView({ block: "nearest" });
    } else if (current && event.key === "Enter" && !this.reply.hidden) {
      event.preventDefault();
      this.doReply();
    }
  }

  /** @param {HTMLElement[]} nodes */
  lastInSight(nodes) {
    const edge = this.scroller.getBoundingClientRect().bottom;
    return nodes.findLast((node) => node.getBoundingClientRect().top < edge);
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function bubbleOf(target) {
  return target instanceof Element ? target.closest(".message") : null;
}
