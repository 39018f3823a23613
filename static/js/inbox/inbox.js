// The inbox as a whole: makes the parts, knows which chat is open, and passes on what concerns more than one part.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { layers } from "../ui/dialog.js";
import { need } from "../ui/dom.js";
import { browserStorage } from "../ui/storage.js";
import { toast } from "../ui/toast.js";
import { Attention } from "./attention.js";
import { Banner } from "./banner.js";
import { Composer } from "./composer/composer.js";
import { Drafts } from "./composer/drafts.js";
import { Sender } from "./composer/sender.js";
import { openTemplatePicker } from "./composer/template_picker.js";
import { Details } from "./details/details.js";
import { listenToKeys } from "./keys.js";
import { ChatListView } from "./list/chat_list_view.js";
import { openNewChat } from "./list/new_chat.js";
import { Sync } from "./sync.js";
import { Thread } from "./thread/thread.js";
import { ThreadHead } from "./thread/thread_head.js";

/** @typedef {import("./composer/drafts.js").Draft} Draft @typedef {import("./composer/outbox.js").Entry} Entry */

export class Inbox {
  /** @param {HTMLElement} root @param {Me} me */
  constructor(root, me) {
    this.root = root;
    this.me = me;
    /** @type {number | null} */
    this.chatId = null;
    /** @type {Map<number, Chat>} as last heard of */
    this.chats = new Map();
    /** @type {Map<number, number>} chat -> the message up to which it was reported read */
    this.readUpTo = new Map();
    const thread = need(root, "[data-thread]");
    this.drafts = new Drafts(browserStorage, me.user.id);
    this.banner = new Banner();
    this.attention = new Attention(this);
    this.listView = new ChatListView(root, this);
    this.thread = new Thread(thread, this);
    this.sender = new Sender(this, me);
    this.outbox = this.sender.outbox;
    this.details = new Details(need(root, "[data-details]"), this);
    this.head = new ThreadHead(need(thread, "[data-thread-head]"), this);
    this.composer = new Composer(need(thread, "[data-composer]"), this, thread);
    this.sync = new Sync(this);
    this.listen();
  }

  listen() {
    need(this.root, "[data-new-chat]").addEventListener("click", () => openNewChat(this));
    listenToKeys(this);
    addEventListener("popstate", () => void this.openAddress());
    for (const kind of /** @type {const} */ (["dragover", "drop"])) document.addEventListener(kind, refuseFiles);
    addEventListener("focus", () => this.watch());
    document.addEventListener("visibilitychange", () => this.watch());
    addEventListener("storage", (event) => this.onStorage(event));
    setInterval(() => this.head.draw(this.chat), 30_000);
  }

  async start() {
    const first = this.listView.load();
    await this.openAddress();
    await first;
    // From the seq that the account's answer told: what changed while the page was loading is fetched again.
    this.sync.feed.start(this.me.seq);
    this.outbox.resume();
    void this.sync.count();
    void this.banner.refresh();
    this.root.dataset.ready = "true";
  }

  /** The open chat. @returns {Chat | null} */
  get chat() {
    return this.chatId === null ? null : (this.chats.get(this.chatId) ?? null);
  }

  /** Somebody really looks: the chat is open, the tab in front, the window focused. */
  get isWatching() {
    return this.chatId !== null && document.visibilityState === "visible" && document.hasFocus();
  }

  get canReply() {
    return this.composer.isOpen;
  }

  // ------------------------------------------------------------ which chat

  /** The address says which chat is open: #chat=12, or ?chat=12 from outside. */
  async openAddress() {
    const fromQuery = new URLSearchParams(location.search).get("chat");
    const id = Number(/^#chat=(\d+)$/.exec(location.hash)?.[1] ?? fromQuery ?? 0);
    if (fromQuery) history.replaceState(null, "", `${location.pathname}${id ? `#chat=${id}` : ""}`);
    if (id !== (this.chatId ?? 0) && this.composer.recorder.recording?.isPrecious) {
      history.pushState({ fromList: true }, "", `#chat=${this.chatId}`); // the address steps forward again while the question is open
      await this.leaveChat();
    } else if (id) await this.showChat(id);
    else this.showList();
  }

  /** @param {number} id */
  async openChat(id) {
    if (this.chatId === id) {
      this.composer.focus();
      return;
    }
    if (!this.composer.recorder.mayLeave(() => void this.openChat(id))) return;
    await layers.closeAll();
    // From the list a step forward, so that Back returns to it; from chat to chat no pile of steps.
    if (this.chatId === null) history.pushState({ fromList: true }, "", `#chat=${id}`);
    else history.replaceState(history.state, "", `#chat=${id}`);
    await this.showChat(id);
  }

  async leaveChat() {
    if (!this.composer.recorder.mayLeave(() => void this.leaveChat())) return;
    await layers.closeAll();
    if (history.state?.fromList) history.back();
    else {
      history.replaceState(null, "", location.pathname);
      this.showList();
    }
  }

  /** @param {number} id */
  async showChat(id) {
    if (this.chatId === id) return;
    const chat = this.chats.get(id) ?? (await this.bring(id));
    if (!chat) return;
    this.chatId = id;
    this.root.classList.add("has-chat");
    document.body.classList.add("has-chat");
    this.listView.open(id);
    this.head.draw(chat);
    this.composer.open(chat);
    this.details.open(chat);
    this.attention.watch();
    const loaded = this.thread.open(chat);
    if (matchMedia("(pointer: fine)").matches) this.composer.focus();
    await loaded;
  }

  showList() {
    const left = this.chatId;
    if (left === null) return;
    this.chatId = null;
    this.root.classList.remove("has-chat");
    document.body.classList.remove("has-chat");
    this.thread.close();
    this.composer.close();
    this.details.open(null);
    this.head.draw(null);
    this.listView.open(null);
    this.listView.focusChat(left);
  }

  /** @param {number} id @returns {Promise<Chat | null>} */
  async bring(id) {
    try {
      const { chat } = await api.get(`/api/chats/${id}`);
      this.note(chat);
      return chat;
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
      history.replaceState(null, "", location.pathname);
      return null;
    }
  }

  // ------------------------------------------------------------ what the server says

  /** @param {Chat} chat */
  note(chat) {
    this.chats.set(chat.id, chat);
  }

  /** A chat as it is now. @param {Chat} chat */
  putChat(chat) {
    this.note(chat);
    this.listView.put(chat);
    if (chat.id !== this.chatId) return;
    this.head.draw(chat);
    this.composer.update(chat);
    this.details.update(chat);
    this.markRead();
  }

  /** A message as it is now. @param {Message} message */
  putMessage(message) {
    this.outbox.settle(message);
    this.thread.put(this.sender.dress(message));
    if (message.conversation_id === this.chatId) this.markRead();
  }

  /** @param {number} id */
  refreshChat(id) {
    this.sync.chats.ask(id);
    this.sync.countSoon();
  }

  /** @param {{ all: number, unread: number, waiting: number }} counts */
  showCounts(counts) {
    this.listView.showCounts(counts);
    this.attention.show(counts.unread);
  }

  // ------------------------------------------------------------ reading

  watch() {
    this.attention.watch();
    this.markRead();
  }

  /** Only what somebody has in front of them counts as read. */
  markRead() {
    const { chat } = this;
    if (!chat?.unread_count || !this.isWatching || !this.thread.list.isLoaded) return;
    const newest = this.thread.list.isAtEnd ? this.thread.list.newest?.id : chat.last_message?.id;
    if (!newest || this.readUpTo.get(chat.id) === newest) return;
    this.readUpTo.set(chat.id, newest);
    void this.tellRead(chat.id, newest);
  }

  /** @param {number} chatId @param {number} messageId */
  async tellRead(chatId, messageId) {
    try {
      const { chat } = await api.post(`/api/chats/${chatId}/read`, { message_id: messageId });
      this.putChat(chat);
      this.sync.countSoon();
    } catch {
      this.readUpTo.delete(chatId); // the next look tells it again
    }
  }

  // ------------------------------------------------------------ writing

  /** @param {Chat} chat @param {string} text @param {Quoted | null} quoted */
  sendText(chat, text, quoted) {
    this.sender.sendText(chat, text, quoted);
  }

  /** @param {Chat} chat @param {import("./composer/attachments.js").Attachment} attachment @param {Quoted | null} quoted */
  sendFile(chat, attachment, quoted) {
    this.sender.sendFile(chat, attachment, quoted);
  }

  /** @param {Message} message @param {"retry" | "discard" | "template" | "cancel"} act */
  settle(message, act) {
    return this.sender.settle(message, act);
  }

  /** @param {Entry} entry */
  bubbleOf(entry) {
    return this.sender.bubbleOf(entry);
  }

  chooseTemplate() {
    const { chat } = this;
    if (!chat) return;
    openTemplatePicker({
      title: t("Send a template to {name}", { name: chat.name }),
      send: (choice) => this.sender.sendTemplate(chat, choice),
    });
  }

  /** @param {Message} message */
  quote(message) {
    if (!message.wamid || !this.canReply) return;
    this.composer.setQuote({
      message_id: message.id,
      wamid: message.wamid,
      direction: message.direction,
      type: message.type,
      text: message.text.slice(0, 200),
      name: this.thread.nameOf(message),
      media_type: message.media?.mime_type ?? null,
    });
  }

  /** Of the open chat, whatever lies on it. @param {number} id */
  async showMessage(id) {
    if (!this.details.isWide) this.details.close();
    await this.thread.goTo(id);
  }

  focusLastMessage() {
    const last = this.thread.list.all().findLast((message) => message.direction === "out");
    const key = last && (last.client_msg_id ? `c:${last.client_msg_id}` : `m:${last.id}`);
    if (key) this.thread.window.nodeOf(key)?.focus();
  }

  /** @param {number} chatId @param {Draft} draft */
  keepDraft(chatId, draft) {
    this.drafts.put(chatId, draft);
    this.listView.drawSoon();
  }

  /** Another tab wrote a draft. @param {StorageEvent} event */
  onStorage(event) {
    const chatId = event.key ? this.drafts.reread(event.key) : null;
    if (chatId !== null) this.listView.drawSoon();
  }

  /** What waits to be sent, or was refused, stands in the chat's row. @param {Entry} entry */
  unsentChanged({ conversation_id: chatId }) {
    const chat = chatId === null ? undefined : this.chats.get(chatId);
    if (chat) this.listView.put(chat);
  }

  /** Bubbles offer Reply only while one can reply. @param {boolean} isOpen */
  replyWindowChanged(isOpen) {
    this.root.classList.toggle("can-reply", isOpen);
  }
}

/** A file dropped beside the conversation would replace the page. @param {DragEvent} event */
function refuseFiles(event) {
  if (event.defaultPrevented || !event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "none";
}
