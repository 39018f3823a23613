// Who reads what: only what somebody has in front of them counts as read, and it is told to the server once.

import * as api from "../net/api.js";
import { Part } from "../ui/part.js";

const LOOK = 150; // ms

/** @typedef {import("./store.js").Store} Store @typedef {import("./thread/message_pages.js").MessagePages} MessagePages */

/** @extends {Part<Store>} */
export class Reading extends Part {
  /**
   * @param {HTMLElement} root
   * @param {Store} store
   * @param {MessagePages} pages
   */
  constructor(root, store, pages) {
    super(root, store);
    this.pages = pages;
    /** @type {Map<number, number>} chat -> the message up to which it was reported read */
    this.readUpTo = new Map();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.watch("stretch", () => this.markSoon());
    this.watch("chats", (ids) => ids.has(store.openId) && this.markSoon());
    this.listen(window, "focus", () => this.mark());
    this.listen(document, "visibilitychange", () => this.mark());
  }

  /** Somebody really looks: the chat is open, the tab in front, the window focused. */
  get isWatching() {
    return this.store.openId !== null && document.visibilityState === "visible" && document.hasFocus();
  }

  /** @param {number} chatId @param {number} messageId */
  hasRead(chatId, messageId) {
    return (this.readUpTo.get(chatId) ?? 0) >= messageId;
  }

  /** When it has been in front of somebody for a moment: what comes at once is told at once. */
  markSoon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.mark();
    }, LOOK);
  }

  mark() {
    const { chat } = this.store;
    const { list } = this.pages;
    if (!chat?.unread_count || !this.isWatching || !list.isLoaded) return;
    const newest = list.isAtEnd ? list.newest?.id : chat.last_message?.id;
    if (!newest || this.readUpTo.get(chat.id) === newest) return;
    this.readUpTo.set(chat.id, newest);
    void this.tell(chat.id, newest);
  }

  /** @param {number} chatId @param {number} messageId */
  async tell(chatId, messageId) {
    const asked = this.store.moment();
    try {
      const { chat } = await api.post(`/api/chats/${chatId}/read`, { message_id: messageId });
      this.store.applyAnswer({ chats: [chat] }, asked); // the counts come with the feed
    } catch {
      this.readUpTo.delete(chatId); // the next look tells it again
    }
  }
}
