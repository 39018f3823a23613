// Where one is in a long chat: the floating day, and the button that leads to what is new and to the end.

import { plural, t } from "../../lib/strings.js";
import { el, need, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { keyOf } from "./message_list.js";

const DAY_STAYS = 2000; // ms
const NEAR_END = 200; // px
const TOP = 60; // px: where the first new message is put

/** @typedef {import("./thread.js").Thread} Thread */

export class Signposts {
  /**
   * @param {HTMLElement} root
   * @param {Thread} thread
   */
  constructor(root, thread) {
    this.thread = thread;
    this.jump = need(root, "[data-jump]");
    this.day = need(root, "[data-floating-day]");
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.dayTimer = undefined;
    /** @type {number[]} came while somebody read further up */
    this.unseen = [];
    /** unread when the chat opened, from the band on; most of them are not loaded and have no place here */
    this.below = 0;
    this.jump.addEventListener("click", () => this.jumpDown());
  }

  clear() {
    this.forget();
    this.day.hidden = true;
    this.jump.hidden = true;
  }

  forget() {
    this.unseen = [];
    this.below = 0;
  }

  /** @param {number} below unread from here on */
  landed(below) {
    this.below = below;
    this.showJump();
  }

  /** @param {Message} message */
  noteUnseen(message) {
    if (message.id !== null && !this.unseen.includes(message.id)) this.unseen.push(message.id);
    this.showJump();
  }

  /** @param {boolean} isByHand */
  scrolled(isByHand) {
    const { window } = this.thread;
    if (window.keeper.isPinned && window.reachesEnd) this.forget();
    this.showDay(isByHand);
    this.showJump();
  }

  /** The day in sight, while somebody scrolls and a moment longer; not where the page scrolled by itself. @param {boolean} isByHand */
  showDay(isByHand) {
    const words = this.thread.window.dayInSight();
    this.day.hidden = !words;
    if (!words) return;
    this.day.textContent = words;
    if (!isByHand) return;
    this.day.classList.toggle("is-shown", this.thread.scroller.scrollTop > 20);
    clearTimeout(this.dayTimer);
    this.dayTimer = setTimeout(() => this.day.classList.remove("is-shown"), DAY_STAYS);
  }

  showJump() {
    const { window, list, scroller } = this.thread;
    const isAway = !scroller.hidden && list.isLoaded && !(window.keeper.fromBottom < NEAR_END && window.reachesEnd);
    this.jump.hidden = !isAway;
    if (!isAway) return;
    const count = this.below + this.unseen.length;
    const words = count
      ? plural(count, "Go to {count} new message", "Go to {count} new messages")
      : t("Go to the newest message");
    this.jump.setAttribute("aria-label", words);
    refill(this.jump, icon("down"), count ? el("span.pill.jump-count", {}, String(count)) : null);
  }

  /** A first click goes to the first new message, a second one to the end. */
  jumpDown() {
    const { thread } = this;
    const first = this.below ? undefined : this.unseen[0]; // those below the band begin where one is
    this.forget();
    const message = first === undefined ? null : thread.list.find(first);
    if (message) thread.window.reveal(keyOf(message), TOP);
    else thread.toEnd();
    this.showJump();
  }
}
