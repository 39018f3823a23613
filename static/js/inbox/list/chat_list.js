// The chats of the list: in order, once each, only those the chosen filter wants. Pages from the server and single chats that
// have changed go in by the same door, so a filter governs live arrivals and later pages alike.

/** @typedef {"all" | "unread" | "waiting"} Filter */

/** @type {Record<Filter, (chat: Chat) => boolean>} */
const WANTED = {
  // One that was opened to look at a customer who never wrote is in no list until something is written.
  all: (chat) => !chat.archived_at && Boolean(chat.last_message || chat.kind === "group"),
  unread: (chat) => !chat.archived_at && chat.unread_count > 0,
  waiting: (chat) => !chat.archived_at && Boolean(chat.waiting_since),
};

/**
 * Newest first; the same second: the later arrival first.
 * @param {Chat} a
 * @param {Chat} b
 */
function compareChats(a, b) {
  const [at, bt] = [a.last_message?.timestamp ?? "", b.last_message?.timestamp ?? ""];
  if (at !== bt) return at < bt ? 1 : -1;
  return (b.last_message?.id ?? 0) - (a.last_message?.id ?? 0) || b.id - a.id;
}

/**
 * The chat with its newest message that is still on its way from this browser, or was refused, as its last one.
 * @param {Chat} chat
 * @param {Message[]} unsent oldest first
 * @returns {Chat}
 */
export function withUnsent(chat, unsent) {
  const newest = unsent.at(-1);
  if (!newest) return chat;
  const timestamp = `${newest.timestamp.slice(0, 19)}Z`; // whole seconds, as the server tells them
  if (chat.last_message && timestamp < chat.last_message.timestamp) return chat;
  const { text, type, direction, status, sender, media } = newest;
  return {
    ...chat,
    last_message: { id: Number.MAX_SAFE_INTEGER, text, type, direction, status, timestamp, sender, media, deleted_at: null },
  };
}

export class ChatList {
  constructor() {
    /** @type {Filter} */
    this.filter = "all";
    this.query = "";
    /** @type {Chat[]} */
    this.chats = [];
    /** @type {string | null} where the next page begins */
    this.cursor = null;
    this.isLoaded = false;
    /** The opened row stays until it is left, also when its filter does not want it any more. @type {number | null} */
    this.openedId = null;
  }

  /**
   * @param {Filter} filter
   * @param {string} query
   */
  ask(filter, query) {
    this.filter = filter;
    this.query = query;
    this.chats = [];
    this.cursor = null;
    this.isLoaded = false;
  }

  /**
   * @param {{ chats: Chat[], next_cursor: string | null }} page
   * @param {boolean} isFirst the newest page, which also says what is gone
   */
  addPage(page, isFirst) {
    const kept = isFirst ? this.chats.filter((chat) => chat.id === this.openedId) : this.chats;
    const known = new Set(page.chats.map((chat) => chat.id));
    this.chats = [...kept.filter((chat) => !known.has(chat.id)), ...page.chats].sort(compareChats);
    this.cursor = page.next_cursor;
    this.isLoaded = true;
  }

  /**
   * A chat as it is now.
   * @param {Chat} chat
   * @returns {boolean} whether the list shows something else than before
   */
  put(chat) {
    const at = this.chats.findIndex((other) => other.id === chat.id);
    if (at >= 0) this.chats.splice(at, 1);
    if (!this.wants(chat, at >= 0)) return at >= 0;
    this.chats.push(chat);
    this.chats.sort(compareChats);
    return true;
  }

  /**
   * @param {Chat} chat
   * @param {boolean} isShown
   */
  wants(chat, isShown) {
    if (chat.id === this.openedId && isShown) return true;
    if (!WANTED[this.filter](chat)) return false;
    if (isShown) return true;
    if (this.query) return false; // only the server knows what a search finds
    const last = this.chats.at(-1);
    // Beyond the loaded pages it would stand at a wrong place; its page will bring it.
    return !this.cursor || !last || compareChats(chat, last) < 0;
  }

  /**
   * The row that was open is left: it goes when the filter does not want it.
   * @param {number | null} chatId the one that is open now
   * @returns {boolean} whether a row went
   */
  open(chatId) {
    const left = this.openedId;
    this.openedId = chatId;
    if (left === null || left === chatId) return false;
    const at = this.chats.findIndex((chat) => chat.id === left);
    const chat = this.chats[at];
    if (!chat || WANTED[this.filter](chat)) return false;
    this.chats.splice(at, 1);
    return true;
  }

  /** @param {number} chatId */
  find(chatId) {
    return this.chats.find((chat) => chat.id === chatId) ?? null;
  }
}
