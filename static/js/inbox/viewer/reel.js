// The photos and videos of a chat in a row, oldest first, of which the page holds a piece; more is fetched at either end.

/**
 * @typedef {{ messages: Message[], next_cursor: string | null, prev_cursor: string | null }} Page newest first
 * @typedef {(where: { cursor?: string, after?: string }) => Promise<Page>} Fetch
 * @typedef {{ items: Message[], older: string | null, newer: string | null, fetch: Fetch }} Parts null: the row ends there
 */

const NEAR = 3; // from an end: what lies behind it is fetched before somebody gets there

/** Something that the page can show in full size. @param {Message} message */
export function isViewable({ type, deleted_at: deletedAt, media, local_url: localUrl }) {
  if (deletedAt || (type !== "image" && type !== "video")) return false;
  return type === "image" && localUrl !== undefined ? true : media?.state === "stored" && media.inline;
}

export class Reel {
  /** @param {Parts} parts @param {Message} shown */
  constructor({ items, older, newer, fetch }, shown) {
    this.items = items.filter(isViewable);
    this.older = older;
    this.newer = newer;
    this.fetch = fetch;
    this.at = Math.max(
      0,
      this.items.findIndex((one) => one === shown || (one.id !== null && one.id === shown.id)),
    );
    /** @type {Partial<Record<"older" | "newer", Promise<void>>>} */
    this.loading = {};
  }

  /** @returns {Message | undefined} */
  get current() {
    return this.items[this.at];
  }

  /** @param {-1 | 1} by */
  neighbour(by) {
    return this.items[this.at + by];
  }

  /** There is one, or there may be. @param {-1 | 1} by */
  has(by) {
    return this.neighbour(by) !== undefined || (by < 0 ? this.older : this.newer) !== null;
  }

  /**
   * @param {-1 | 1} by
   * @returns {Promise<boolean>} whether it moved; fails when the next page cannot be had
   */
  async step(by) {
    const from = this.current;
    while (!this.neighbour(by) && this.has(by)) await this.more(by);
    if (this.current !== from || !this.neighbour(by)) return false; // somebody was faster, or the row ends here
    this.at += by;
    return true;
  }

  /** Fetch ahead; a failure shows when somebody really wants to go there. */
  async prepare() {
    const wanted = /** @type {(-1 | 1)[]} */ ([-1, 1]).filter(
      (by) => this.has(by) && this.items[this.at + by * NEAR] === undefined,
    );
    await Promise.allSettled(wanted.map((by) => (by < 0 ? this.older : this.newer) !== null && this.more(by)));
  }

  /** One page, however many ask for it. @param {-1 | 1} by */
  more(by) {
    const end = by < 0 ? "older" : "newer";
    return (this.loading[end] ??= this.load(by).finally(() => delete this.loading[end]));
  }

  /** @param {-1 | 1} by */
  async load(by) {
    if (by < 0) {
      const page = await this.fetch({ cursor: this.older ?? "" });
      this.older = page.next_cursor;
      this.add(page, by);
    } else {
      const page = await this.fetch({ after: this.newer ?? "" });
      this.newer = page.prev_cursor;
      this.add(page, by);
    }
  }

  /** @param {Page} page @param {-1 | 1} by */
  add(page, by) {
    const known = new Set(this.items.map((one) => one.id));
    const fresh = page.messages.filter((one) => isViewable(one) && !known.has(one.id)).reverse();
    if (by < 0) {
      this.items.unshift(...fresh);
      this.at += fresh.length;
    } else this.items.push(...fresh);
  }
}
