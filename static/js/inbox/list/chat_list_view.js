// The chat list in the page: chips, search, pages as somebody scrolls. Only the rows in sight exist, each kept by its chat, so
// a row that jumps to the top takes neither scroll nor focus from anybody.

import * as api from "../../net/api.js";
import { Retry } from "../../net/retry.js";
import { need, oncePerFrame, refill } from "../../ui/dom.js";
import { KeyedNodes } from "../../ui/keyed.js";
import { Part } from "../../ui/part.js";
import { errorState, rowSkeletons } from "../../ui/states.js";
import { ChatList, withUnsent } from "./chat_list.js";
import { ChatRow } from "./chat_row.js";
import { CustomerResults } from "./customer_results.js";
import { emptyList } from "./empty_list.js";
import { FilterChips } from "./filter_chips.js";

const page = getComputedStyle(document.documentElement);
const ROW = parseFloat(page.getPropertyValue("--spacing-row")) * parseFloat(page.fontSize); // px: the rows are in rem
const SPARE = 8; // rows kept beyond either edge
const PAGE = 50;
const TYPING = 250; // ms of rest before a search is sent

/**
 * @typedef {import("../store.js").Store} Store
 * @typedef {import("./chat_list.js").Filter} Filter
 * @typedef {object} Wires
 * @property {(chatId: number) => void} open
 * @property {(chatId: number) => Message[]} unsentOf what was typed here and has not left, oldest first
 */

/** @extends {Part<Store>} */
export class ChatListView extends Part {
  /** @param {HTMLElement} root @param {Store} store @param {Wires} wires */
  constructor(root, store, wires) {
    super(root, store);
    this.wires = wires;
    this.list = new ChatList();
    this.scroller = need(root, "[data-list-scroll]");
    this.state = need(root, "[data-list-state]");
    this.search = /** @type {HTMLInputElement} */ (need(root, "[data-search]"));
    this.chips = new FilterChips(need(root, "[data-chips]"), (filter) => this.choose(filter));
    this.customers = new CustomerResults(need(root, "[data-customer-results]"), (phone) => this.openNew(phone));
    this.rowsRoot = need(root, "[data-chats]");
    this.rows = new KeyedNodes(
      this.rowsRoot,
      (/** @type {Chat} */ chat) => chat.id,
      (chat) => new ChatRow(chat.id),
    );
    this.isLoading = false;
    this.asked = 0;
    /** @type {Set<number>} chats that changed while a page was on its way: it may lack them */
    this.early = new Set();
    /** The newest page again, under what is shown. */
    this.reloading = new Retry(() => this.fetch(true, true), this.signal);
    /** @type {number | null} the row that Tab reaches */
    this.tabId = null;
    this.drawSoon = oncePerFrame(() => this.draw());
    this.hear();
    this.follow();
    this.every(30_000, () => this.draw()); // times and waiting times move on
  }

  follow() {
    const { store } = this;
    this.watch("open", () => this.openRow(store.openId));
    this.watch("chats", (ids) => this.put(ids));
    this.watch("unsent", (ids) => this.put(ids));
    this.watch("drafts", () => this.drawSoon());
    this.watch("counts", () => this.chips.show(store.counts));
    this.watch("list", () => this.reloading.start());
    this.watch("reload", () => this.reloading.start());
    this.watch("feed", () => store.feed === "live" && this.reloading.hurry());
  }

  hear() {
    const scrolled = () => {
      this.drawSoon();
      this.loadMoreNearEnd();
    };
    this.listen(this.scroller, "scroll", scrolled, { passive: true });
    new ResizeObserver(() => this.drawSoon()).observe(this.scroller);
    this.listen(this.rowsRoot, "click", (event) => this.onClick(event));
    this.listen(this.rowsRoot, "keydown", (event) => this.onKey(event));
    this.listen(this.rowsRoot, "focusin", (event) => {
      this.tabId = Number(event.target.closest("li")?.dataset.id ?? this.tabId);
    });
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    this.listen(this.search, "input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.load(), TYPING);
    });
    this.listen(this.search, "keydown", (event) => {
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
    this.chips.press(filter);
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

  /**
   * @param {boolean} isFirst
   * @param {boolean} [isQuiet] what is shown stays when it fails
   * @throws {api.ApiError} when it is quiet
   */
  async fetch(isFirst, isQuiet = false) {
    const ticket = (this.asked += 1);
    const { filter, query, cursor } = this.list;
    const parts = new URLSearchParams({ filter, limit: String(PAGE) });
    if (query) parts.set("q", query);
    if (!isFirst && cursor) parts.set("cursor", cursor);
    this.isLoading = true;
    this.early.clear();
    const asked = this.store.moment();
    try {
      const [page, people] = await Promise.all([
        api.get(`/api/chats?${parts}`),
        isFirst && !isQuiet ? this.customers.find(query) : null,
      ]);
      if (ticket !== this.asked) return;
      if (people) this.customers.show(people);
      this.isLoading = false;
      this.store.noteChats(page.chats, asked);
      this.list.addPage({ ...page, chats: page.chats.map((/** @type {Chat} */ { id }) => this.dressed(id)) }, isFirst);
      for (const id of this.early) this.list.put(this.dressed(id));
      this.drawState();
      this.draw();
    } catch (error) {
      if (ticket !== this.asked) return;
      this.isLoading = false;
      if (isQuiet && this.list.isLoaded) {
        this.drawState();
        throw error;
      }
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
    if (list.chats.length || !list.isLoaded || !this.customers.isEmpty) state.replaceChildren();
    else refill(state, emptyList(list, { clearSearch: () => this.clearSearch(), showAll: () => this.choose("all") }));
  }

  // ------------------------------------------------------------ changes

  /** @param {Set<number>} ids of chats that are other than before */
  put(ids) {
    const anchor = this.anchor();
    let isOther = false;
    for (const id of ids) {
      if (!this.store.chats.has(id)) continue;
      if (this.isLoading) this.early.add(id);
      isOther = this.list.put(this.dressed(id)) || isOther;
    }
    if (!isOther) return;
    this.drawState();
    this.draw(anchor);
  }

  /** As last heard of, with what has not left this browser. @param {number} id of a chat that is known */
  dressed(id) {
    return withUnsent(/** @type {Chat} */ (this.store.chats.get(id)), this.wires.unsentOf(id));
  }

  /** @param {number | null} chatId the chat that is open now */
  openRow(chatId) {
    const left = this.list.openedId;
    if (chatId !== null) this.tabId = chatId;
    const anchor = this.anchor();
    if (this.list.open(chatId)) this.drawState();
    this.draw(anchor);
    if (chatId === null && left !== null) this.focusChat(left);
  }

  /** There was no chat with that customer yet. @param {string} phone */
  async openNew(phone) {
    const asked = this.store.moment();
    const { chat } = await api.post("/api/chats", { phone });
    this.store.noteChats([chat], asked);
    this.wires.open(chat.id);
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
    this.rowsRoot.style.height = `${chats.length * ROW}px`;
    const moved = anchor ? chats.findIndex((chat) => chat.id === anchor.id) : -1;
    if (anchor && moved >= 0 && moved !== anchor.index) this.scroller.scrollTop += (moved - anchor.index) * ROW;
    const from = Math.max(0, Math.floor(this.scroller.scrollTop / ROW) - SPARE);
    const until = Math.min(chats.length, Math.ceil((this.scroller.scrollTop + this.scroller.clientHeight) / ROW) + SPARE);
    const now = Date.now();
    const wanted = chats.slice(from, until);
    const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest("li.chat-item") ?? null);
    if (!chats.some((chat) => chat.id === this.tabId)) this.tabId = chats[0]?.id ?? null;
    this.rows.draw(wanted, (row, chat, at) => {
      row.update(chat, {
        draft: this.store.drafts.textOf(chat.id),
        isOpen: chat.id === this.list.openedId,
        now,
        position: from + at + 1,
        size: this.list.cursor ? -1 : chats.length,
      });
      row.node.style.transform = `translateY(${(from + at) * ROW}px)`;
      row.link.tabIndex = chat.id === this.tabId ? 0 : -1;
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
    this.wires.open(id);
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
    this.rows.get(chat.id)?.link.focus({ preventScroll: true });
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
