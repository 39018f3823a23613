// The messages that are held: a stretch of the open chat, page by page, and the newest ones of chats that were open.

import * as api from "../../net/api.js";
import { MessageList, keyOf } from "./message_list.js";

const PAGE = 50;
const CACHED_CHATS = 20;

/**
 * @typedef {object} Page
 * @property {Message[]} messages
 * @property {string | null} next_cursor
 * @property {string | null} [prev_cursor]
 * @property {number | null} first_unread_id
 * @property {Map<string, Message>} [early] what came while the page was on its way, by key: newer than the page, or not in it
 */

export class MessagePages {
  /**
   * @param {(chatId: number) => Message[]} unsentOf what was typed here and has not left
   * @param {(id: number) => void} refetch a message whose row came without its links
   * @param {(path: string) => Promise<any>} [get] tests bring their own
   */
  constructor(unsentOf, refetch, get = api.get) {
    this.unsentOf = unsentOf;
    this.refetch = refetch;
    this.get = get;
    /** @type {number | null} */
    this.chatId = null;
    this.list = new MessageList();
    /** @type {Map<number, MessageList>} of chats that were open: painted at once when they open again */
    this.cache = new Map();
    /** @type {symbol | null} the page on its way; its call is void once the stretch it belongs to is gone */
    this.loading = null;
    /** @type {Set<Map<string, Message>>} `early` of each page that is on its way */
    this.inAir = new Set();
  }

  /** @param {Chat} chat @returns {Page | null} what is known of it already */
  open(chat) {
    this.chatId = chat.id;
    this.list = new MessageList();
    this.loading = null;
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
    const early = new Map();
    this.inAir.add(early);
    try {
      return { ...(await this.get(`/api/messages?conversation_id=${chatId}&limit=${PAGE}${where}`)), early };
    } finally {
      this.inAir.delete(early);
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
    this.settle(page);
  }

  /** The page before the stretch. @param {Page} page */
  addOlder(page) {
    this.list.addOlder(page);
    this.settle(page);
  }

  /** The page after the stretch. @param {Page} page */
  addNewer(page) {
    this.list.addNewer(page);
    this.settle(page);
  }

  /** A page of which the stretch holds a part already. @param {Page} page */
  merge(page) {
    for (const message of page.messages) this.list.put(message);
    this.settle(page);
  }

  /** After every page: what is newer than it, and what was typed here and belongs to the stretch. @param {Page} page */
  settle({ early = new Map() }) {
    for (const message of early.values()) this.lay(message);
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
    for (const early of this.inAir) early.set(keyOf(message), message);
    return this.list.isLoaded ? this.lay(message) : "outside";
  }

  /** Into the stretch. @param {Message} message */
  lay(message) {
    const full = withLinks(message, this.list.get(keyOf(message)));
    const outcome = this.list.put(full);
    if (outcome !== "outside" && full.id !== null && lacksLinks(full)) this.refetch(full.id);
    return outcome;
  }

  /** What was typed here and is discarded. @param {string} key */
  remove(key) {
    for (const early of this.inAir) early.delete(key);
    this.list.remove(key);
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
 * A frame of the feed is the same for everybody and tells no links into Google Drive, which only some may see. Those that came with
 * a call are kept, as long as the file is where it was.
 * @param {Message} message
 * @param {Message | null} known
 */
function withLinks(message, known) {
  const { media } = message;
  const before = known?.media;
  if (!media || !before || media.drive_url !== undefined || media.stored_in !== before.stored_in) return message;
  const { drive_url, public_url } = before;
  return { ...message, media: { ...media, drive_url, public_url } };
}

/** Not even that there are none for this person. @param {Message} message */
const lacksLinks = ({ media }) => Boolean(media?.stored_in) && media?.stored_in !== "here" && media?.drive_url === undefined;

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
