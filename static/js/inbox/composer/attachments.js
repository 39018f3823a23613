// Files on their way into a chat: which, in what order, with which words, and whether WhatsApp takes them.

import { isPicture, judge } from "../../lib/files.js";

export const LONGEST_CAPTION = 1024;
const MOST = 30; // files at once, as in WhatsApp

/**
 * @typedef {import("./pictures.js").Prepared} Prepared
 *
 * @typedef {object} Item
 * @property {File} file as it was chosen
 * @property {string} caption
 * @property {boolean} asDocument the original, whole
 * @property {Prepared | null} prepared a picture, made ready
 * @property {string | null} failure why it could not be made ready
 *
 * @typedef {object} Attachment what is sent
 * @property {File} file
 * @property {string} caption
 * @property {import("../../lib/files.js").Kind} kind
 * @property {boolean} asDocument
 * @property {number | null} width
 * @property {number | null} height
 * @property {string | null} url where this page shows it
 * @property {{ duration_ms: number }} [voice] recorded here, to go out as a voice message
 */

export class Tray {
  /**
   * @param {{ draft: string, prepare: (file: File) => Promise<Prepared>, onChange: () => void }} wires
   *   `draft`: what has been typed and not gone out yet, the first caption
   */
  constructor({ draft, prepare, onChange }) {
    this.draft = draft;
    this.prepare = prepare;
    this.onChange = onChange;
    /** @type {Item[]} */
    this.items = [];
    /** @type {Item | null} */
    this.selected = null;
    /** The one that carries the draft. @type {Item | null} */
    this.drafted = null;
  }

  /** @param {File[]} files @returns {number} how many found no room */
  add(files) {
    const taken = files.slice(0, MOST - this.items.length).map((file) => this.take(file));
    this.selected = taken[0] ?? this.selected;
    this.onChange();
    return files.length - taken.length;
  }

  /** @param {File} file @returns {Item} */
  take(file) {
    /** @type {Item} */
    const item = { file, caption: "", asDocument: false, prepared: null, failure: null };
    this.items.push(item);
    if (isPicture(file) && file.size) void this.makeReady(item);
    if (!this.drafted && this.draft && this.draft.length <= LONGEST_CAPTION && this.verdictOf(item).takesCaption) {
      this.drafted = item;
      item.caption = this.draft;
    }
    return item;
  }

  /** @param {Item} item */
  async makeReady(item) {
    try {
      item.prepared = await this.prepare(item.file);
    } catch (cause) {
      item.failure = /** @type {Error} */ (cause).message;
    }
    if (this.items.includes(item)) this.onChange();
  }

  // ------------------------------------------------------------ what a person does

  /** @param {Item} item */
  select(item) {
    this.selected = item;
    this.onChange();
  }

  /** The next one takes its place, else the one before. @param {Item} item */
  remove(item) {
    const at = this.items.indexOf(item);
    if (at < 0) return;
    this.items.splice(at, 1);
    if (this.selected === item) this.selected = this.items[at] ?? this.items[at - 1] ?? null;
    this.onChange();
  }

  /** @param {Item} item @param {number} to place, from 0 @returns {boolean} false: there is no such place */
  move(item, to) {
    const at = this.items.indexOf(item);
    if (at < 0 || at === to || to < 0 || to >= this.items.length) return false;
    this.items.splice(at, 1);
    this.items.splice(to, 0, item);
    this.onChange();
    return true;
  }

  /** @param {Item} item @param {boolean} asDocument */
  setAsDocument(item, asDocument) {
    item.asDocument = asDocument;
    this.onChange();
  }

  // ------------------------------------------------------------ what becomes of it

  /** @param {Item} item @returns {import("../../lib/files.js").Verdict} */
  verdictOf({ file, asDocument, prepared, failure }) {
    if (asDocument) return judge(file, true);
    if (!isPicture(file) || !file.size) return judge(file);
    return prepared ? judge(prepared.file) : { kind: "image", takesCaption: !failure, problem: failure };
  }

  /** Being made ready. @param {Item} item */
  isWaiting({ file, asDocument, prepared, failure }) {
    return !asDocument && isPicture(file) && file.size > 0 && !prepared && !failure;
  }

  get sendable() {
    return this.items.filter((item) => !this.verdictOf(item).problem);
  }

  get isReady() {
    const { sendable } = this;
    return sendable.length > 0 && !sendable.some((item) => this.isWaiting(item));
  }

  /** Words that stand nowhere else. */
  get wouldLose() {
    return this.items.some((item) => item.caption.trim() && item.caption.trim() !== this.draft);
  }

  /** @param {Item} item @returns {Attachment} */
  attachmentOf(item) {
    const { kind, takesCaption } = this.verdictOf(item);
    const { asDocument, prepared } = item;
    return {
      file: asDocument || !prepared ? item.file : prepared.file,
      caption: takesCaption ? item.caption.trim() : "",
      kind,
      asDocument,
      width: prepared?.width ?? null,
      height: prepared?.height ?? null,
      url: null,
    };
  }
}
