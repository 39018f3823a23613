// What the page knows, in one place. Parts read it, change it by its verbs, and are told of what has changed: once, in the next
// microtask, however much came at once.

/**
 * What can be watched, and what its listeners get:
 *   open      another chat is open, or none
 *   chats     the ids of chats that are other than before
 *   messages  rows of any chat, as the server has them now or as they were typed here, in the order in which they came
 *   dropped   keys of messages that were typed here and discarded
 *   unsent    the ids of chats whose messages on their way have changed
 *   answered  the ids of chats in which somebody wrote here
 *   stretch   the messages that are held of the open chat have changed
 *   outdated  the ids of chats of which something changed that did not come along
 *   arrived   changes: a customer wrote, just now
 *   drafts    the ids of chats
 *   frame     frames: for parts that features add, and that know their own rows in them
 *   counts, feed, reply   the fields of that name
 *   status    the server's own state is other than before
 *   list      which chats there are must be asked again
 *   reload    what is shown may be wrong in any place
 *
 * @typedef {"open" | "chats" | "messages" | "dropped" | "unsent" | "answered" | "stretch" | "outdated" | "arrived" | "drafts" | "frame"
 *   | "counts" | "feed" | "reply" | "status" | "list" | "reload"} Key
 */

export class Store {
  /** @param {Me} me @param {import("./composer/drafts.js").Drafts} drafts */
  constructor(me, drafts) {
    this.me = me;
    this.drafts = drafts;
    /** @type {number | null} */
    this.openId = null;
    /** @type {Map<number, Chat>} as last heard of */
    this.chats = new Map();
    /** @type {Counts} */
    this.counts = { all: 0, unread: 0, waiting: 0 };
    /** @type {"live" | "polling" | "down"} */
    this.feed = "polling";
    /** Free text may be sent to the open chat. */
    this.canReply = false;
    this.moments = 0;
    /** @type {Map<string, number>} "chat 12" or "message 7": the moment of which its row is */
    this.knownAt = new Map();
    /** @type {Map<Key, Set<(what: Set<any>) => void>>} */
    this.listeners = new Map();
    /** @type {Map<Key, Set<any>>} what has changed and was not told yet */
    this.changed = new Map();
  }

  /** The open chat. @returns {Chat | null} */
  get chat() {
    return this.openId === null ? null : (this.chats.get(this.openId) ?? null);
  }

  // ------------------------------------------------------------ what the server says

  /** To be noted before a call whose answer has rows: they are of that moment, however late they come. @returns {number} */
  moment() {
    return (this.moments += 1);
  }

  /**
   * Rows as they are now: pushed, polled, fetched because a change named them, or typed here.
   * @param {Partial<Frame>} frame
   */
  applyFrame(frame) {
    this.applyAnswer(frame, this.moment());
    if (frame.counts) this.set("counts", frame.counts);
    this.touch("frame", frame);
  }

  /**
   * Rows of an answer to a call: a row that was heard of since is newer and stays.
   * @param {{ chats?: Chat[], messages?: Message[] }} rows
   * @param {number} asked the moment before the call
   */
  applyAnswer({ chats = [], messages = [] }, asked) {
    // Told first: the thread is what somebody looks at.
    for (const message of this.newest("message", messages, asked)) this.touch("messages", message);
    for (const chat of this.newest("chat", chats, asked)) {
      this.chats.set(chat.id, chat);
      this.touch("chats", chat.id);
    }
  }

  /** The same for who shows the chats without being told of them. @param {Chat[]} chats @param {number} asked the moment before the call */
  noteChats(chats, asked) {
    for (const chat of this.newest("chat", chats, asked)) this.chats.set(chat.id, chat);
  }

  /**
   * @template {{ id: number | null }} R
   * @param {"chat" | "message"} kind
   * @param {R[]} rows of that moment; without an id: typed here, and never on its way
   * @param {number} moment
   * @returns {R[]} those of which nothing newer is known
   */
  newest(kind, rows, moment) {
    const isNewest = (/** @type {R} */ row) => row.id === null || (this.knownAt.get(`${kind} ${row.id}`) ?? 0) <= moment;
    const found = rows.filter(isNewest);
    for (const row of found) if (row.id !== null) this.knownAt.set(`${kind} ${row.id}`, moment);
    return found;
  }

  // ------------------------------------------------------------ what happens in the page

  /** @param {number | null} chatId one that is known */
  open(chatId) {
    this.openId = chatId;
    this.touch("open", chatId);
    this.flush(); // within the click that opened it: the focus moves with it
  }

  /** @param {number} chatId @param {import("./composer/drafts.js").Draft} draft */
  keepDraft(chatId, draft) {
    this.drafts.put(chatId, draft);
    this.touch("drafts", chatId);
  }

  /** @param {boolean} canReply */
  setReply(canReply) {
    this.canReply = canReply;
    this.touch("reply");
  }

  /** @template {"counts" | "feed"} F @param {F} field @param {Store[F]} value */
  set(field, value) {
    /** @type {Store} */ (this)[field] = value;
    this.touch(field);
  }

  // ------------------------------------------------------------ telling

  /**
   * @param {Key} key
   * @param {(what: Set<any>) => void} run gets everything that was touched since it was told last
   * @param {AbortSignal} signal ends it
   */
  on(key, run, signal) {
    const listeners = this.listeners.get(key) ?? new Set();
    this.listeners.set(key, listeners.add(run));
    signal.addEventListener("abort", () => listeners.delete(run), { once: true });
  }

  /** @param {Key} key @param {unknown} [what] */
  touch(key, what) {
    if (!this.changed.size) queueMicrotask(() => this.flush());
    const changed = this.changed.get(key) ?? new Set();
    this.changed.set(key, changed.add(what));
  }

  /** Now; what listeners change in turn is told directly afterwards. */
  flush() {
    while (this.changed.size) {
      const told = this.changed;
      this.changed = new Map();
      for (const [key, what] of told) {
        for (const run of this.listeners.get(key) ?? []) attempt(() => run(what));
      }
    }
  }
}

/** The mistake of one part must not silence the others. @param {() => void} run */
function attempt(run) {
  try {
    run();
  } catch (error) {
    reportError(error);
  }
}
