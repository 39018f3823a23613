// The part of a chat that is in the page: at most 12 sections of 25 messages, moved along as somebody scrolls. What is read
// stays where it is (ScrollKeeper); sections out of sight cost no layout (content-visibility) because their height is written
// down once it is known.

import { plural } from "../../lib/strings.js";
import { dayKey, dayLabel } from "../../lib/time.js";
import { arrange, el, oncePerFrame } from "../../ui/dom.js";
import { KeyedNodes } from "../../ui/keyed.js";
import { keyOf } from "./message_list.js";
import { MessageView } from "./message_view.js";
import { layoutOf } from "./runs.js";
import { ScrollKeeper } from "./scroll_keeper.js";

const MOST_SECTIONS = 12;
const EDGE = 1200; // px before an end at which the next section is put in

/**
 * @typedef {import("./message_list.js").MessageList} MessageList
 * @typedef {import("./message_list.js").Section} Section
 * @typedef {{ node: HTMLElement, views: Map<string, MessageView>, basis: unknown[] }} SectionView
 */

export class MessageWindow {
  /**
   * @param {HTMLElement} scroller
   * @param {import("./message_view.js").Acts} acts
   * @param {{ onNearTop: () => void, onNearBottom: () => void, onScroll: (isByHand: boolean) => void }} wires
   */
  constructor(scroller, acts, wires) {
    this.scroller = scroller;
    this.acts = acts;
    this.wires = wires;
    /** @type {MessageList | null} */
    this.list = null;
    /** @type {number | null} */
    this.firstUnreadId = null;
    this.unreadCount = 0;
    this.from = 0;
    this.until = 0;
    this.inner = el("div.messages-inner");
    this.sections = new KeyedNodes(
      this.inner,
      (/** @type {Section} */ section) => section.id,
      () => /** @type {SectionView} */ ({ node: el("div.section"), views: new Map(), basis: [] }),
    );
    scroller.replaceChildren(this.inner);
    this.keeper = new ScrollKeeper(scroller, this);
    this.onScroll = oncePerFrame(() => this.scrolled());
    scroller.addEventListener("scroll", this.onScroll, { passive: true });
    this.resizes = new ResizeObserver(() => this.keeper.restore());
    this.resizes.observe(scroller);
    this.resizes.observe(this.inner);
  }

  /** @param {MessageList} list @param {number | null} firstUnreadId @param {number} unreadCount */
  show(list, firstUnreadId, unreadCount) {
    this.clear();
    this.list = list;
    this.firstUnreadId = firstUnreadId;
    this.unreadCount = unreadCount;
    this.until = list.sections.length;
    this.from = Math.max(0, this.until - MOST_SECTIONS);
    this.draw();
    this.keeper.toBottom();
  }

  clear() {
    this.sections.clear();
    this.list = null;
  }

  /** The newest message is in the page, not only in memory. */
  get reachesEnd() {
    return this.list !== null && this.list.isAtEnd && this.until >= this.list.sections.length;
  }

  /**
   * Bring the page in line with the list. Sections may have come, gone and changed; those in the page stay in the page.
   */
  draw() {
    if (!this.list) return;
    this.keeper.catchUp();
    const { sections } = this.list;
    this.until = Math.min(Math.max(this.until, this.from + 1), sections.length);
    this.from = Math.max(0, Math.min(this.from, this.until - 1));
    const wanted = sections.slice(this.from, this.until);
    this.sections.draw(wanted, (view, section, at) => {
      this.drawSection(view, section, sections[this.from + at - 1]?.messages.at(-1) ?? null);
    });
    this.measure(wanted);
    this.keeper.restore();
  }

  /** The list changes at its ends; the same sections stay in the page. @param {() => void} change */
  follow(change) {
    const first = this.list?.sections[this.from];
    change();
    const at = first && this.list ? this.list.sections.indexOf(first) : -1;
    if (at < 0) return;
    this.until += at - this.from;
    this.from = at;
  }

  /** One more section upwards, from memory; false: there is none. */
  growUp() {
    if (this.from === 0) return false;
    this.from = Math.max(0, this.from - 2);
    this.until = Math.min(this.until, this.from + MOST_SECTIONS);
    this.draw();
    return true;
  }

  growDown() {
    if (!this.list || this.until >= this.list.sections.length) return false;
    this.until = Math.min(this.list.sections.length, this.until + 2);
    this.from = Math.max(this.from, this.until - MOST_SECTIONS);
    this.draw();
    return true;
  }

  /** The window ends at the newest message. */
  moveToEnd() {
    if (!this.list) return;
    this.until = this.list.sections.length;
    this.from = Math.max(0, this.until - MOST_SECTIONS);
    this.draw();
    this.keeper.toBottom();
  }

  /**
   * @param {SectionView} view
   * @param {Section} section
   * @param {Message | null} previous
   */
  drawSection(view, section, previous) {
    // Messages are never changed in place; the day is in the words of the pills.
    const basis = [previous, this.firstUnreadId, this.unreadCount, dayKey(Date.now()), ...section.messages];
    if (basis.length === view.basis.length && basis.every((one, at) => one === view.basis[at])) return;
    view.basis = basis;
    /** @type {Element[]} */
    const nodes = [];
    const keys = new Set();
    for (const message of section.messages) {
      const key = keyOf(message);
      const layout = layoutOf(message, previous, this.firstUnreadId);
      keys.add(key);
      let one = view.views.get(key);
      if (one) one.update(message, layout);
      else {
        view.views.set(key, (one = new MessageView(message, layout, this.acts)));
        one.node.dataset.key = key;
      }
      if (layout.startsDay) nodes.push(dayPill(message.timestamp));
      if (layout.isFirstUnread) nodes.push(this.unreadBand());
      nodes.push(one.node);
      previous = message;
    }
    for (const key of [...view.views.keys()]) if (!keys.has(key)) view.views.delete(key);
    arrange(view.node, nodes);
  }

  unreadBand() {
    return el(
      "div.unread-band",
      { "data-band": true },
      plural(this.unreadCount, "{count} unread message", "{count} unread messages"),
    );
  }

  /** Write down the true height of every new section, so that skipping its layout later moves nothing. @param {Section[]} wanted */
  measure(wanted) {
    const fresh = wanted
      .map((section) => /** @type {SectionView} */ (this.sections.get(section.id)).node)
      .filter((node) => !node.classList.contains("is-measured"));
    const heights = fresh.map((node) => node.getBoundingClientRect().height); // before it is measured, a section is laid out
    fresh.forEach((node, at) => {
      node.style.containIntrinsicSize = `auto ${heights[at]}px`;
      node.classList.add("is-measured");
    });
  }

  scrolled() {
    if (!this.list) return;
    const isByHand = this.keeper.isBehind;
    this.keeper.remember();
    if (this.scroller.scrollTop < EDGE) this.wires.onNearTop();
    if (this.keeper.fromBottom < EDGE) this.wires.onNearBottom();
    this.wires.onScroll(isByHand);
  }

  // ------------------------------------------------------------ what the keeper measures by

  /** @returns {{ key: string, top: number } | null} */
  findAnchor() {
    const edge = this.scroller.getBoundingClientRect().top;
    for (const section of this.inner.children) {
      if (section.getBoundingClientRect().bottom <= edge) continue;
      for (const node of section.querySelectorAll(".message")) {
        const box = node.getBoundingClientRect();
        if (box.bottom > edge) return { key: /** @type {HTMLElement} */ (node).dataset.key ?? "", top: box.top - edge };
      }
    }
    return null;
  }

  /** @param {string} key */
  topOf(key) {
    const node = this.nodeOf(key);
    return node ? node.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top : null;
  }

  /** @param {string} key @returns {HTMLElement | null} */
  nodeOf(key) {
    return this.viewOf(key)?.node ?? null;
  }

  /** @param {string} key @returns {MessageView | null} */
  viewOf(key) {
    const section = this.list?.sectionOf(key);
    return (section && this.sections.get(section.id)?.views.get(key)) ?? null;
  }

  /**
   * Put a message that is held into the page and hold it `top` px below the upper edge (undefined: in the middle).
   * @param {string} key
   * @param {number} [top]
   */
  reveal(key, top) {
    const section = this.list?.sectionOf(key);
    if (!this.list || !section) return null;
    const at = this.list.sections.indexOf(section);
    if (at < this.from || at >= this.until) {
      this.from = Math.max(0, at - MOST_SECTIONS / 2);
      this.until = Math.min(this.list.sections.length, this.from + MOST_SECTIONS);
      this.keeper.anchor = null;
      this.keeper.isPinned = false;
      this.draw();
    }
    const node = this.nodeOf(key);
    if (!node) return null;
    const height = node.getBoundingClientRect().height;
    this.keeper.hold(key, top ?? Math.max(20, (this.scroller.clientHeight - height) / 2));
    this.onScroll();
    return node;
  }

  /** The day of the first message in sight, for the floating pill. */
  dayInSight() {
    const edge = this.scroller.getBoundingClientRect().top + 34;
    for (const section of this.inner.children) {
      if (section.getBoundingClientRect().bottom <= edge) continue;
      for (const node of section.children) {
        if (node.getBoundingClientRect().bottom <= edge) continue;
        // A pill of its own is in the way: the floating one would say it twice.
        if (node.classList.contains("day")) return "";
        const key = /** @type {HTMLElement} */ (node).dataset.key;
        const message = key ? this.list?.get(key) : null;
        if (message) return dayLabel(message.timestamp, Date.now());
      }
    }
    return "";
  }
}

/** @param {string} timestamp */
function dayPill(timestamp) {
  return el("div.day", {}, el("span", {}, dayLabel(timestamp, Date.now())));
}
