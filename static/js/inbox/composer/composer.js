// Where people write. Knows the draft, the quote, the reply window; what is sent goes to the sender.

import { t } from "../../lib/strings.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { lazily } from "../../ui/lazy.js";
import { Part } from "../../ui/part.js";
import { toast } from "../../ui/toast.js";
import { fileInput, takeDropped, takePasted } from "./file_intake.js";
import { QuoteBar } from "./quote_bar.js";
import { replyWindow } from "./reply_window.js";
import { Voice } from "./voice.js";
import { WindowBar } from "./window_bar.js";

const LONGEST = 4096;
const DOUBLE_CLICK = 500; // ms
const COUNT_FROM = LONGEST - 200;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

const emoji = lazily(() => import("./emoji.js"));
const tray = lazily(() => import("./tray.js"));

/**
 * @typedef {import("../store.js").Store} Store
 * @typedef {object} Wires
 * @property {import("./sender.js").Sender} sender
 * @property {() => void} chooseTemplate for the open chat
 * @property {() => void} focusLastAnswer
 */

/** @extends {Part<Store>} */
export class Composer extends Part {
  /** @param {HTMLElement} root @param {Store} store @param {Wires} wires @param {HTMLElement} dropZone files dropped here are attached */
  constructor(root, store, wires, dropZone) {
    super(root, store);
    this.wires = wires;
    /** @type {number | null} the chat whose draft this is */
    this.chatId = null;
    /** @type {Quoted | null} */
    this.quoted = null;
    this.sentAt = -DOUBLE_CLICK;
    /** @type {import("./emoji.js").EmojiPanel | null} */
    this.emoji = null;

    this.bar = new WindowBar({ onChange: () => this.drawWindow(), chooseTemplate: wires.chooseTemplate });
    this.quoteBar = new QuoteBar(() => this.dropQuote());
    this.field = el("textarea.composer-text", {
      rows: 1,
      placeholder: t("Type a message"),
      "aria-label": t("Type a message"),
      dir: "auto",
      enterkeyhint: "send",
    });
    this.counter = el("div.composer-count", { role: "status", hidden: true });
    this.file = fileInput((files) => void this.attach(files));
    this.emojiButton = tool("smile", t("Emoji"), () => void this.toggleEmoji());
    this.emojiButton.setAttribute("aria-haspopup", "dialog");
    this.attachButton = tool("attach", t("Attach"), () => this.file.click());
    this.templateButton = tool("template", t("Templates"), wires.chooseTemplate);
    this.sendButton = tool("send", t("Send"), () => this.send(), "button.send-button");
    this.recordButton = tool("mic", t("Record voice message"), () => {}, "button.send-button.record-button");
    this.voice = new Voice(this.recordButton, {
      mayRecord: () => this.mayRecord(),
      onSend: () => void this.sendRecording(),
      onChange: (hadFocus) => this.recordingChanged(hadFocus),
    });
    this.writing = el(
      "div.composer-row",
      {},
      this.emojiButton,
      this.attachButton,
      this.templateButton,
      el("div.composer-field", {}, this.field, this.counter),
      this.sendButton,
      this.recordButton,
    );
    refill(root, this.bar.left, this.quoteBar.node, this.writing, this.voice.place, this.bar.closed, this.file);
    this.hear(dropZone);
  }

  /** @param {HTMLElement} dropZone */
  hear(dropZone) {
    const { store, field } = this;
    this.watch("open", () => this.openChat());
    this.watch("chats", (ids) => ids.has(store.openId) && this.drawWindow());
    this.listen(field, "input", () => this.changed());
    this.listen(field, "keydown", (event) => this.onKey(event));
    takePasted(field, (files) => void this.attach(files));
    takeDropped(
      dropZone,
      (files) => void this.attach(files),
      () => this.isOpen,
    );
  }

  // ------------------------------------------------------------ the chat

  openChat() {
    const { chat, drafts } = this.store;
    this.voice.drop();
    this.emoji?.close();
    this.bar.reset();
    this.chatId = chat?.id ?? null;
    this.root.hidden = !chat;
    if (!chat) return;
    const draft = drafts.of(chat.id);
    this.field.value = draft?.text ?? "";
    this.quote(draft?.quoted ?? null, false);
    this.drawWindow();
    this.grow();
  }

  /** Free text may be sent to the open chat now. */
  get isOpen() {
    const { chat } = this.store;
    return chat !== null && replyWindow(chat, Date.now()).isOpen;
  }

  drawWindow() {
    const { chat, drafts } = this.store;
    if (!chat) return;
    if (!this.isOpen) this.voice.drop();
    const hadFocus = this.writing.contains(document.activeElement);
    const isOpen = this.bar.draw(chat, drafts.textOf(chat.id));
    this.templateButton.hidden = chat.kind === "group";
    this.writing.hidden = !isOpen || this.voice.isActive;
    if (!isOpen && hadFocus) this.bar.focus();
    if (isOpen !== this.store.canReply) this.store.setReply(isOpen);
  }

  // ------------------------------------------------------------ writing

  focus() {
    if (this.voice.isActive) this.voice.focus();
    else if (!this.writing.hidden) this.field.focus({ preventScroll: true });
    else this.bar.focus();
  }

  /** @param {string} words */
  insert(words) {
    const { field } = this;
    field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
    this.changed();
  }

  toggleEmoji() {
    return emoji(({ EmojiPanel }) => {
      this.emoji ??= new EmojiPanel(
        this.emojiButton,
        (chosen) => this.insert(chosen),
        () => this.focus(),
      );
      return this.emoji.toggle();
    });
  }

  changed() {
    this.keepDraft();
    this.grow();
  }

  keepDraft() {
    if (this.chatId !== null) this.store.keepDraft(this.chatId, { text: this.field.value, quoted: this.quoted });
  }

  grow() {
    const { field, counter, sendButton, recordButton } = this;
    if (!GROWS_BY_ITSELF) {
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight}px`;
    }
    const count = [...field.value].length; // as people and the server count: an emoji is one, not two
    counter.hidden = count < COUNT_FROM;
    counter.textContent = String(LONGEST - count);
    counter.classList.toggle("is-over", count > LONGEST);
    const isEmpty = !field.value.trim();
    sendButton.disabled = isEmpty || count > LONGEST;
    sendButton.hidden = isEmpty && this.voice.isSupported;
    recordButton.hidden = !sendButton.hidden;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.isComposing || event.keyCode === 229) return; // Enter that ends an input method's word
    const isCommand = event.ctrlKey || event.metaKey; // sends whatever the person has chosen for Enter alone
    const sends = isCommand || (!event.shiftKey && !event.altKey && this.store.me.preferences.enter_sends !== false);
    if (event.key === "Enter" && sends) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      event.preventDefault();
      this.wires.focusLastAnswer();
    }
  }

  send() {
    const { chat } = this.store;
    const text = this.field.value.trim();
    if (!text || [...text].length > LONGEST || !chat || !this.isOpen) return;
    this.wires.sender.sendText(chat, text, this.quoted);
    this.sentAt = performance.now();
    this.clear();
    this.focus();
  }

  clear() {
    this.field.value = "";
    this.quote(null, false);
    this.changed();
  }

  /** @param {Quoted | null} quoted @param {boolean} [byPerson] */
  quote(quoted, byPerson = true) {
    this.quoted = quoted;
    this.quoteBar.draw(quoted, this.store.chat?.name ?? "");
    if (!byPerson) return;
    this.keepDraft();
    this.focus();
  }

  /** @param {Message} message @param {string} name who wrote it */
  quoteMessage(message, name) {
    if (!message.wamid || message.id === null || !this.isOpen) return;
    const { id, wamid, direction, type, text, media } = message;
    this.quote({
      message_id: id,
      wamid,
      direction,
      type,
      text: text.slice(0, 200),
      name,
      media_type: media?.mime_type ?? null,
    });
  }

  dropQuote() {
    this.quote(null);
  }

  // ------------------------------------------------------------ voice

  get isRecording() {
    return this.voice.isActive;
  }

  /** The recording is long enough to be asked about before it is thrown away. */
  get isPrecious() {
    return this.voice.isPrecious;
  }

  /** @param {() => void} go what to do when the person agrees @returns {boolean} nothing stands in the way */
  mayLeave(go) {
    return this.voice.mayLeave(go);
  }

  mayRecord() {
    // The button stands where Send was: the second half of a double click is not meant for it.
    return this.isOpen && performance.now() - this.sentAt > DOUBLE_CLICK;
  }

  /** @param {boolean} hadFocus */
  recordingChanged(hadFocus) {
    this.drawWindow();
    if (hadFocus && !this.writing.hidden) this.recordButton.focus({ preventScroll: true });
  }

  async sendRecording() {
    const { quoted } = this;
    const { chat } = this.store;
    if (!chat || !this.isOpen || !this.voice.canSend) return;
    this.sentAt = performance.now();
    const recorded = await this.voice.take();
    if (!recorded) return;
    this.wires.sender.sendFile(chat, recorded, quoted);
    if (this.chatId !== chat.id) return;
    this.quote(null, false);
    this.keepDraft();
  }

  // ------------------------------------------------------------ files

  /** @param {File[]} files */
  async attach(files) {
    const { quoted } = this;
    const { chat } = this.store;
    if (!chat) return;
    if (!this.isOpen) {
      toast(t("Only a template can be sent now"));
      return;
    }
    await tray(({ openTray }) =>
      openTray(files, {
        name: chat.name,
        draft: this.field.value.trim(),
        send: (attachments, isDraftUsed) => this.sendFiles(chat, attachments, quoted, isDraftUsed),
        onClose: () => this.focus(),
      }),
    );
  }

  /**
   * @param {Chat} chat
   * @param {import("./attachments.js").Attachment[]} attachments
   * @param {Quoted | null} quoted by the first; the others follow it
   * @param {boolean} isDraftUsed as a caption
   */
  sendFiles(chat, attachments, quoted, isDraftUsed) {
    for (const [at, attachment] of attachments.entries())
      this.wires.sender.sendFile(chat, attachment, at === 0 ? quoted : null);
    if (this.chatId !== chat.id) return;
    if (isDraftUsed) this.field.value = "";
    this.quote(null, false);
    this.changed();
  }
}

/** @param {string} glyph @param {string} label @param {() => void} run */
function tool(glyph, label, run, selector = "button.icon-button") {
  const button = el(/** @type {"button"} */ (selector), { type: "button", "aria-label": label, title: label }, icon(glyph));
  button.addEventListener("click", run);
  return button;
}
