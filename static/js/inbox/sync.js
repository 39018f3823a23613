// Keeps the page in line with the server: listens to the feed and fetches what has changed, each thing once.

import * as api from "../net/api.js";
import { Feed } from "../net/feed.js";
import { Refetcher } from "../net/refetcher.js";
import { forgetTemplates } from "../net/templates.js";

const COUNTS_AFTER = 300; // ms: one count for a burst
const TOO_MANY = 40; // chats in one answer: the newest page is cheaper

/** @typedef {import("./inbox.js").Inbox} Inbox */

export class Sync {
  /** @param {Inbox} inbox */
  constructor(inbox) {
    this.inbox = inbox;
    /** @type {Set<number>} chats in which a customer wrote just now */
    this.toRing = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.countTimer = undefined;
    this.chats = new Refetcher(
      (id) => api.get(`/api/chats/${id}`),
      ({ chat }) => this.gotChat(chat),
    );
    this.messages = new Refetcher(
      (id) => api.get(`/api/messages/${id}`),
      ({ message }) => inbox.putMessage(message),
    );
    this.feed = new Feed({
      poll: (since) => api.get(`/api/updates?since=${since}`),
      openSocket: (since) => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/live?since=${since}`),
      onChanges: (changes) => this.onChanges(changes),
      onReset: () => this.reloadAll(),
      onState: (state) => this.onState(state),
      isHidden: () => document.hidden,
    });
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => !document.hidden && this.hurry());
  }

  hurry() {
    this.feed.hurry();
    this.inbox.outbox.hurry();
  }

  /** @param {"live" | "polling" | "down"} state */
  onState(state) {
    this.inbox.banner.setFeed(state);
    if (state === "live") this.inbox.outbox.hurry();
  }

  /** @param {Change[]} changes */
  onChanges(changes) {
    /** @type {Set<number>} */
    const chats = new Set();
    for (const change of changes) {
      if (change.conversation_id !== null) chats.add(change.conversation_id);
      this.takeOne(change);
    }
    if (chats.size > TOO_MANY) void this.inbox.listView.reload();
    else for (const id of chats) this.chats.ask(id);
    const open = this.inbox.chatId;
    if (chats.size > TOO_MANY && open !== null) this.chats.ask(open);
    if (chats.size) this.countSoon();
  }

  /** @param {Change} change */
  takeOne(change) {
    const { inbox } = this;
    const { kind, conversation_id: chatId, message_id: messageId } = change;
    if (kind === "status.updated") void inbox.banner.refresh();
    else if (kind === "templates.updated") forgetTemplates();
    else if (kind === "customers.updated" || kind === "conversation.merged") this.reloadAll();
    else if (kind === "contact.updated" && chatId === null) void inbox.listView.reload();
    if (!kind.startsWith("message.") || messageId === null) return;
    if (chatId === inbox.chatId) this.messages.ask(messageId);
    else if (chatId !== null && kind === "message.updated") inbox.thread.cache.delete(chatId);
    if (kind === "message.created" && change.origin === "live" && change.user_id === null && chatId !== null)
      this.toRing.add(chatId);
  }

  /** @param {Chat} chat */
  gotChat(chat) {
    this.inbox.putChat(chat);
    if (this.toRing.delete(chat.id)) this.inbox.attention.ring(chat);
  }

  /** The log does not reach back to what this page knows. */
  reloadAll() {
    void this.inbox.listView.reload();
    void this.inbox.thread.reload();
    void this.inbox.banner.refresh();
    if (this.inbox.chatId !== null) this.chats.ask(this.inbox.chatId);
    this.countSoon();
  }

  countSoon() {
    clearTimeout(this.countTimer);
    this.countTimer = setTimeout(() => void this.count(), COUNTS_AFTER);
  }

  async count() {
    try {
      this.inbox.showCounts(await api.get("/api/chats/counts"));
    } catch {
      // The next change counts again.
    }
  }
}
