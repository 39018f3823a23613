// Where people write. Knows the draft, the quote, the reply window; sends through the inbox.

import { quotePreview } from "../../lib/preview.js";
import { t } from "../../lib/strings.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { toast } from "../../ui/toast.js";
import { EmojiPanel } from "./emoji.js";
import { fileInput, takeDropped, takePasted } from "./file_intake.js";
import { HoldToTalk } from "./hold_to_talk.js";
import { Recorder } from "./recorder.js";
import { closedWords, replyWindow } from "./reply_window.js";
import { openTray } from "./tray.js";

const LONGEST = 4096;
const DOUBLE_CLICK = 500; // ms
const COUNT_FROM = LONGEST - 200;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** @typedef {import("../inbox.js").Inbox} Inbox */

export class Composer {
  /**
   * @param {HTMLElement} root
   * @param {Inbox} inbox
   * @param {HTMLElement} dropZone files dropped here are attached
   */
  constructor(root, inbox, dropZone) {
    this.root = root;
    this.inbox = inbox;
    /** @type {Chat | null} */
    this.chat = null;
    /** @type {Quoted | null} */
    this.quoted = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.sentAt = -DOUBLE_CLICK;
    this.recorder = new Recorder({
      onSend: () => void this.sendRecording(),
      onChange: (hadFocus) => this.recordingChanged(hadFocus),
    });
    this.build();
    this.listen(dropZone);
  }

  build() {
    this.window = el("div.reply-window");
    this.quoteBar = el("div.quote-bar", { hidden: true });
    this.text = el("textarea.composer-text", {
      rows: 1,
      placeholder: t("Type a message"),
      "aria-label": t("Type a message"),
      dir: "auto",
      enterkeyhint: "send",
    });
    this.counter = el("div.composer-count", { role: "status", hidden: true });
    this.file = fileInput((files) => this.attach(files));
    this.emojiButton = this.tool("smile", t("Emoji"));
    this.emojiButton.setAttribute("aria-haspopup", "dialog");
    this.attachButton = this.tool("attach", t("Attach"));
    this.templateButton = this.tool("template", t("Templates"));
    this.sendButton = el("button.send-button", { type: "button", "aria-label": t("Send"), title: t("Send") }, icon("send"));
    this.recordButton = el(
      "button.send-button.record-button",
      { type: "button", "aria-label": t("Record voice message"), title: t("Record voice message") },
      icon("mic"),
    );
    this.writing = el(
      "div.composer-row",
      {},
      this.emojiButton,
      this.attachButton,
      this.templateButton,
      el("div.composer-field", {}, this.text, this.counter),
      this.sendButton,
      this.recordButton,
    );
    this.closed = el("div.composer-closed", { hidden: true });
    refill(this.root, this.window, this.quoteBar, this.writing, this.recorder.node, this.closed, this.file);
    this.emoji = new EmojiPanel(
      this.emojiButton,
      (emoji) => this.insert(emoji),
      () => this.focus(),
    );
  }

  /** @param {string} name @param {string} label */
  tool(name, label) {
    return el("button.icon-button", { type: "button", "aria-label": label, title: label }, icon(name));
  }

  /** @param {HTMLElement} dropZone */
  listen(dropZone) {
    const { text, file } = /** @type {{ text: HTMLTextAreaElement, file: HTMLInputElement }} */ (this);
    text.addEventListener("input", () => this.changed());
    text.addEventListener("keydown", (event) => this.onKey(event));
    this.sendButton?.addEventListener("click", () => this.send());
    this.recordButton?.addEventListener("click", () => this.record());
    if (this.recordButton) this.holding = this.holdToTalk(this.recordButton);
    this.attachButton?.addEventListener("click", () => file.click());
    this.templateButton?.addEventListener("click", () => this.inbox.chooseTemplate());
    takePasted(text, (files) => this.attach(files));
    takeDropped(
      dropZone,
      (files) => this.attach(files),
      () => this.isOpen,
    );
  }

  // ------------------------------------------------------------ the chat

  /** @param {Chat} chat */
  open(chat) {
    this.recorder.drop();
    this.chat = chat;
    const draft = this.inbox.drafts.of(chat.id);
    this.field.value = draft?.text ?? "";
    this.setQuote(draft?.quoted ?? null, false);
    this.root.hidden = false;
    this.drawWindow();
    this.grow();
  }

  close() {
    clearTimeout(this.timer);
    this.emoji?.close();
    this.chat = null;
    this.recorder.drop();
    this.root.hidden = true;
  }

  /** The same chat, as it is now. @param {Chat} chat */
  update(chat) {
    if (this.chat?.id !== chat.id) return;
    this.chat = chat;
    this.drawWindow();
  }

  get field() {
    return /** @type {HTMLTextAreaElement} */ (this.text);
  }

  get isOpen() {
    return this.chat !== null && replyWindow(this.chat, Date.now()).isOpen;
  }

  drawWindow() {
    clearTimeout(this.timer);
    if (!this.chat || !this.window || !this.writing || !this.closed || !this.templateButton) return;
    const { isOpen, isSoon, left, nextChange } = replyWindow(this.chat, Date.now());
    this.timer = setTimeout(() => this.drawWindow(), nextChange);
    if (!isOpen) this.recorder.drop();
    const hadFocus = this.writing.contains(document.activeElement);
    this.window.hidden = !isOpen || !left;
    this.window.classList.toggle("is-soon", isSoon);
    const [before, after] = t("Reply window closes in {left}").split("{left}");
    refill(this.window, el("span", {}, before ?? "", el("b", {}, left), after ?? ""));
    this.templateButton.hidden = this.chat.kind === "group";
    this.writing.hidden = !isOpen || this.recorder.isActive;
    this.closed.hidden = isOpen;
    if (isOpen) this.closed.replaceChildren();
    else if (!this.closed.firstChild) this.drawClosed(this.chat, hadFocus);
    this.inbox.replyWindowChanged(isOpen);
  }

  /** @param {Chat} chat @param {boolean} hadFocus */
  drawClosed(chat, hadFocus) {
    const choose = el(
      "button.button.button-primary",
      { type: "button", onclick: () => this.inbox.chooseTemplate() },
      icon("template", "icon-small"),
      t("Choose a template"),
    );
    const draft = this.inbox.drafts.textOf(chat.id);
    refill(
      /** @type {HTMLElement} */ (this.closed),
      el("p", {}, closedWords(chat), draft ? ` ${t("Your draft is kept.")}` : ""),
      choose,
    );
    if (hadFocus) choose.focus();
  }

  // ------------------------------------------------------------ writing

  focus() {
    if (this.recorder.isActive) this.recorder.focus();
    else if (!this.writing?.hidden) this.field.focus({ preventScroll: true });
    else this.closed?.querySelector("button")?.focus({ preventScroll: true });
  }

  /** @param {string} words */
  insert(words) {
    const { field } = this;
    field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
    this.changed();
  }

  changed() {
    this.keepDraft();
    this.grow();
  }

  keepDraft() {
    if (this.chat) this.inbox.keepDraft(this.chat.id, { text: this.field.value, quoted: this.quoted });
  }

  grow() {
    const { field } = this;
    if (!GROWS_BY_ITSELF) {
      field.style.height = "auto";
      field.style.height = `${field.scrollHeight}px`;
    }
    const count = [...field.value].length; // as people and the server count: an emoji is one, not two
    const counter = /** @type {HTMLElement} */ (this.counter);
    counter.hidden = count < COUNT_FROM;
    counter.textContent = String(LONGEST - count);
    counter.classList.toggle("is-over", count > LONGEST);
    const { sendButton, recordButton } = /** @type {Record<string, HTMLButtonElement>} */ (/** @type {unknown} */ (this));
    if (!sendButton || !recordButton) return;
    const isEmpty = !field.value.trim();
    sendButton.disabled = isEmpty || count > LONGEST;
    sendButton.hidden = isEmpty && this.recorder.isSupported;
    recordButton.hidden = !sendButton.hidden;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.isComposing || event.keyCode === 229) return; // Enter that ends an input method's word
    const isCommand = event.ctrlKey || event.metaKey; // sends whatever the person has chosen for Enter alone
    const sends = isCommand || (!event.shiftKey && !event.altKey && this.inbox.me.preferences.enter_sends !== false);
    if (event.key === "Enter" && sends) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.field.value) {
      event.preventDefault();
      this.inbox.focusLastMessage();
    }
  }

  send() {
    const text = this.field.value.trim();
    if (!text || [...text].length > LONGEST || !this.chat || !this.isOpen) return;
    this.inbox.sendText(this.chat, text, this.quoted);
    this.sentAt = performance.now();
    this.clear();
    this.focus();
  }

  clear() {
    this.field.value = "";
    this.setQuote(null, false);
    this.changed();
  }

  /** @param {Quoted | null} quoted @param {boolean} [byPerson] */
  setQuote(quoted, byPerson = true) {
    this.quoted = quoted;
    const bar = /** @type {HTMLElement} */ (this.quoteBar);
    bar.hidden = !quoted;
    if (quoted) {
      const { glyph, text } = quotePreview(quoted);
      const name = quoted.name ?? (quoted.direction === "out" ? t("You") : (this.chat?.name ?? ""));
      refill(
        bar,
        el(
          "div.quote",
          {},
          el("span.quote-name", { dir: "auto" }, name),
          el("span.quote-text", { dir: "auto" }, glyph ? icon(glyph, "icon-small") : null, text),
        ),
        el(
          "button.icon-button",
          { type: "button", "aria-label": t("Do not quote"), onclick: () => this.dropQuote() },
          icon("close"),
        ),
      );
    }
    if (!byPerson) return;
    this.keepDraft();
    this.focus();
  }

  dropQuote() {
    this.setQuote(null);
  }

  // ------------------------------------------------------------ voice

  record() {
    // The button stands where Send was: the second half of a double click is not meant for it.
    if (this.isOpen && performance.now() - this.sentAt > DOUBLE_CLICK) void this.recorder.start();
  }

  /** @param {HTMLElement} button */
  holdToTalk(button) {
    const { recorder } = this;
    return new HoldToTalk(button, {
      start: () => this.record(),
      send: () => void this.sendRecording(),
      drop: () => recorder.drop(),
      mark: (says) => recorder.hold(says),
    });
  }

  /** @param {boolean} hadFocus */
  recordingChanged(hadFocus) {
    this.drawWindow();
    if (hadFocus && !this.writing?.hidden) this.recordButton?.focus({ preventScroll: true });
  }

  async sendRecording() {
    const { chat, quoted } = this;
    if (!chat || !this.isOpen || !this.recorder.canSend) return;
    this.sentAt = performance.now();
    const recorded = await this.recorder.take();
    if (!recorded) return;
    const { file, duration_ms } = recorded;
    const voice = {
      kind: /** @type {const} */ ("audio"),
      asDocument: false,
      caption: "",
      url: null,
      width: null,
      height: null,
      voice: { duration_ms },
    };
    this.inbox.sendFile(chat, { file, ...voice }, quoted);
    if (this.chat?.id !== chat.id) return;
    this.setQuote(null, false);
    this.keepDraft();
  }

  // ------------------------------------------------------------ files

  /** @param {File[]} files */
  attach(files) {
    const { chat, quoted } = this;
    if (!chat) return;
    if (!this.isOpen) {
      toast(t("Only a template can be sent now"));
      return;
    }
    openTray(files, {
      name: chat.name,
      draft: this.field.value.trim(),
      send: (attachments, isDraftUsed) => {
        for (const [at, attachment] of attachments.entries()) this.inbox.sendFile(chat, attachment, at === 0 ? quoted : null); // the others follow it
        if (this.chat?.id !== chat.id) return;
        if (isDraftUsed) this.field.value = "";
        this.setQuote(null, false);
        this.changed();
      },
      onClose: () => this.focus(),
    });
  }
}
