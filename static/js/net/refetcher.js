// What a frame of the feed names and does not carry is fetched here, each thing once; what comes is a frame again. Where every
// frame carries its rows, this only repairs.

import * as api from "./api.js";
import { FetchQueue } from "./fetch_queue.js";

const COUNTS_AFTER = 300; // ms: one count for a burst
const AGAIN = 2000; // ms after a count that got no answer
const TOO_MANY = 40; // chats in one frame: the newest page of the list is cheaper

export class Refetcher {
  /**
   * @param {(frame: Partial<Frame>) => void} apply
   * @param {{ get?: (path: string) => Promise<any>, setTimer?: (run: () => void, ms: number) => any }} [wires] tests bring their own
   */
  constructor(apply, { get = api.get, setTimer = (run, ms) => setTimeout(run, ms) } = {}) {
    this.apply = apply;
    this.get = get;
    this.setTimer = setTimer;
    this.counted = 0; // raised by whatever makes an earlier count void
    const chat = (/** @type {{ chat: Chat }} */ answer) => apply({ chats: [answer.chat] });
    const message = (/** @type {{ message: Message }} */ answer) => apply({ messages: [answer.message] });
    this.chats = new FetchQueue((id) => get(`/api/chats/${id}`), chat, { setTimer });
    this.messages = new FetchQueue((id) => get(`/api/messages/${id}`), message, { setTimer });
  }

  /**
   * @param {Frame} frame
   * @param {number | null} openId of its chat every message is held; of the others none is fetched
   * @returns {{ isTooMuch: boolean, outdated: number[] }} `isTooMuch`: the list is to be asked anew; `outdated`: chats, not open,
   *   of which a message changed that did not come along
   */
  complete(frame, openId) {
    const chats = new Set(frame.chats?.map((chat) => chat.id));
    const messages = new Set(frame.messages?.map((message) => message.id));
    for (const id of chats) this.chats.supersede(id);
    for (const id of messages) this.messages.supersede(/** @type {number} */ (id));
    /** @type {Set<number>} */
    const missing = new Set();
    /** @type {Set<number>} */
    const outdated = new Set();
    for (const { kind, conversation_id: chatId, message_id: id } of frame.changes) {
      if (chatId === null) continue;
      if (!chats.has(chatId)) missing.add(chatId);
      if (!kind.startsWith("message.") || id === null || messages.has(id)) continue;
      if (chatId === openId) this.messages.ask(id);
      else if (kind === "message.updated") outdated.add(chatId);
    }
    const isTooMuch = missing.size > TOO_MANY;
    for (const id of missing) if (!isTooMuch || id === openId) this.chat(id);
    if (frame.counts) this.counted += 1;
    else if (frame.changes.some((change) => change.conversation_id !== null)) this.counts();
    return { isTooMuch, outdated: [...outdated] };
  }

  /** @param {number} id */
  chat(id) {
    this.chats.ask(id);
  }

  /** Once for many, when they are over. */
  counts() {
    this.countIn(COUNTS_AFTER);
  }

  /** @param {number} ms */
  countIn(ms) {
    const ticket = (this.counted += 1);
    this.setTimer(() => ticket === this.counted && void this.count(), ms);
  }

  async count() {
    const ticket = this.counted;
    try {
      const counts = await this.get("/api/chats/counts");
      if (ticket === this.counted) this.apply({ counts });
    } catch (error) {
      if (/** @type {{ isTransient?: boolean }} */ (error).isTransient && ticket === this.counted) this.countIn(AGAIN);
    }
  }
}
