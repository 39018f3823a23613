// The bottom of a phone: write, quote, edit, and send things from the paper clip.

import { t } from "../lib/strings.js";
import { el, refill } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { openMenu } from "../ui/menu.js";
import { act, sendFile } from "./api.js";
import { summary } from "./words.js";

/** @typedef {import("./model.js").Bubble} Bubble */

const MOST_ROWS = 5;

export class Composer {
  #id;
  #report;
  /** @type {{ kind: "quote" | "edit", bubble: Bubble } | null} */
  #about = null;

  /**
   * @param {{ id: string, name: string }} customer
   * @param {(error: Error) => void} report shows what went wrong
   */
  constructor(customer, report) {
    this.#id = customer.id;
    this.#report = report;
    const label = t("Message as {name}", { name: customer.name });
    this.field = el("textarea", { rows: 1, "aria-label": label, placeholder: t("Message") });
    this.field.addEventListener("keydown", (event) => this.#onKey(event));
    this.field.addEventListener("input", () => this.#grow());
    this.file = el("input", { type: "file", hidden: true, onchange: () => this.#sendFile() });
    this.bar = el("div.phone-about", { hidden: true });
    this.attach = el(
      "button.icon-button",
      { type: "button", "aria-label": t("Attach"), "aria-haspopup": "menu" },
      icon("attach"),
    );
    this.attach.addEventListener("click", () => this.#openAttach());
    this.form = el(
      "form.phone-form",
      { onsubmit: (/** @type {Event} */ event) => this.#onSubmit(event) },
      this.attach,
      this.field,
      this.file,
      el("button.icon-button.phone-send", { type: "submit", "aria-label": t("Send") }, icon("send")),
    );
    this.node = el("div.phone-composer", {}, this.bar, this.form);
  }

  /** @param {Bubble} bubble */
  quote(bubble) {
    this.#show("quote", bubble);
  }

  /** @param {Bubble} bubble */
  edit(bubble) {
    this.#show("edit", bubble);
    this.field.value = bubble.text;
    this.#grow();
  }

  /**
   * @param {"quote" | "edit"} kind
   * @param {Bubble} bubble
   */
  #show(kind, bubble) {
    this.#about = { kind, bubble };
    const title = kind === "edit" ? t("Edit message") : t("Reply to");
    const cancel = { type: "button", "aria-label": t("Cancel"), onclick: () => this.#clear() };
    refill(
      this.bar,
      el("span", {}, el("b", {}, title), el("span", {}, summary(bubble))),
      el("button.icon-button", cancel, icon("close")),
    );
    this.bar.hidden = false;
    this.field.focus();
  }

  #clear() {
    if (this.#about?.kind === "edit") this.field.value = "";
    this.#about = null;
    this.bar.hidden = true;
    this.#grow();
    this.field.focus();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "Escape" && this.#about) this.#clear();
  }

  #grow() {
    this.field.rows = Math.min(MOST_ROWS, this.field.value.split("\n").length);
  }

  /** @param {Event} event */
  async #onSubmit(event) {
    event.preventDefault();
    const text = this.field.value;
    if (!text.trim()) return;
    const about = this.#about;
    this.field.value = "";
    this.#clear();
    try {
      if (about?.kind === "edit") await act(this.#id, "edits", { wamid: about.bubble.wamid, text });
      else await act(this.#id, "messages", { type: "text", text, quote: about?.bubble.wamid });
    } catch (error) {
      this.field.value ||= text;
      this.#report(/** @type {Error} */ (error));
    }
  }

  #openAttach() {
    const sample = (/** @type {string} */ type) => () => {
      act(this.#id, "messages", { type, quote: this.#takeQuote() }).catch(this.#report);
    };
    const items = [
      { label: t("Photo"), icon: "photo", run: sample("photo") },
      { label: t("Voice message"), icon: "mic", run: sample("voice") },
      { label: t("Document"), icon: "file", run: sample("document") },
      { label: t("Sticker"), icon: "sticker", run: sample("sticker") },
      { label: t("Location"), icon: "pin", run: sample("location") },
      { label: t("Contact card"), icon: "person", run: sample("contact") },
      { label: t("A file of yours…"), icon: "attach", run: () => this.file.click() },
    ];
    openMenu(this.attach, items, t("Attach"));
  }

  #sendFile() {
    const file = this.file.files?.[0];
    const text = this.field.value.trim();
    const quote = this.#takeQuote();
    const form = new FormData();
    if (file) form.append("file", file);
    if (text) form.append("text", text);
    if (quote) form.append("quote", quote);
    this.file.value = "";
    this.field.value = "";
    if (file) sendFile(this.#id, form).catch(this.#report);
  }

  /** The wamid of the message that is being answered; an edit begun is given up. */
  #takeQuote() {
    const quote = this.#about?.kind === "quote" ? this.#about.bubble.wamid : undefined;
    if (this.#about) this.#clear();
    return quote;
  }
}
