// The messages of one chat that the browser holds: one unbroken stretch, in sections of 25, each message once.
//
// A stretch has two ends. `older` and `newer` are cursors: null means that the chat ends there. Messages of the outbox have no
// id yet and stand at the very end, or at their time once they are refused; the server's copy takes their place by its
// client_msg_id.

export const SECTION = 25;
const MOST_SECTIONS = 80; // beyond, the far end is forgotten and fetched again when somebody scrolls there

let sections = 0;

/** @typedef {{ id: number, messages: Message[] }} Section */

/**
 * The same for a message before and after the server has taken it.
 * @param {Message} message
 */
export function keyOf(message) {
  return message.client_msg_id && message.direction === "out" ? `c:${message.client_msg_id}` : `m:${message.id}`;
}

/** Not refused and without an id: it will get the newest place. @param {Message} message */
const isOnItsWay = (message) => message.id === null && message.status !== "refused";

/** To the second: the server tells no more, and a browser's milliseconds must not decide. @param {Message} message */
const secondOf = (message) => message.timestamp.slice(0, 19);

/**
 * Meta's time stamp, then the order of arrival; what is on its way comes last.
 * @param {Message} a
 * @param {Message} b
 */
function compareMessages(a, b) {
  if (isOnItsWay(a) || isOnItsWay(b)) return Number(isOnItsWay(a)) - Number(isOnItsWay(b));
  if (secondOf(a) !== secondOf(b)) return secondOf(a) < secondOf(b) ? -1 : 1;
  if (a.id === null || b.id === null) return Number(a.id === null) - Number(b.id === null);
  return a.id - b.id;
}

export class MessageList {
  constructor() {
    /** @type {Section[]} */
    this.sections = [];
    /** @type {string | null} */
    this.older = null;
    /** @type {string | null} */
    this.newer = null;
    /** @type {Map<string, Section>} */
    this.places = new Map();
    /** @type {Map<number, string>} */
    this.keys = new Map();
    this.isLoaded = false;
  }

  /** @returns {Message[]} */
  all() {
    return this.sections.flatMap((section) => section.messages);
  }

  get isAtEnd() {
    return this.newer === null;
  }

  /** The newest message that the server knows. @returns {Message | null} */
  get newest() {
    for (let at = this.sections.length - 1; at >= 0; at -= 1) {
      const found = this.sections[at]?.messages.findLast((message) => message.id !== null);
      if (found) return found;
    }
    return null;
  }

  /** @param {number} id @returns {Message | null} */
  find(id) {
    const key = this.keys.get(id);
    return key === undefined ? null : this.get(key);
  }

  /** @param {string} key @returns {Message | null} */
  get(key) {
    return this.places.get(key)?.messages.find((message) => keyOf(message) === key) ?? null;
  }

  /** @param {string} key */
  sectionOf(key) {
    return this.places.get(key) ?? null;
  }

  /**
   * A new stretch in place of the old; messages without an id are kept when it reaches the end of the chat.
   * @param {{ messages: Message[], next_cursor: string | null, prev_cursor?: string | null }} page
   */
  reset(page) {
    const local = this.all().filter((message) => message.id === null);
    this.sections = [];
    this.places.clear();
    this.keys.clear();
    this.older = page.next_cursor;
    this.newer = page.prev_cursor ?? null;
    this.isLoaded = true;
    this.fill(page.messages, this.sections.length);
    if (this.isAtEnd) for (const message of local) if (!this.places.has(keyOf(message))) this.put(message);
  }

  /**
   * The page before `older`.
   * @param {{ messages: Message[], next_cursor: string | null }} page
   */
  addOlder(page) {
    this.older = page.next_cursor;
    this.fill(this.unknown(page.messages), 0);
    while (this.sections.length > MOST_SECTIONS) this.forget(this.sections.length - 1);
  }

  /**
   * The page after `newer`.
   * @param {{ messages: Message[], prev_cursor?: string | null }} page
   */
  addNewer(page) {
    this.newer = page.prev_cursor ?? null;
    for (const message of page.messages) {
      if (this.places.has(keyOf(message))) this.put(message);
      else this.insert(message);
    }
    while (this.sections.length > MOST_SECTIONS) this.forget(0);
  }

  /**
   * One message as it is now.
   * @param {Message} message
   * @returns {"new" | "changed" | "outside"} outside: not part of the stretch that is held
   */
  put(message) {
    const key = keyOf(message);
    const section = this.places.get(key);
    if (section) {
      const at = section.messages.findIndex((other) => keyOf(other) === key);
      const before = /** @type {Message} */ (section.messages[at]);
      if (message.id === null && before.id !== null) return "changed"; // the server's copy was faster
      section.messages[at] = message;
      if (message.id !== null) this.keys.set(message.id, key);
      if (!this.isInPlace(section, at)) {
        this.take(section, at);
        this.insert(message);
      }
      return "changed";
    }
    if (!this.covers(message)) return "outside";
    this.insert(message);
    return "new";
  }

  /** @param {string} key */
  remove(key) {
    const section = this.places.get(key);
    if (!section) return;
    this.take(
      section,
      section.messages.findIndex((message) => keyOf(message) === key),
    );
  }

  /**
   * @param {Section} section
   * @param {number} at
   */
  take(section, at) {
    const [message] = section.messages.splice(at, 1);
    if (!message) return;
    this.places.delete(keyOf(message));
    if (message.id !== null) this.keys.delete(message.id);
    if (!section.messages.length) this.sections.splice(this.sections.indexOf(section), 1);
  }

  /** @param {Section} section @param {number} at */
  isInPlace(section, at) {
    const message = /** @type {Message} */ (section.messages[at]);
    const index = this.sections.indexOf(section);
    const before = section.messages[at - 1] ?? this.sections[index - 1]?.messages.at(-1);
    const after = section.messages[at + 1] ?? this.sections[index + 1]?.messages[0];
    return (!before || compareMessages(before, message) <= 0) && (!after || compareMessages(message, after) <= 0);
  }

  /** @param {Message} message */
  covers(message) {
    const first = this.sections[0]?.messages[0];
    if (!first) return this.isAtEnd && this.older === null;
    const last = /** @type {Message} */ (this.sections.at(-1)?.messages.at(-1));
    if (this.newer !== null && compareMessages(message, last) > 0) return false;
    return this.older === null || compareMessages(message, first) > 0;
  }

  /** @param {Message} message */
  insert(message) {
    let index = this.sections.length - 1;
    while (index > 0 && compareMessages(message, /** @type {Message} */ (this.sections[index]?.messages[0])) < 0) index -= 1;
    let section = this.sections[index];
    const isLast = index === this.sections.length - 1;
    const last = section?.messages.at(-1);
    if (!section || (isLast && section.messages.length >= SECTION && last && compareMessages(last, message) <= 0)) {
      section = { id: (sections += 1), messages: [] };
      this.sections.push(section);
    }
    let at = section.messages.length;
    while (at > 0 && compareMessages(message, /** @type {Message} */ (section.messages[at - 1])) < 0) at -= 1;
    section.messages.splice(at, 0, message);
    this.note(message, section);
  }

  /**
   * @param {Message[]} messages in order
   * @param {number} index where the new sections go
   */
  fill(messages, index) {
    /** @type {Section[]} */
    const added = [];
    // Full sections at the far end of the page, so that the next page begins a section of its own.
    for (let end = messages.length; end > 0; end -= SECTION) {
      added.unshift({ id: (sections += 1), messages: messages.slice(Math.max(0, end - SECTION), end) });
    }
    for (const section of added) for (const message of section.messages) this.note(message, section);
    this.sections.splice(index, 0, ...added);
  }

  /** @param {Message} message @param {Section} section */
  note(message, section) {
    this.places.set(keyOf(message), section);
    if (message.id !== null) this.keys.set(message.id, keyOf(message));
  }

  /** @param {Message[]} messages */
  unknown(messages) {
    return messages.filter((message) => !this.places.has(keyOf(message)));
  }

  /** Give up the section at one end of the stretch. @param {number} index */
  forget(index) {
    const [section] = this.sections.splice(index, 1);
    for (const message of section?.messages ?? []) {
      this.places.delete(keyOf(message));
      if (message.id !== null) this.keys.delete(message.id);
    }
    if (index === 0) this.older = String(this.all().find((message) => message.id !== null)?.id ?? "") || null;
    else this.newer = String(this.newest?.id ?? "") || null;
  }
}
