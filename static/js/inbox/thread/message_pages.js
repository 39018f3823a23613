// The messages that are held: a stretch of the open chat, page by page, and the newest ones of chats that were open.

import * as api from "../../net/api.js";
import { MessageList, keyOf } from "./message_list.js";

const PAGE = 50;
const CACHED_CHATS = 20;

/** @typedef {{ messages: Message[], next_cursor: string | null, prev_cursor?: string | null, first_unread_id: number | null }} Page */

export class MessagePages {
  /**
   * @param {(chatId: number) => Message[]} unsentOf what was typed here and has not left
   * @param {(path: string) => Promise<any>} [get] tests bring their own
   */
  constructor(unsentOf, get = api.get) {
    this.unsentOf = unsentOf;
    this.get = get;
    /** @type {number | null} */
    this.chatId = null;
    this.list = new MessageList();
    /** @type {Map<number, MessageList>} of chats that were open: painted at once when they open again */
    this.cache = new Map();
    /** @type {symbol | null} the page on its way; its call is void once the stretch it belongs to is gone */
    this.loading = null;
    this.inAir = 0;
    /** @type {Map<string, Message>} came while a page was on its way, which may not hold them yet */
    this.early = new Map();
  }

  /** @param {Chat} chat @returns {Page | null} what is known of it already */
  open(chat) {
    this.chatId = chat.id;
    this.list = new MessageList();
    this.loading = null;
    this.early.clear();
    const cached = chat.unread_count ? undefined : this.cache.get(chat.id);
    return cached ? newestOf(cached) : null;
  }

  leave() {
    const { chatId, list } = this;
    this.chatId = null;
    this.list = new MessageList();
    this.loading = null;
    if (chatId === null || !list.isLoaded || !list.isAtEnd) return;
    const kept = new MessageList();
    kept.reset(newestOf(list));
    this.cache.delete(chatId);
    this.cache.set(chatId, kept);
    if (this.cache.size > CACHED_CHATS) this.cache.delete(/** @type {number} */ (this.cache.keys().next().value));
  }

  // ------------------------------------------------------------ pages

  /** The page with the first unread message in it, or the newest one. @param {Chat} chat @returns {Promise<Page>} */
  async first(chat) {
    const page = await this.fetch(chat.id, "");
    const unreadId = page.first_unread_id ?? guessFirstUnread(page.messages, chat.unread_count);
    const isAway = unreadId && this.chatId === chat.id && !page.messages.some((message) => message.id === unreadId);
    return { ...(isAway ? await this.fetch(chat.id, `&around=${unreadId}`) : page), first_unread_id: unreadId };
  }

  /** @param {number} chatId @param {string} where such as "&before=12", "" is the newest page @returns {Promise<Page>} */
  async fetch(chatId, where) {
    if (!this.inAir) this.early.clear();
    this.inAir += 1;
    try {
      return await this.get(`/api/messages?conversation_id=${chatId}&limit=${PAGE}${where}`);
    } finally {
      this.inAir -= 1;
    }
  }

  /**
   * A later call takes the place of an earlier one: a page of the stretch that is left must not go into the next one.
   * @param {string} where
   * @param {(page: Page) => void} add
   * @param {(error: Error) => void} onError
   */
  async more(where, add, onError) {
    const call = (this.loading = Symbol("page"));
    try {
      const page = await this.fetch(/** @type {number} */ (this.chatId), where);
      if (this.loading === call) add(page);
    } catch (error) {
      if (this.loading === call) onError(/** @type {Error} */ (error));
    } finally {
      if (this.loading === call) this.loading = null;
    }
  }

  /** The stretch begins anew with this page. @param {Page} page */
  reset(page) {
    this.loading = null;
    this.list.reset(page);
    for (const message of this.early.values()) this.list.put(message);
    this.putUnsent();
  }

  /** What was typed here and belongs to the stretch that is held. */
  putUnsent() {
    for (const message of this.unsentOf(this.chatId ?? 0)) this.list.put(message);
  }

  // ------------------------------------------------------------ single messages

  /**
   * As the server has it now, or as it was typed here.
   * @param {Message} message
   * @returns {"new" | "changed" | "outside"} outside: not part of the stretch that is held of the open chat
   */
  put(message) {
    if (message.conversation_id !== this.chatId) {
      this.cache.get(message.conversation_id)?.put(message);
      return "outside";
    }
    const full = withLinks(message, this.list.get(keyOf(message)));
    if (this.inAir) this.early.set(keyOf(full), full);
    return this.list.isLoaded ? this.list.put(full) : "outside";
  }
}

/** As a page, without what has not left. @param {MessageList} list @returns {Page} */
function newestOf(list) {
  const messages = list
    .all()
    .filter((message) => message.id !== null)
    .slice(-PAGE);
  return { messages, next_cursor: String(messages[0]?.id ?? "") || null, first_unread_id: null };
}

/**
 * A frame of the feed is the same for everybody; links into Google Drive come with a call of one's own and are kept, as long as the
 * file is there.
 * @param {Message} message
 * @param {Message | null} known
 */
function withLinks(message, known) {
  const { media } = message;
  if (!media || media.drive_url || media.stored_in === "here" || !known?.media?.drive_url) return message;
  const { drive_url, public_url } = known.media;
  return { ...message, media: { ...media, drive_url, public_url: media.public_url ?? public_url } };
}

/**
 * Where the server does not say which message is the first unread one: count the customer's from the end.
 * @param {Message[]} messages
 * @param {number} count
 */
function guessFirstUnread(messages, count) {
  if (!count) return null;
  const inbound = messages.filter((message) => message.direction === "in");
  return inbound[Math.max(0, inbound.length - count)]?.id ?? null;
}
