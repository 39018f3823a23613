// The open chat: loads its messages, keeps them in line with the server, and knows what somebody has in sight.

import { t } from "../../lib/strings.js";
import * as api from "../../net/api.js";
import { need, refill } from "../../ui/dom.js";
import { emptyState, errorState, threadSkeleton } from "../../ui/states.js";
import { toast } from "../../ui/toast.js";
import { Lightbox } from "../viewer/lightbox.js";
import { Reel } from "../viewer/reel.js";
import { ActionBar } from "./action_bar.js";
import { showVersions } from "./message_dialogs.js";
import { MessageList, keyOf } from "./message_list.js";
import { MessageWindow } from "./message_window.js";
import { Signposts } from "./signposts.js";
import { nextVoice } from "./voice_deck.js";
import { stopSound } from "./voice_player.js";

const PAGE = 50;
const UNREAD_TOP = 60; // px: where the unread band stands when a chat opens
const CACHED_CHATS = 20;

/** @typedef {import("../inbox.js").Inbox} Inbox */

export class Thread {
  /**
   * @param {HTMLElement} root
   * @param {Inbox} inbox
   */
  constructor(root, inbox) {
    this.inbox = inbox;
    this.scroller = need(root, "[data-messages]");
    this.state = need(root, "[data-thread-state]");
    this.announcer = need(document, "[data-announcer]");
    /** @type {Chat | null} */
    this.chat = null;
    this.list = new MessageList();
    /** @type {Map<number, Message[]>} the newest messages of chats that were open: painted at once when they open again */
    this.cache = new Map();
    /** @type {symbol | null} the page on its way; its call is void once the stretch it belongs to is gone */
    this.loading = null;
    this.inAir = 0;
    /** @type {Map<string, Message>} came while a page was on its way, which may not hold them yet */
    this.early = new Map();
    this.window = new MessageWindow(this.scroller, this.acts(), {
      onNearTop: () => void this.loadOlder(),
      onNearBottom: () => void this.loadNewer(),
      onScroll: (isByHand) => this.scrolled(isByHand),
    });
    this.signposts = new Signposts(root, this);
    this.bar = new ActionBar(this.scroller, this);
    this.showNothing();
  }

  /** @returns {import("./message_view.js").Acts} */
  acts() {
    return {
      jumpTo: (quoted) => void this.jumpTo(quoted),
      view: (message) => this.view(message, { items: this.list.all(), older: this.list.older, newer: this.list.newer }),
      showVersions,
      settle: (message, act) => void this.inbox.settle(message, act),
      retryMedia: (media) => void this.retryMedia(media),
      nextVoice: (id) => nextVoice(this.list.all(), id),
      nameOf: (message) => this.nameOf(message),
      quoteName: (direction, name) => name ?? (direction === "out" ? t("You") : (this.chat?.name ?? "")),
      isGroup: () => this.chat?.kind === "group",
    };
  }

  /** @param {Message} message */
  nameOf(message) {
    if (message.direction === "out") return message.sender?.name ?? t("You");
    return message.contact && this.chat?.kind === "group" ? message.contact.name : (this.chat?.name ?? "");
  }

  /**
   * In full size, and on from there to the chat's other photos and videos.
   * @param {Message} message
   * @param {{ items: Message[], older: string | null, newer: string | null }} around what is known of them
   */
  view(message, around) {
    const fetch = (/** @type {Record<string, string>} */ where) =>
      api.get(`/api/chats/${message.conversation_id}/media?${new URLSearchParams(where)}`);
    new Lightbox(new Reel({ ...around, fetch }, message), {
      nameOf: (one) => this.nameOf(one),
      showInChat: (id) => void this.inbox.showMessage(id),
    });
  }

  // ------------------------------------------------------------ opening and leaving

  /** @param {Chat} chat */
  async open(chat) {
    this.leave();
    this.chat = chat;
    this.list = new MessageList();
    this.loading = null;
    this.early.clear();
    this.signposts.clear();
    const cached = chat.unread_count ? undefined : this.cache.get(chat.id);
    if (cached) this.paint({ messages: cached, next_cursor: String(cached[0]?.id ?? "") || null, first_unread_id: null });
    else {
      this.scroller.hidden = true;
      refill(this.state, threadSkeleton());
    }
    await this.load(chat);
  }

  leave() {
    stopSound();
    this.bar.hide();
    if (this.chat && this.list.isLoaded && this.list.isAtEnd) {
      this.cache.delete(this.chat.id);
      this.cache.set(
        this.chat.id,
        this.list
          .all()
          .filter((message) => message.id !== null)
          .slice(-PAGE),
      );
      if (this.cache.size > CACHED_CHATS) this.cache.delete(/** @type {number} */ (this.cache.keys().next().value));
    }
    this.chat = null;
    this.window.clear();
    this.signposts.clear();
  }

  close() {
    this.leave();
    this.showNothing();
  }

  showNothing() {
    this.scroller.hidden = true;
    refill(
      this.state,
      emptyState({
        icon: "chat",
        title: t("Choose a chat"),
        text: t("Pick a conversation on the left, or start a new one with a template."),
      }),
    );
  }

  /** @param {Chat} chat */
  async load(chat) {
    try {
      let page = await this.fetch(chat, "");
      const unreadId = page.first_unread_id ?? guessFirstUnread(page.messages, chat.unread_count);
      const isInPage = page.messages.some((/** @type {Message} */ message) => message.id === unreadId);
      if (unreadId && !isInPage && this.chat?.id === chat.id) page = await this.fetch(chat, `&around=${unreadId}`);
      if (this.chat?.id !== chat.id) return;
      this.paint({ ...page, first_unread_id: unreadId });
    } catch (error) {
      if (this.chat?.id !== chat.id || this.list.isLoaded) return;
      refill(
        this.state,
        errorState(/** @type {Error} */ (error), () => {
          refill(this.state, threadSkeleton());
          void this.load(chat);
        }),
      );
    }
  }

  /** @param {Chat} chat @param {string} where */
  async fetch(chat, where) {
    if (!this.inAir) this.early.clear();
    this.inAir += 1;
    try {
      return await api.get(`/api/messages?conversation_id=${chat.id}&limit=${PAGE}${where}`);
    } finally {
      this.inAir -= 1;
    }
  }

  /** @param {any} page */
  reset(page) {
    this.loading = null;
    this.list.reset(page);
    for (const message of this.early.values()) this.list.put(message);
    this.putUnsent();
  }

  /** What was typed here and belongs to the stretch that is held. */
  putUnsent() {
    for (const entry of this.inbox.outbox.of(this.chat?.id ?? 0)) this.list.put(this.inbox.bubbleOf(entry));
  }

  /** @param {{ messages: Message[], next_cursor: string | null, prev_cursor?: string | null, first_unread_id: number | null }} page */
  paint(page) {
    const chat = /** @type {Chat} */ (this.chat);
    const wasPainted = this.list.isLoaded;
    this.reset(page);
    this.scroller.hidden = false;
    this.state.replaceChildren();
    const keep = wasPainted && !this.window.keeper.isPinned;
    this.window.show(this.list, page.first_unread_id, chat.unread_count);
    const unread = page.first_unread_id === null ? null : this.list.find(page.first_unread_id);
    if (unread) this.window.reveal(keyOf(unread), UNREAD_TOP + 44);
    else if (!keep) this.window.keeper.toBottom();
    if (!this.list.all().length) refill(this.state, emptyState({ icon: "chat", title: t("No messages yet") }));
    this.signposts.landed(unread ? chat.unread_count : 0);
    this.inbox.markRead();
  }

  // ------------------------------------------------------------ more of it

  async loadOlder() {
    if (this.window.growUp()) return;
    const { list, chat } = this;
    if (!list.older || !chat || this.loading) return;
    await this.more(
      () => this.fetch(chat, `&before=${list.older}`),
      (page) => {
        this.window.follow(() => list.addOlder(page));
        this.putUnsent();
        this.window.growUp();
      },
      () => void this.loadOlder(),
    );
  }

  async loadNewer() {
    if (this.window.growDown()) return;
    const { list, chat } = this;
    if (!list.newer || !chat || this.loading) return;
    await this.more(
      () => this.fetch(chat, `&after=${list.newer}`),
      (page) => {
        this.window.follow(() => list.addNewer(page));
        this.putUnsent();
        this.window.growDown();
        this.window.draw();
      },
      () => void this.loadNewer(),
    );
  }

  /**
   * A later call takes the place of an earlier one: a page of the stretch that is left must not go into the next one.
   * @param {() => Promise<any>} fetch
   * @param {(page: any) => void} add
   * @param {() => void} again
   */
  async more(fetch, add, again) {
    const { list } = this;
    const call = (this.loading = Symbol("page"));
    try {
      const page = await fetch();
      if (this.loading === call) add(page);
    } catch (error) {
      if (this.loading === call)
        toast(/** @type {Error} */ (error).message, { label: t("Try again"), run: () => this.list === list && again() });
    } finally {
      if (this.loading === call) this.loading = null;
    }
    if (this.list === list) this.signposts.showJump();
  }

  /** After a long absence: whatever is shown is put right with the newest page. */
  async reload() {
    this.cache.clear();
    const { chat, list } = this;
    if (!chat) return;
    try {
      const page = await this.fetch(chat, "");
      if (this.list !== list) return;
      const meets =
        list.isAtEnd && page.messages.some((/** @type {Message} */ message) => message.id !== null && list.find(message.id));
      if (meets) {
        for (const message of page.messages) list.put(message);
        this.window.draw();
      } else if (list.isAtEnd || !list.isLoaded) this.paint({ ...page, first_unread_id: page.first_unread_id ?? null });
      this.inbox.markRead();
    } catch {
      // The feed reports the outage; the next reset or change asks again.
    }
  }

  // ------------------------------------------------------------ one message

  /**
   * As the server has it now, or as it was typed here.
   * @param {Message} message
   */
  put(message) {
    if (this.chat?.id !== message.conversation_id) return;
    if (this.inAir) this.early.set(keyOf(message), message);
    if (!this.list.isLoaded) return;
    const before = this.list.sections.length;
    const wasAtEnd = this.window.reachesEnd;
    const outcome = this.list.put(message);
    if (outcome === "outside") {
      if (message.direction === "in" && message.id !== null) this.signposts.noteUnseen(message);
      return;
    }
    if (this.list.all().length === 1) this.state.replaceChildren();
    if (wasAtEnd && this.list.sections.length > before) this.window.growDown();
    if (outcome === "new" && message.direction === "in") this.arrived(message);
    this.window.draw();
    this.bar.refresh();
    this.signposts.showJump();
  }

  /**
   * Somebody answered here: the answer comes into sight, and what was unread is dealt with.
   * @param {number} chatId
   */
  answered(chatId) {
    if (this.chat?.id !== chatId || !this.list.isLoaded) return;
    this.window.firstUnreadId = null;
    this.window.unreadCount = 0;
    this.toEnd();
  }

  /** @param {Message} message */
  arrived(message) {
    const { window } = this;
    if (!this.inbox.isWatching && message.id !== null) {
      const isRead = (this.inbox.readUpTo.get(message.conversation_id) ?? 0) >= (window.firstUnreadId ?? 0);
      if (isRead) window.firstUnreadId = message.id;
      window.unreadCount = isRead ? 1 : window.unreadCount + 1;
    }
    if (!window.keeper.isPinned) this.signposts.noteUnseen(message);
    this.announcer.textContent = `${this.nameOf(message)}: ${message.text}`;
  }

  /** @param {string} key */
  remove(key) {
    this.list.remove(key);
    this.window.draw();
  }

  // ------------------------------------------------------------ moving in it

  toEnd() {
    if (this.list.isAtEnd) {
      this.window.moveToEnd();
    } else if (this.chat) {
      void this.reloadEnd(this.chat);
    }
  }

  /** @param {Chat} chat */
  async reloadEnd(chat) {
    await this.more(
      () => this.fetch(chat, ""),
      (page) => {
        this.paint({ ...page, first_unread_id: null });
        this.window.keeper.toBottom();
      },
      () => void this.reloadEnd(chat),
    );
  }

  /** @param {Quoted} quoted */
  async jumpTo(quoted) {
    if (quoted.message_id === null) return toast(t("The quoted message is not stored here."));
    await this.goTo(quoted.message_id);
  }

  /** @param {number} id */
  async goTo(id) {
    const { chat } = this;
    if (!chat) return;
    if (!this.list.find(id)) {
      await this.more(
        () => this.fetch(chat, `&around=${id}`),
        (page) => {
          this.reset(page);
          this.window.show(this.list, this.window.firstUnreadId, this.window.unreadCount);
        },
        () => void this.goTo(id),
      );
    }
    const message = this.list.find(id);
    const node = message && this.window.reveal(keyOf(message));
    if (!node) return;
    node.classList.remove("is-flashing");
    void node.offsetWidth; // so that the animation begins again
    node.classList.add("is-flashing");
    node.focus({ preventScroll: true });
  }

  /** @param {boolean} isByHand */
  scrolled(isByHand) {
    this.signposts.scrolled(isByHand);
    this.bar.place();
  }

  /** @param {Media} media */
  async retryMedia(media) {
    try {
      await api.post(`/api/media/${media.id}/retry`);
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }
}

/**
 * Where the server does not say which message is the first unread one: count the customer's from the end.
 * @param {Message[]} messages
 * @param {number} count
 */
function guessFirstUnread(messages, count) {
  if (!count) return null;
  const inbound = messages.filter((message) => message.direction === "in");
  return inbound[Math.max(0, inbound.length - count)]?.id ?? null;
}
