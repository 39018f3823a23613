// Who the customer is: names and where each comes from, other addresses, what the Customer List says, numbers, files and links.
// A third column on a wide screen, else a drawer over the chat.

import { prettyPhone } from "../../lib/phone.js";
import { t } from "../../lib/strings.js";
import * as api from "../../net/api.js";
import { chatAvatar } from "../../ui/avatar.js";
import { layers } from "../../ui/dialog.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { lazily } from "../../ui/lazy.js";
import { addParts } from "../../ui/page_parts.js";
import { Part } from "../../ui/part.js";
import { errorState } from "../../ui/states.js";
import { load, save } from "../../ui/storage.js";
import { toast } from "../../ui/toast.js";
import { facts, factsSkeleton } from "./facts.js";
import { nameForm } from "./name_form.js";

const KEY = "inbox:details";
const WIDE = "(min-width: 75rem)";
const PAUSE = 1000; // ms: at most one look a second at what the facts are now

const gallery = lazily(() => import("./gallery.js"));

/** @type {Record<string, () => string>} */
const SOURCES = {
  sheet: () => t("Name from the Customer List"),
  typed: () => t("Name given here"),
  google: () => t("Name from Google Contacts"),
  profile: () => t("Name chosen by the customer"),
  username: () => t("Username"),
  phone: () => t("No name yet"),
  group: () => t("Group"),
};

/**
 * @typedef {import("../store.js").Store} Store
 * @typedef {object} Wires
 * @property {import("../thread/thread.js").Thread} thread
 * @property {(chatId: number) => void} refetch the row of the chat
 * @property {() => void} focusBack on what opens the details
 */

/** @extends {Part<Store>} */
export class Details extends Part {
  /** @param {HTMLElement} root @param {Store} store @param {HTMLElement} page its class tells that there is a third column @param {Wires} wires */
  constructor(root, store, page, wires) {
    super(root, store);
    this.page = page;
    this.wires = wires;
    /** @type {Chat | null} */
    this.chat = null;
    /** @type {any} */
    this.found = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.top = el("div");
    this.facts = el("div");
    /** What other features add. */
    this.added = el("div");
    addParts(root.dataset.parts ?? "", this.added, store);
    /** Where the gallery comes; null: nothing is built yet for this chat. @type {HTMLElement | null} */
    this.place = null;
    /** @type {import("./gallery.js").Gallery | null} */
    this.gallery = null;
    /** Where rows of the Customer List are opened. @type {{ url: string | null } | null} */
    this.source = null;
    /** Of the open drawer; a column is not a layer. @type {(() => void) | null} */
    this.release = null;
    this.wide = matchMedia(WIDE);
    this.listen(this.wide, "change", () => {
      this.setDrawer(false);
      this.show();
    });
    this.watch("open", () => this.openChat());
    this.watch("chats", (ids) => ids.has(store.openId) && this.update());
    this.watch("messages", (messages) => this.isShown && this.gallery?.take(messages));
    this.watch("outdated", (ids) => ids.has(store.openId) && this.freshen());
    this.watch("reload", () => this.freshen());
  }

  get isWide() {
    return this.wide.matches;
  }

  get isShown() {
    if (!this.chat) return false;
    return this.isWide ? load(KEY) !== "closed" : this.release !== null;
  }

  /** @param {boolean} isOpen */
  setDrawer(isOpen) {
    if (isOpen) {
      this.release ??= layers.add(() => this.close());
    } else {
      this.release?.();
      this.release = null;
    }
  }

  openChat() {
    this.chat = this.store.chat;
    this.found = null;
    this.place = null;
    this.gallery = null;
    this.setDrawer(false);
    this.show();
  }

  /** The row of the chat is another: read, renamed, written in. */
  update() {
    const known = this.chat;
    this.chat = this.store.chat;
    if (!this.isShown || basisOf(this.chat) === basisOf(known)) return;
    if (this.chat?.name !== known?.name && !this.root.querySelector("form")) this.draw();
    this.loadSoon();
  }

  /** More has changed than the rows tell. */
  freshen() {
    if (!this.isShown) return;
    this.gallery?.freshen();
    this.loadSoon();
  }

  loadSoon() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      if (this.isShown && !this.root.querySelector("form")) void this.load();
    }, PAUSE);
  }

  toggle() {
    const willShow = !this.isShown;
    if (!willShow) {
      this.close();
      return;
    }
    if (this.isWide) save(KEY, null);
    else this.setDrawer(true);
    this.show();
    /** @type {HTMLElement | null} */ (this.root.querySelector("button"))?.focus();
  }

  /** @returns {boolean} whether there was something to close */
  close() {
    if (!this.isShown) return false;
    const hadFocus = !this.isWide || this.root.contains(document.activeElement);
    if (this.isWide) save(KEY, "closed");
    else this.setDrawer(false);
    this.show();
    if (hadFocus) this.wires.focusBack();
    return true;
  }

  show() {
    const { isShown } = this;
    this.root.hidden = !isShown;
    this.page.classList.toggle("has-details", isShown);
    this.root.classList.toggle("is-drawer", !this.isWide);
    if (isShown) {
      this.draw();
      void this.load();
    }
  }

  async load() {
    const { chat } = this;
    if (!chat) return;
    try {
      const [found, source] = await Promise.all([
        api.get(`/api/chats/${chat.id}/details`),
        this.source ?? api.get("/api/customers/source").catch(() => null),
      ]);
      this.source = source;
      if (this.chat?.id !== chat.id) return;
      this.found = found;
      if (!this.root.querySelector("form")) this.draw();
    } catch (error) {
      if (this.chat?.id !== chat.id || this.found) return;
      refill(
        this.facts,
        errorState(/** @type {Error} */ (error), () => this.show()),
      );
    }
  }

  draw() {
    const { chat, found } = this;
    if (!chat) return;
    if (!this.place) this.build(chat);
    const held = this.top.contains(document.activeElement) ? document.activeElement?.textContent : null;
    refill(this.top, this.person(chat));
    if (held !== null) this.focusAgain(held);
    refill(this.facts, found ? facts(found) : factsSkeleton());
  }

  /** On what was in focus before it was drawn again, or on what opened the form that is gone. @param {string | undefined} label */
  focusAgain(label) {
    const all = /** @type {HTMLElement[]} */ ([...this.top.querySelectorAll("a, button")]);
    (all.find((node) => node.textContent === label) ?? all.find((node) => node.matches("button")))?.focus();
  }

  /** What stays while the facts are drawn again: where somebody has scrolled to in the gallery is not lost. @param {Chat} chat */
  build(chat) {
    const place = (this.place = el("div"));
    void gallery(({ Gallery }) => {
      if (this.place === place) this.addGallery(new Gallery(chat.id, this.galleryWires()));
    });
    refill(
      this.root,
      el(
        "div.details-head",
        {},
        el(
          "button.icon-button",
          { type: "button", "aria-label": t("Close contact details"), onclick: () => this.toggle() },
          icon("close"),
        ),
      ),
      this.top,
      this.facts,
      place,
      this.added,
    );
  }

  /** @param {import("./gallery.js").Gallery} made */
  addGallery(made) {
    this.gallery = made;
    this.place?.replaceChildren(made.node);
  }

  /** @returns {import("./gallery.js").Wires} */
  galleryWires() {
    const { thread } = this.wires;
    return {
      acts: thread.acts,
      view: (message, around) => void thread.view(message, around),
      showInChat: (id) => void thread.showMessage(id),
    };
  }

  /** So that the chat can be seen: a drawer lies on it. */
  uncover() {
    if (!this.isWide) this.close();
  }

  /** @param {Chat} chat */
  person(chat) {
    const row = this.found?.customer?.row_number;
    const under = [prettyPhone(chat.phone), row ? this.rowLink(row) : ""].filter(Boolean);
    const rename =
      chat.contact_id && this.found?.contact
        ? el(
            "button.button.button-small",
            { type: "button", onclick: () => this.edit(chat) },
            icon("pencil", "icon-small"),
            t("Edit name"),
          )
        : null;
    const copy = chat.phone
      ? el(
          "button.button.button-small",
          { type: "button", onclick: () => void copyText(chat.phone ?? "") },
          icon("copy", "icon-small"),
          t("Copy number"),
        )
      : null;
    return el(
      "div.details-person",
      {},
      chatAvatar(chat, "avatar-large"),
      el("h2.details-name", { dir: "auto" }, chat.name),
      el(
        "p.muted",
        {},
        under.flatMap((part, at) => (at ? [" · ", part] : [part])),
      ),
      el("p.details-source", {}, SOURCES[chat.name_source]?.() ?? ""),
      rename || copy ? el("div.details-acts", {}, rename, copy) : null,
    );
  }

  /** To the row in the owner's Google Sheet; of a file only the number can be told. @param {number} row */
  rowLink(row) {
    const words = t("Customer List row {row}", { row });
    const address = this.source?.url?.replaceAll("{row}", String(row));
    return address ? el("a.link", { href: address, target: "_blank", rel: "noopener" }, words) : words;
  }

  /** @param {Chat} chat */
  edit(chat) {
    const { node, focus } = nameForm(chat, this.found?.contact?.names ?? {}, {
      cancel: () => this.draw(),
      save: (name) => void this.rename(chat, name),
    });
    this.root.querySelector(".details-acts")?.replaceWith(node);
    focus();
  }

  /** @param {Chat} chat @param {string} name */
  async rename(chat, name) {
    try {
      await api.patch(`/api/contacts/${chat.contact_id}`, { typed_name: name || null });
      this.draw();
      await this.load();
      this.wires.refetch(chat.id);
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }
}

/** What the facts hang on: only when it changes are they asked for again. @param {Chat | null} chat */
const basisOf = (chat) =>
  chat && JSON.stringify([chat.id, chat.contact_id, chat.name, chat.name_source, chat.phone, chat.last_message?.id]);

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("Copied"));
  } catch {
    toast(t("This browser does not let the page copy."));
  }
}
