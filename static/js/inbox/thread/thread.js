// The open chat: paints its messages, keeps them in line with the store, and moves in them.

import { t } from "../../lib/strings.js";
import { Retry } from "../../net/retry.js";
import { need, refill } from "../../ui/dom.js";
import { lazily } from "../../ui/lazy.js";
import { Part } from "../../ui/part.js";
import { emptyState, errorState, threadSkeleton } from "../../ui/states.js";
import { toast } from "../../ui/toast.js";
import { ActionBar } from "./action_bar.js";
import { messageActs } from "./message_acts.js";
import { keyOf } from "./message_list.js";
import { MessageWindow } from "./message_window.js";
import { Signposts } from "./signposts.js";
import { stopSound } from "./voice_player.js";

const UNREAD_TOP = 60; // px: where the unread band stands when a chat opens

const viewer = lazily(() => import("../viewer/lightbox.js"));

/**
 * @typedef {import("../store.js").Store} Store
 * @typedef {import("./message_pages.js").Page} Page
 * @typedef {object} Wires
 * @property {import("./message_pages.js").MessagePages} pages
 * @property {import("../reading.js").Reading} reading
 * @property {import("./message_view.js").Acts["settle"]} settle
 * @property {(message: Message) => Message} dress with a picture of this computer, where it was sent from here
 * @property {(message: Message, name: string) => void} quote `name`: who wrote it
 * @property {() => void} uncover what lies on the chat goes, so that a message can be seen
 */

/** @extends {Part<Store>} */
export class Thread extends Part {
  /** @param {HTMLElement} root @param {Store} store @param {Wires} wires */
  constructor(root, store, wires) {
    super(root, store);
    this.wires = wires;
    this.pages = wires.pages;
    this.scroller = need(root, "[data-messages]");
    this.state = need(root, "[data-thread-state]");
    this.announcer = need(document, "[data-announcer]");
    /** @type {Chat | null} */
    this.chat = null;
    /** The first page of the open chat is painted, or has failed. */
    this.opened = Promise.resolve();
    this.reloading = new Retry(() => this.reload(), this.signal);
    this.acts = messageActs(this);
    this.window = new MessageWindow(this.scroller, this.acts, {
      onNearTop: () => void this.loadOlder(),
      onNearBottom: () => void this.loadNewer(),
      onScroll: (isByHand) => this.scrolled(isByHand),
    });
    this.signposts = new Signposts(root, this);
    this.bar = new ActionBar(this.scroller, this);
    this.follow();
    this.showNothing();
  }

  follow() {
    const { store } = this;
    this.watch("open", () => this.openChat());
    this.watch("chats", (ids) => {
      if (store.chat && ids.has(store.openId)) this.chat = store.chat;
    });
    this.watch("messages", (messages) => this.take(messages));
    this.watch("dropped", (keys) => this.drop(keys));
    this.watch("answered", (ids) => ids.has(store.openId) && this.showAnswer());
    this.watch("outdated", (ids) => ids.forEach((id) => this.pages.cache.delete(id)));
    this.watch("reload", () => {
      this.pages.cache.clear();
      this.reloading.start();
    });
    this.watch("feed", () => store.feed === "live" && this.reloading.hurry());
  }

  get list() {
    return this.pages.list;
  }

  get isGroup() {
    return this.chat?.kind === "group";
  }

  /** @param {Message} message */
  nameOf(message) {
    if (message.direction === "out") return message.sender?.name ?? t("You");
    return (message.contact && this.isGroup ? message.contact.name : this.chat?.name) ?? "";
  }

  /**
   * In full size, and on from there to the chat's other photos and videos.
   * @param {Message} message
   * @param {{ items: Message[], older: string | null, newer: string | null }} around what is known of them
   */
  view(message, around) {
    return viewer(({ openLightbox }) =>
      openLightbox(message, around, {
        nameOf: (one) => this.nameOf(one),
        showInChat: (id) => void this.showMessage(id),
      }),
    );
  }

  // ------------------------------------------------------------ opening and leaving

  openChat() {
    stopSound();
    this.bar.hide();
    this.reloading.cancel();
    this.pages.leave();
    this.window.clear();
    this.signposts.clear();
    this.chat = this.store.chat;
    if (!this.chat) {
      this.showNothing();
      return;
    }
    const known = this.pages.open(this.chat);
    if (known) this.paint(known);
    else {
      this.scroller.hidden = true;
      refill(this.state, threadSkeleton());
    }
    this.opened = this.load(this.chat);
  }

  showNothing() {
    const text = t("Pick a conversation on the left, or start a new one with a template.");
    this.scroller.hidden = true;
    refill(this.state, emptyState({ icon: "chat", title: t("Choose a chat"), text }));
  }

  /** @param {Chat} chat */
  async load(chat) {
    const { list } = this;
    try {
      const page = await this.pages.first(chat);
      if (this.list === list) this.paint(page);
    } catch (error) {
      if (this.list !== list || list.isLoaded) return;
      const again = () => {
        refill(this.state, threadSkeleton());
        void this.load(chat);
      };
      refill(this.state, errorState(/** @type {Error} */ (error), again));
    }
  }

  /** @param {Page} page */
  paint(page) {
    const chat = /** @type {Chat} */ (this.chat);
    const wasPainted = this.list.isLoaded;
    this.pages.reset(page);
    this.scroller.hidden = false;
    this.state.replaceChildren();
    const keep = wasPainted && !this.window.keeper.isPinned;
    this.window.show(this.list, page.first_unread_id, chat.unread_count);
    const unread = page.first_unread_id === null ? null : this.list.find(page.first_unread_id);
    if (unread) this.window.reveal(keyOf(unread), UNREAD_TOP + 44);
    else if (!keep) this.window.keeper.toBottom();
    if (!this.list.all().length) refill(this.state, emptyState({ icon: "chat", title: t("No messages yet") }));
    this.signposts.landed(unread ? chat.unread_count : 0);
    this.store.touch("stretch");
  }

  // ------------------------------------------------------------ more of it

  async loadOlder() {
    if (this.window.growUp() || !this.list.older || this.pages.loading) return;
    const add = (/** @type {Page} */ page) => {
      this.window.follow(() => this.pages.addOlder(page));
      this.window.growUp();
    };
    await this.more(`&before=${this.list.older}`, add, () => void this.loadOlder());
  }

  async loadNewer() {
    if (this.window.growDown() || !this.list.newer || this.pages.loading) return;
    const add = (/** @type {Page} */ page) => {
      this.window.follow(() => this.pages.addNewer(page));
      this.window.growDown();
      this.window.draw();
      this.store.touch("stretch");
    };
    await this.more(`&after=${this.list.newer}`, add, () => void this.loadNewer());
  }

  /** @param {string} where @param {(page: Page) => void} add @param {() => void} again */
  async more(where, add, again) {
    const { list } = this;
    if (!this.chat) return;
    await this.pages.more(where, add, (error) => {
      toast(error.message, { label: t("Try again"), run: () => this.list === list && again() });
    });
    if (this.list === list) this.signposts.showJump();
  }

  /** After a long absence: whatever is shown is put right with the newest page. @throws {Error} what is shown stays as it is */
  async reload() {
    const { chat, list } = this;
    if (!chat) return;
    const page = await this.pages.fetch(chat.id, "");
    if (this.list !== list) return;
    const meets = list.isAtEnd && page.messages.some((message) => message.id !== null && list.find(message.id));
    if (meets) {
      this.pages.merge(page);
      this.window.draw();
    } else if (list.isAtEnd || !list.isLoaded) this.paint({ ...page, first_unread_id: page.first_unread_id ?? null });
    this.store.touch("stretch");
  }

  // ------------------------------------------------------------ single messages

  /** @param {Set<Message>} messages as they are now */
  take(messages) {
    const put = [...messages].filter((message) => this.put(this.wires.dress(message)));
    if (!put.length) return;
    this.redraw();
    this.store.touch("stretch");
  }

  /** @param {Message} message @returns {boolean} whether it is shown */
  put(message) {
    const before = this.list.sections.length;
    const wasAtEnd = this.window.reachesEnd;
    const outcome = this.pages.put(message);
    if (message.conversation_id !== this.chat?.id || !this.list.isLoaded) return false;
    if (outcome === "outside") {
      if (message.direction === "in" && message.id !== null) this.signposts.noteUnseen(message);
      return false;
    }
    if (this.list.all().length === 1) this.state.replaceChildren();
    if (wasAtEnd && this.list.sections.length > before) this.window.growDown();
    if (outcome === "new" && message.direction === "in") this.arrived(message);
    return true;
  }

  /** @param {Set<string>} keys of what was discarded */
  drop(keys) {
    for (const key of keys) this.pages.remove(key);
    this.redraw();
  }

  redraw() {
    this.window.draw();
    this.bar.refresh();
    this.signposts.showJump();
  }

  /** Somebody answered here: the answer comes into sight, and what was unread is dealt with. */
  showAnswer() {
    if (!this.list.isLoaded) return;
    this.window.firstUnreadId = null;
    this.window.unreadCount = 0;
    this.toEnd();
  }

  /** @param {Message} message */
  arrived(message) {
    const { window } = this;
    const { reading } = this.wires;
    if (!reading.isWatching && message.id !== null) {
      const isRead = reading.hasRead(message.conversation_id, window.firstUnreadId ?? 0);
      if (isRead) window.firstUnreadId = message.id;
      window.unreadCount = isRead ? 1 : window.unreadCount + 1;
    }
    if (!window.keeper.isPinned) this.signposts.noteUnseen(message);
    this.announcer.textContent = `${this.nameOf(message)}: ${message.text}`;
  }

  // ------------------------------------------------------------ moving in it

  toEnd() {
    if (this.list.isAtEnd) this.window.moveToEnd();
    else void this.reloadEnd();
  }

  async reloadEnd() {
    const add = (/** @type {Page} */ page) => {
      this.paint({ ...page, first_unread_id: null });
      this.window.keeper.toBottom();
    };
    await this.more("", add, () => void this.reloadEnd());
  }

  /** @param {Quoted} quoted */
  async jumpTo(quoted) {
    if (quoted.message_id === null) return toast(t("The quoted message is not stored here."));
    await this.goTo(quoted.message_id);
  }

  /** Of the open chat, whatever lies on it. @param {number} id */
  async showMessage(id) {
    this.wires.uncover();
    await this.goTo(id);
  }

  /** @param {number} id */
  async goTo(id) {
    if (!this.list.find(id)) {
      const add = (/** @type {Page} */ page) => {
        this.pages.reset(page);
        this.window.show(this.list, this.window.firstUnreadId, this.window.unreadCount);
      };
      await this.more(`&around=${id}`, add, () => void this.goTo(id));
    }
    const message = this.list.find(id);
    const node = message && this.window.reveal(keyOf(message));
    if (!node) return;
    node.classList.remove("is-flashing");
    void node.offsetWidth; // so that the animation begins again
    node.classList.add("is-flashing");
    node.focus({ preventScroll: true });
  }

  focusLastAnswer() {
    const last = this.list.all().findLast((message) => message.direction === "out");
    if (last) this.window.nodeOf(keyOf(last))?.focus();
  }

  /** @param {boolean} isByHand */
  scrolled(isByHand) {
    this.signposts.scrolled(isByHand);
    this.bar.place();
  }
}
