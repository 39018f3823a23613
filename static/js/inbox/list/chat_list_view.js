// The chat list in the page: chips, search, pages as somebody scrolls. Only the rows in sight exist, each kept by its chat, so
// a row that jumps to the top takes neither scroll nor focus from anybody.

import { t } from "../../lib/strings.js";
import * as api from "../../net/api.js";
import { el, need, oncePerFrame, refill } from "../../ui/dom.js";
import { emptyState, errorState, rowSkeletons } from "../../ui/states.js";
import { ChatList, withUnsent } from "./chat_list.js";
import { ChatRow } from "./chat_row.js";
import { CustomerResults } from "./customer_results.js";

const page = getComputedStyle(document.documentElement);
const ROW = parseFloat(page.getPropertyValue("--spacing-row")) * parseFloat(page.fontSize); // px: the rows are in rem
const SPARE = 8; // rows kept beyond either edge
const PAGE = 50;
const TYPING = 250; // ms of rest before a search is sent

/** @typedef {import("../inbox.js").Inbox} Inbox @typedef {import("./chat_list.js").Filter} Filter */

/** @type {[Filter, () => string][]} */
const CHIPS = [
  ["all", () => t("All")],
  ["unread", () => t("Unread")],
  ["waiting", () => t("Waiting")],
];

export class ChatListView {
  /**
   * @param {HTMLElement} root
   * @param {Inbox} inbox
   */
  constructor(root, inbox) {
    this.inbox = inbox;
    this.list = new ChatList();
    this.scroller = need(root, "[data-list-scroll]");
    this.rows = need(root, "[data-chats]");
    this.state = need(root, "[data-list-state]");
    this.customers = new CustomerResults(need(root, "[data-customer-results]"), inbox);
    this.search = /** @type {HTMLInputElement} */ (need(root, "[data-search]"));
    /** @type {Map<number, ChatRow>} */
    this.shown = new Map();
    this.isLoading = false;
    this.asked = 0;
    /** @type {Map<number, Chat>} changed while a page was on its way, which may show them as they were */
    this.early = new Map();
    /** @type {number | null} the row that Tab reaches */
    this.tabId = null;
    this.drawSoon = oncePerFrame(() => this.draw());
    this.buildChips(need(root, "[data-chips]"));
    this.listen();
    setInterval(() => this.draw(), 30_000); // times and waiting times move on
  }

  /** @param {HTMLElement} place */
  buildChips(place) {
    this.chips = CHIPS.map(([filter, label]) => {
      const count = el("span.chip-count");
      const chip = el(
        "button.chip",
        { type: "button", "aria-pressed": String(filter === this.list.filter), onclick: () => this.choose(filter) },
        label(),
        count,
      );
      return { filter, chip, count };
    });
    refill(
      place,
      this.chips.map(({ chip }) => chip),
    );
  }

  listen() {
    this.scroller.addEventListener(
      "scroll",
      () => {
        this.drawSoon();
        this.loadMoreNearEnd();
      },
      { passive: true },
    );
    new ResizeObserver(() => this.drawSoon()).observe(this.scroller);
    this.rows.addEventListener("click", (event) => this.onClick(event));
    this.rows.addEventListener("keydown", (event) => this.onKey(event));
    this.rows.addEventListener("focusin", (event) => {
      this.tabId = Number(/** @type {HTMLElement} */ (event.target).closest("li")?.dataset.id ?? this.tabId);
    });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    this.search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.load(), TYPING);
    });
    this.search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" || event.key === "Enter") {
        event.preventDefault();
        this.focusRow(0);
      } else if (event.key === "Escape" && this.search.value) {
        event.preventDefault();
        this.clearSearch();
      }
    });
  }

  clearSearch() {
    this.search.value = "";
    void this.load();
  }

  // ------------------------------------------------------------ loading

  /** @param {Filter} filter */
  choose(filter) {
    for (const { filter: other, chip } of this.chips ?? []) chip.setAttribute("aria-pressed", String(other === filter));
    void this.load(filter);
  }

  /** Anew, with what is asked for now. @param {Filter} [filter] */
  async load(filter = this.list.filter) {
    this.list.ask(filter, this.search.value.trim());
    this.scroller.scrollTop = 0;
    this.draw();
    this.customers.clear();
    refill(this.state, rowSkeletons(9));
    await this.fetch(true);
  }

  /** The newest page again, under what is shown: after a reset of the feed. */
  async reload() {
    await this.fetch(true, true);
  }

  /**
   * @param {boolean} isFirst
   * @param {boolean} [isQuiet] what is shown stays when it fails
   */
  async fetch(isFirst, isQuiet = false) {
    const ticket = (this.asked += 1);
    const { filter, query, cursor } = this.list;
    const parts = new URLSearchParams({ filter, limit: String(PAGE) });
    if (query) parts.set("q", query);
    if (!isFirst && cursor) parts.set("cursor", cursor);
    this.isLoading = true;
    this.early.clear();
    try {
      const [page, people] = await Promise.all([
        api.get(`/api/chats?${parts}`),
        isFirst && !isQuiet ? this.customers.find(query) : null,
      ]);
      if (ticket !== this.asked) return;
      if (people) this.customers.show(people);
      this.isLoading = false;
      for (const chat of page.chats) this.inbox.note(chat);
      this.list.addPage({ ...page, chats: page.chats.map((/** @type {Chat} */ chat) => this.dress(chat)) }, isFirst);
      for (const chat of this.early.values()) {
        this.inbox.note(chat);
        this.list.put(this.dress(chat));
      }
      this.drawState();
      this.draw();
    } catch (error) {
      if (ticket !== this.asked) return;
      this.isLoading = false;
      if (isQuiet) return;
      refill(
        this.state,
        errorState(/** @type {Error} */ (error), () => {
          refill(this.state, rowSkeletons(isFirst ? 9 : 1));
          void this.fetch(isFirst);
        }),
      );
    }
  }

  loadMoreNearEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    if (this.isLoading || !this.list.cursor || scrollHeight - clientHeight - scrollTop > 12 * ROW) return;
    refill(this.state, rowSkeletons(2));
    void this.fetch(false);
  }

  drawState() {
    const { list, state } = this;
    if (list.chats.length || !list.isLoaded || !this.customers.isEmpty) {
      state.replaceChildren();
    } else if (list.query) {
      refill(
        state,
        emptyState({
          icon: "search",
          title: t("Nothing found"),
          text: t("Nobody with “{query}” in the name or number.", { query: list.query }),
          action: { label: t("Clear the search"), run: () => this.clearSearch() },
        }),
      );
    } else if (list.filter === "all") {
      refill(
        state,
        emptyState({ icon: "chat", title: t("No chats yet"), text: t("As soon as a customer writes, the chat appears here.") }),
      );
    } else {
      refill(
        state,
        emptyState({
          icon: "check",
          title: list.filter === "unread" ? t("All is read") : t("Nobody is waiting"),
          action: { label: t("Show all chats"), run: () => this.choose("all") },
        }),
      );
    }
  }

  // ------------------------------------------------------------ changes

  /** @param {Chat} chat as it is now */
  put(chat) {
    if (this.isLoading) this.early.set(chat.id, chat);
    const anchor = this.anchor();
    if (this.list.put(this.dress(chat))) {
      this.drawState();
      this.draw(anchor);
    }
  }

  /** With what has not left this browser. @param {Chat} chat */
  dress(chat) {
    const { sender } = this.inbox;
    return withUnsent(
      chat,
      sender.outbox.of(chat.id).map((entry) => sender.bubbleOf(entry)),
    );
  }

  /** @param {number | null} chatId the chat that is open now */
  open(chatId) {
    if (chatId !== null) this.tabId = chatId;
    const anchor = this.anchor();
    if (this.list.open(chatId)) this.drawState();
    this.draw(anchor);
  }

  /** @param {{ all: number, unread: number, waiting: number }} counts */
  showCounts(counts) {
    for (const { filter, count } of this.chips ?? [])
      count.textContent = filter !== "all" && counts[filter] ? ` ${counts[filter]}` : "";
  }

  // ------------------------------------------------------------ drawing

  /** The first row in sight: it stays where it is when others move. */
  anchor() {
    if (this.scroller.scrollTop < ROW / 2) return null; // at the top: new chats are wanted in sight
    const index = Math.floor(this.scroller.scrollTop / ROW);
    const chat = this.list.chats[index];
    return chat ? { id: chat.id, index } : null;
  }

  /** @param {{ id: number, index: number } | null} [anchor] */
  draw(anchor = null) {
    const { chats } = this.list;
    this.rows.style.height = `${chats.length * ROW}px`;
    const moved = anchor ? chats.findIndex((chat) => chat.id === anchor.id) : -1;
    if (anchor && moved >= 0 && moved !== anchor.index) this.scroller.scrollTop += (moved - anchor.index) * ROW;
    const from = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - SPARE);
    const until = Math.min(chats.length, Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW) + SPARE);
    const now = Date.now();
    const wanted = chats.slice(from, until);
    const ids = new Set(wanted.map((chat) => chat.id));
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("li.chat-item") ?? null);
    for (const [id, row] of this.shown) {
      if (ids.has(id)) continue;
      row.node.remove();
      this.shown.delete(id);
    }
    if (!chats.some((chat) => chat.id === this.tabId)) this.tabId = chats[0]?.id ?? null;
    let place = this.rows.firstElementChild;
    wanted.forEach((chat, at) => {
      let row = this.shown.get(chat.id);
      if (!row) this.shown.set(chat.id, (row = new ChatRow(chat.id)));
      row.update(chat, {
        draft: this.inbox.drafts.textOf(chat.id),
        isOpen: chat.id === this.list.openedId,
        now,
        position: from + at + 1,
        size: this.list.cursor ? -1 : chats.length,
      });
      row.node.style.transform = `translateY(${(from + at) * ROW}px)`;
      row.link.tabIndex = chat.id === this.tabId ? 0 : -1;
      if (row.node === place) place = row.node.nextElementSibling;
      else this.rows.insertBefore(row.node, place);
    });
    if (focused?.isConnected && !focused.contains(document.activeElement))
      focused.querySelector("a")?.focus({ preventScroll: true });
  }

  // ------------------------------------------------------------ pointer and keys

  /** @param {MouseEvent} event */
  onClick(event) {
    const link = /** @type {HTMLElement} */ (event.target).closest("a.chat-row");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const id = Number(/** @type {HTMLElement} */ (link.closest("li")).dataset.id);
    void this.inbox.openChat(id);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const at = this.list.chats.findIndex((chat) => chat.id === this.tabId);
    const last = this.list.chats.length - 1;
    const step = Math.max(1, Math.floor(this.scroller.clientHeight / ROW) - 1);
    /** @type {Record<string, number>} */
    const targets = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: last,
      PageDown: Math.min(at + step, last),
      PageUp: Math.max(at - step, 0),
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    if (target < 0) this.search.focus();
    else this.focusRow(event.key === "ArrowDown" && !this.customers.isEmpty ? target : Math.min(target, last));
  }

  /** @param {number} index */
  focusRow(index) {
    const chat = this.list.chats[index];
    if (!chat) {
      this.customers.focus();
      return;
    }
    this.tabId = chat.id;
    const top = index * ROW;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + ROW > this.scroller.scrollTop + this.scroller.clientHeight)
      this.scroller.scrollTop = top + ROW - this.scroller.clientHeight;
    this.draw();
    this.shown.get(chat.id)?.link.focus({ preventScroll: true });
  }

  /** Back from a chat. @param {number} chatId */
  focusChat(chatId) {
    const index = this.list.chats.findIndex((chat) => chat.id === chatId);
    if (index >= 0) this.focusRow(index);
  }

  /** The chat above or below the open one. @param {1 | -1} by */
  neighbour(by) {
    const at = this.list.chats.findIndex((chat) => chat.id === this.list.openedId);
    return this.list.chats[at < 0 ? 0 : at + by] ?? null;
  }
}
