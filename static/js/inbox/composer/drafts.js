// What somebody began to write, per person and chat, so that it survives a reload and shows as "Draft:" in the list.

/** @typedef {{ text: string, quoted?: Quoted | null }} Draft */
/** @typedef {{ load: (key: string) => any, save: (key: string, value: unknown) => void, keysOf: (prefix: string) => string[] }} Storage */

export class Drafts {
  /**
   * @param {Storage} storage
   * @param {number} userId
   */
  constructor(storage, userId) {
    this.storage = storage;
    this.prefix = `inbox:${userId}:draft:`;
    /** @type {Map<number, Draft>} */
    this.known = new Map();
    for (const key of storage.keysOf(this.prefix)) this.reread(key);
  }

  /** @param {number} chatId @returns {Draft | null} */
  of(chatId) {
    return this.known.get(chatId) ?? null;
  }

  /** The words for the list; "" when there are none. @param {number} chatId */
  textOf(chatId) {
    return (this.known.get(chatId)?.text ?? "").trim();
  }

  /**
   * @param {number} chatId
   * @param {Draft} draft with no text and no quote: forget it
   */
  put(chatId, draft) {
    const isEmpty = !draft.text && !draft.quoted;
    if (isEmpty) this.known.delete(chatId);
    else this.known.set(chatId, draft);
    this.storage.save(this.prefix + chatId, isEmpty ? null : draft);
  }

  /**
   * Another tab wrote: take its word.
   * @param {string} key
   * @returns {number | null} the chat it was about
   */
  reread(key) {
    if (!key.startsWith(this.prefix)) return null;
    const chatId = Number(key.slice(this.prefix.length));
    const draft = this.storage.load(key);
    if (draft && typeof draft.text === "string") this.known.set(chatId, draft);
    else this.known.delete(chatId);
    return chatId;
  }
}
