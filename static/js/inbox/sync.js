// Keeps the store in line with the server: hands on what the feed says, has fetched what it does not carry.

import * as api from "../net/api.js";
import { Feed } from "../net/feed.js";
import { forgetTemplates } from "../net/templates.js";
import { onNextFrame } from "../ui/dom.js";

/** @typedef {import("./store.js").Store} Store @typedef {import("../net/refetcher.js").Refetcher} Refetcher */

export class Sync {
  /** @param {Store} store @param {Refetcher} refetcher @param {() => void} onHurry the line is back, the page is looked at again */
  constructor(store, refetcher, onHurry) {
    this.store = store;
    this.refetcher = refetcher;
    this.onHurry = onHurry;
    this.isDrawing = false;
    /** @type {Frame[]} came, and not taken yet */
    this.waiting = [];
    this.feed = new Feed({
      poll: (since) => api.get(`/api/updates?since=${since}`),
      openSocket: (since) => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/live?since=${since}`),
      onFrame: (frame) => this.takeSoon(frame),
      onReset: () => {
        this.waiting = []; // older than what is loaded now
        this.reload();
      },
      onState: (state) => this.onState(state),
      isHidden: () => document.hidden,
    });
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => !document.hidden && this.hurry());
  }

  hurry() {
    this.feed.hurry();
    this.onHurry();
  }

  /** @param {"live" | "polling" | "down"} state */
  onState(state) {
    this.store.set("feed", state);
    if (state === "live") this.onHurry();
  }

  /** At once; what comes before the screen has been drawn is taken together, then. @param {Frame} frame */
  takeSoon(frame) {
    if (this.isDrawing) return void this.waiting.push(frame);
    this.isDrawing = true;
    this.take(frame);
    onNextFrame(() => {
      this.isDrawing = false;
      for (const one of this.waiting.splice(0)) this.take(one);
    });
  }

  /** @param {Frame} frame */
  take(frame) {
    const { store } = this;
    store.applyFrame(frame);
    const { isTooMuch, outdated } = this.refetcher.complete(frame, store.openId);
    for (const chatId of outdated) store.touch("outdated", chatId);
    if (isTooMuch) store.touch("list");
    for (const change of frame.changes) this.tell(change);
  }

  /** What is no row of a chat or message. @param {Change} change */
  tell(change) {
    const { store } = this;
    const { kind, conversation_id: chatId, origin, user_id: userId } = change;
    if (kind === "status.updated") store.touch("status");
    else if (kind === "templates.updated") forgetTemplates();
    else if (kind === "customers.updated" || kind === "conversation.merged") this.reload();
    else if (kind === "contact.updated" && chatId === null) store.touch("list");
    else if (kind === "message.created" && origin === "live" && userId === null && chatId !== null)
      store.touch("arrived", change);
  }

  /** The log does not reach back to what this page knows, or more has changed than it names. */
  reload() {
    const { store, refetcher } = this;
    store.touch("reload");
    if (store.openId !== null) refetcher.chat(store.openId);
    refetcher.counts();
  }
}
