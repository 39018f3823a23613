// What was sent here and the server has not confirmed. A click makes one entry with one id; the entry is posted again and
// again with that id until the server has answered, so nothing is lost by a bad line or a reload, and nothing is doubled.
//
// Texts and templates outlive the page (one storage key each, so that tabs do not overwrite one another); files do not.

import { t } from "../../lib/strings.js";

const PAUSES = [1, 2, 4, 8, 15, 30]; // seconds between tries
const TOO_OLD = 60 * 60 * 1000; // found again after so long: a person decides whether it still makes sense

/**
 * @typedef {object} Entry
 * @property {string} client_msg_id
 * @property {string} lane chats are independent, within one the order is kept: "chat:12" or "phone:+852..."
 * @property {number | null} conversation_id
 * @property {Record<string, unknown>} body what is posted, without the id
 * @property {File} [file]
 * @property {Message} message what the bubble shows meanwhile
 * @property {number} created_at ms
 * @property {"waiting" | "refused"} state
 * @property {{ code: string, message: string, is_final?: boolean } | null} error
 *
 * @typedef {object} Wires
 * @property {(entry: Entry) => Promise<Message>} post rejects with { isTransient, code, message, retryAfter }
 * @property {(entry: Entry) => void} onChange the bubble changed
 * @property {(entry: Entry, message: Message) => void} onSettled the server has it
 * @property {(entry: Entry) => void} [onRemoved]
 * @property {() => number} [now] ms
 * @property {(run: () => void, ms: number) => any} [setTimer]
 */

export class Outbox {
  /**
   * @param {import("./drafts.js").Storage} storage
   * @param {number} userId
   * @param {Wires} wires
   */
  constructor(storage, userId, wires) {
    this.storage = storage;
    this.prefix = `inbox:${userId}:outbox:`;
    this.wires = {
      now: () => Date.now(),
      setTimer: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
      onRemoved: () => {},
      ...wires,
    };
    /** @type {Map<string, Entry>} */
    this.entries = new Map();
    /** @type {Set<string>} lanes with a call in the air */
    this.busy = new Set();
    /** @type {Map<string, number>} */
    this.tries = new Map();
  }

  /** What an earlier page left behind. Call once, when the listeners are ready. */
  resume() {
    /** @type {Entry[]} */
    const found = this.storage
      .keysOf(this.prefix)
      .map((key) => this.storage.load(key))
      .filter((entry) => entry?.client_msg_id);
    found.sort((a, b) => a.created_at - b.created_at);
    for (const entry of found) {
      if (this.entries.has(entry.client_msg_id)) continue;
      if (entry.state === "waiting" && this.wires.now() - entry.created_at > TOO_OLD) {
        entry.state = "refused";
        entry.error = { code: "left_behind", message: t("It was written earlier and did not leave this browser.") };
      }
      this.entries.set(entry.client_msg_id, entry);
      this.wires.onChange(entry);
    }
    this.hurry();
  }

  /** @param {Omit<Entry, "state" | "error" | "created_at">} fields */
  add(fields) {
    /** @type {Entry} */
    const entry = { ...fields, created_at: this.wires.now(), state: "waiting", error: null };
    this.entries.set(entry.client_msg_id, entry);
    this.keep(entry);
    this.wires.onChange(entry);
    void this.run(entry.lane);
    return entry;
  }

  /** @param {number} chatId @returns {Entry[]} oldest first */
  of(chatId) {
    return [...this.entries.values()].filter((entry) => entry.conversation_id === chatId);
  }

  /** Somebody pressed Retry: the same id, since the server has not taken it. @param {string} id */
  retry(id) {
    const entry = this.entries.get(id);
    if (!entry) return;
    entry.state = "waiting";
    entry.error = null;
    this.keep(entry);
    this.wires.onChange(entry);
    void this.run(entry.lane);
  }

  /** @param {string} id */
  discard(id) {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.forget(entry);
    this.wires.onRemoved(entry);
  }

  /** The server's copy came another way (the feed was faster than the answer, or another tab posted it). @param {Message} message */
  settle(message) {
    const entry = message.client_msg_id ? this.entries.get(message.client_msg_id) : undefined;
    if (!entry) return;
    this.forget(entry);
    this.wires.onSettled(entry, message);
  }

  /** The line is back: try at once. */
  hurry() {
    this.tries.clear();
    for (const lane of new Set([...this.entries.values()].map((entry) => entry.lane))) void this.run(lane);
  }

  get hasFilesWaiting() {
    return [...this.entries.values()].some((entry) => entry.file && entry.state === "waiting");
  }

  /** @param {string} lane */
  async run(lane) {
    if (this.busy.has(lane)) return;
    this.busy.add(lane);
    try {
      for (let entry = this.next(lane); entry; entry = this.next(lane)) {
        if (!(await this.deliver(entry))) break;
      }
    } finally {
      this.busy.delete(lane);
    }
  }

  /** @param {string} lane */
  next(lane) {
    return [...this.entries.values()].find((entry) => entry.lane === lane && entry.state === "waiting");
  }

  /**
   * @param {Entry} entry
   * @returns {Promise<boolean>} false: the lane waits
   */
  async deliver(entry) {
    try {
      const message = await this.wires.post(entry);
      this.tries.delete(entry.lane);
      if (this.entries.has(entry.client_msg_id)) this.settle(message);
      return true;
    } catch (cause) {
      const error =
        /** @type {{ isTransient?: boolean, code?: string, message?: string, retryAfter?: number, status?: number }} */ (cause);
      if (!this.entries.has(entry.client_msg_id)) return true; // discarded or settled meanwhile
      if (error.isTransient || error.status === 401) {
        this.waitAndTry(entry.lane, error.retryAfter);
        return false;
      }
      entry.state = "refused";
      entry.error = { code: error.code ?? "failed", message: error.message ?? "" };
      if (entry.file && error.code !== "window_closed" && (error.status === 413 || error.status === 422))
        entry.error.is_final = true; // the same file is refused again
      this.keep(entry);
      this.wires.onChange(entry);
      return true;
    }
  }

  /**
   * @param {string} lane
   * @param {number} [retryAfter] seconds
   */
  waitAndTry(lane, retryAfter) {
    const tries = this.tries.get(lane) ?? 0;
    this.tries.set(lane, tries + 1);
    const pause = Math.max(PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 30, retryAfter ?? 0);
    this.wires.setTimer(() => void this.run(lane), pause * 1000);
  }

  /** @param {Entry} entry */
  keep(entry) {
    if (!entry.file) this.storage.save(this.prefix + entry.client_msg_id, entry);
  }

  /** @param {Entry} entry */
  forget(entry) {
    this.entries.delete(entry.client_msg_id);
    this.storage.save(this.prefix + entry.client_msg_id, null);
  }
}
