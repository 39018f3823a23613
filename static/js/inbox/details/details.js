// Who the customer is: names and where each comes from, other addresses, what the Customer List says, numbers, files and links.
// A third column on a wide screen, else a drawer over the chat.

import { prettyPhone } from "../../lib/phone.js";
import { t } from "../../lib/strings.js";
import { date } from "../../lib/time.js";
import * as api from "../../net/api.js";
import { chatAvatar } from "../../ui/avatar.js";
import { layers } from "../../ui/dialog.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { errorState } from "../../ui/states.js";
import { load, save } from "../../ui/storage.js";
import { toast } from "../../ui/toast.js";
import { Gallery } from "./gallery.js";

const KEY = "inbox:details";
export const WIDE = "(min-width: 75rem)";

/** @typedef {import("../inbox.js").Inbox} Inbox */

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

export class Details {
  /**
   * @param {HTMLElement} root
   * @param {Inbox} inbox
   */
  constructor(root, inbox) {
    this.root = root;
    this.inbox = inbox;
    /** @type {Chat | null} */
    this.chat = null;
    /** @type {any} */
    this.found = null;
    this.top = el("div");
    this.facts = el("div");
    /** @type {Gallery | null} */
    this.gallery = null;
    /** Where rows of the Customer List are opened. @type {{ url: string | null } | null} */
    this.source = null;
    /** Of the open drawer; a column is not a layer. @type {(() => void) | null} */
    this.release = null;
    this.wide = matchMedia(WIDE);
    this.wide.addEventListener("change", () => {
      this.setDrawer(false);
      this.show();
    });
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

  /** @param {Chat | null} chat */
  open(chat) {
    const isOther = chat?.id !== this.chat?.id;
    this.chat = chat;
    if (isOther) {
      this.found = null;
      this.gallery = null;
      this.setDrawer(false);
    }
    this.show();
  }

  /** @param {Chat} chat */
  update(chat) {
    if (this.chat?.id !== chat.id) return;
    this.chat = chat;
    if (!this.isShown) return;
    this.gallery?.freshen();
    if (!this.root.querySelector("form")) void this.load();
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
    if (hadFocus) this.inbox.head.person.focus();
    return true;
  }

  show() {
    const { isShown } = this;
    this.root.hidden = !isShown;
    this.inbox.root.classList.toggle("has-details", isShown);
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
    if (!this.gallery) this.build(chat);
    const held = this.top.contains(document.activeElement) ? document.activeElement?.textContent : null;
    refill(this.top, this.person(chat));
    if (held !== null) this.focusAgain(held);
    refill(this.facts, found ? [this.names(found), this.customer(found), this.conversation(found)] : skeleton());
  }

  /** On what was in focus before it was drawn again, or on what opened the form that is gone. @param {string | undefined} label */
  focusAgain(label) {
    const all = /** @type {HTMLElement[]} */ ([...this.top.querySelectorAll("a, button")]);
    (all.find((node) => node.textContent === label) ?? all.find((node) => node.matches("button")))?.focus();
  }

  /** What stays while the facts are drawn again: where somebody has scrolled to in the gallery is not lost. @param {Chat} chat */
  build(chat) {
    const { thread } = this.inbox;
    this.gallery = new Gallery(chat.id, {
      acts: thread.acts(),
      view: (message, around) => thread.view(message, around),
      showInChat: (id) => void this.inbox.showMessage(id),
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
      this.gallery.node,
    );
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

  /** @param {any} found */
  names({ contact }) {
    if (!contact) return null;
    /** @type {[string, string | null | undefined][]} */
    const rows = [
      [t("Customer List"), contact.names?.sheet],
      [t("Given here"), contact.names?.typed],
      [t("Google Contacts"), contact.names?.google],
      [t("Own profile"), contact.names?.profile],
    ];
    const aliases = (contact.aliases ?? []).map(
      (/** @type {any} */ alias) => /** @type {[string, string]} */ ([aliasLabel(alias), aliasValue(alias)]),
    );
    return section(t("Names"), pairs([...rows, ...aliases]));
  }

  /** @param {any} found */
  customer({ customer }) {
    const fields = Object.entries(customer?.fields ?? {}).filter(([, value]) => value !== "" && value !== null);
    return fields.length
      ? section(t("From the Customer List"), pairs(fields.map(([key, value]) => [key, String(value)])))
      : null;
  }

  /** @param {any} found */
  conversation({ counts, first_message_at: first, last_message_at: last }) {
    return section(
      t("Conversation"),
      pairs([
        [t("Messages"), t("{received} in · {sent} out", { received: counts?.in ?? 0, sent: counts?.out ?? 0 })],
        [t("First contact"), first ? date(first) : null],
        [t("Last contact"), last ? date(last) : null],
      ]),
    );
  }

  /** @param {Chat} chat */
  edit(chat) {
    const input = el("input.input", { id: "typed-name", maxlength: 200, dir: "auto", autocomplete: "off" });
    const shown = chat.name_source === "phone" ? "" : chat.name; // a number is no name
    input.value = shown;
    const hint = whatFollows(this.found?.contact?.names ?? {});
    const form = el(
      "form.form",
      {},
      el("div.field", {}, el("label", { for: "typed-name" }, t("Name")), input, el("p.field-hint", {}, hint)),
      el(
        "div.button-row",
        {},
        el("button.button.button-small", { type: "button", onclick: () => this.draw() }, t("Cancel")),
        el("button.button.button-primary.button-small", { type: "submit" }, t("Save")),
      ),
    );
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.draw();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const name = input.value.trim();
      if (name === shown) this.draw();
      else void this.rename(chat, name);
    });
    this.root.querySelector(".details-acts")?.replaceWith(form);
    input.focus();
    input.select();
  }

  /** @param {Chat} chat @param {string} name */
  async rename(chat, name) {
    try {
      await api.patch(`/api/contacts/${chat.contact_id}`, { typed_name: name || null });
      this.draw();
      await this.load();
      this.inbox.refreshChat(chat.id);
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }
}

/** @param {string} title @param {Node} inside */
const section = (title, inside) => el("section.details-section", {}, el("h3.section-title", {}, title), inside);

/** @param {[string, string | null | undefined][]} rows */
function pairs(rows) {
  return el(
    "dl.pairs",
    {},
    rows
      .filter(([, value]) => value)
      .flatMap(([key, value]) => [el("dt", { dir: "auto" }, key), el("dd", { dir: "auto" }, value)]),
  );
}

/** What is shown in place of a name given here. @param {{ sheet?: string, google?: string }} names */
function whatFollows({ sheet, google }) {
  if (sheet) return t("The Customer List's name is shown as long as there is one.");
  if (google) return t("Leave it empty to show the name from Google Contacts.");
  return t("Leave it empty to show the name that the customer has chosen.");
}

/** @param {any} alias */
function aliasLabel(alias) {
  const labels = /** @type {Record<string, string>} */ ({
    phone: t("Phone"),
    bsuid: t("WhatsApp id"),
    parent_bsuid: t("WhatsApp id (group)"),
    username: t("Username"),
  });
  return alias.retired_at
    ? t("{label} (before)", { label: labels[alias.kind] ?? alias.kind })
    : (labels[alias.kind] ?? alias.kind);
}

/** @param {any} alias */
function aliasValue(alias) {
  const value = alias.kind === "phone" ? prettyPhone(alias.value) : alias.kind === "username" ? `@${alias.value}` : alias.value;
  return alias.retired_at ? `${value} · ${t("until {date}", { date: date(alias.retired_at) })}` : value;
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(t("Copied"));
  } catch {
    toast(t("This browser does not let the page copy."));
  }
}

function skeleton() {
  return el(
    "div.details-section",
    { role: "status", "aria-label": t("Loading") },
    ["w-1/2", "w-4/5", "w-2/3"].map((width) => el("div.skeleton.skeleton-line", { class: width })),
  );
}
