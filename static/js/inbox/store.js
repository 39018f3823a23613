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

  /**
   * Rows as they are now go in by their id, whichever way they came: pushed, polled, fetched, or the answer to a call.
   * @param {Partial<Frame>} frame
   */
  applyFrame(frame) {
    const { chats = [], messages = [], counts } = frame;
    for (const message of messages) this.touch("messages", message); // told first: the thread is what somebody looks at
    for (const chat of chats) {
      this.chats.set(chat.id, chat);
      this.touch("chats", chat.id);
    }
    if (counts) this.set("counts", counts);
    this.touch("frame", frame);
  }

  /** Rows of the chat list's own pages: it shows them itself. @param {Chat[]} chats */
  noteChats(chats) {
    for (const chat of chats) this.chats.set(chat.id, chat);
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
