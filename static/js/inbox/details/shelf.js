// One kind of what a chat has (photos, links, documents): the messages that carry it, newest first, as far as they were loaded.

/** @typedef {{ messages: Message[], next_cursor: string | null }} Page */

export class Shelf {
  constructor() {
    /** @type {Message[]} */
    this.messages = [];
    /** @type {string | null} null: that was all */
    this.older = null;
    this.isLoaded = false;
  }

  /** The next page, or the first. @param {Page} page */
  add(page) {
    const known = new Set(this.messages.map((message) => message.id));
    this.messages.push(...page.messages.filter((message) => !known.has(message.id)));
    this.older = page.next_cursor;
    this.isLoaded = true;
  }

  /** @param {number} id */
  has(id) {
    return this.messages.some((message) => message.id === id);
  }

  /** The newest page once more: what came, changed and went in it; what is older stays. @param {Page} page */
  refresh(page) {
    const last = page.messages.at(-1)?.id;
    const at = this.messages.findIndex((message) => message.id === last);
    if (page.next_cursor === null || at < 0) {
      this.messages = page.messages;
      this.older = page.next_cursor;
    } else this.messages = [...page.messages, ...this.messages.slice(at + 1)];
    this.isLoaded = true;
  }
}
