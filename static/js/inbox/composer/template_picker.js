// Choosing a template, filling it in, seeing what the customer will read, sending it. Used for an open chat and for a new one.

import { t } from "../../lib/strings.js";
import { fill, filledText, searchTemplates } from "../../lib/templates.js";
import * as api from "../../net/api.js";
import { forgetTemplates, loadTemplates } from "../../net/templates.js";
import { openDialog } from "../../ui/dialog.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { richText } from "../../ui/rich_text.js";
import { emptyState, errorState } from "../../ui/states.js";
import { toast } from "../../ui/toast.js";
import { templateButtons } from "../thread/message_body.js";

/**
 * @typedef {object} Choice
 * @property {{ name: string, language: string, variables: Record<string, string> }} template
 * @property {string} text what the customer will read
 * @property {string[]} buttons what the customer can tap below it
 */

/**
 * @param {{ title: string, to?: HTMLElement, send: (choice: Choice) => Promise<void> | void }} options `to`: a field above the list
 */
export function openTemplatePicker({ title, to, send }) {
  const place = el("div.picker");
  const dialog = openDialog({ title, body: [to ?? null, place], wide: true });
  const picker = new Picker(place, dialog, send);
  void picker.load();
  return dialog;
}

class Picker {
  /**
   * @param {HTMLElement} place
   * @param {HTMLDialogElement} dialog
   * @param {(choice: Choice) => Promise<void> | void} send
   */
  constructor(place, dialog, send) {
    this.place = place;
    this.dialog = dialog;
    this.send = send;
    /** @type {MessageTemplate[]} */
    this.templates = [];
    this.search = el("input.input", {
      type: "search",
      placeholder: t("Search templates"),
      "aria-label": t("Search templates"),
      autocomplete: "off",
    });
    this.language = el("select.input", { "aria-label": t("Language") });
    this.list = el("ul.template-list", { role: "list", "aria-label": t("Templates") });
    this.search.addEventListener("input", () => this.drawList());
    this.language.addEventListener("change", () => this.drawList());
  }

  async load() {
    refill(this.place, el("div.state", { role: "status", "aria-label": t("Loading") }, el("span.spinner")));
    try {
      this.templates = await loadTemplates();
      this.drawChoice();
    } catch (error) {
      refill(
        this.place,
        errorState(/** @type {Error} */ (error), () => void this.load()),
      );
    }
  }

  drawChoice() {
    const languages = [...new Set(this.templates.map((one) => one.language))].sort();
    refill(
      this.language,
      el("option", { value: "" }, t("All languages")),
      languages.map((one) => el("option", { value: one }, one)),
    );
    const again = el(
      "button.button",
      { type: "button", title: t("Fetch the templates from Meta"), onclick: () => void this.sync(again) },
      icon("retry", "icon-small"),
      t("Refresh"),
    );
    refill(this.place, el("div.picker-bar", {}, this.search, this.language, again), this.list);
    this.drawList();
    if (!this.dialog.querySelector("input:focus")) this.search.focus();
  }

  /** @param {HTMLButtonElement} button */
  async sync(button) {
    button.disabled = true;
    try {
      await api.post("/api/templates/sync");
      forgetTemplates();
      this.templates = await loadTemplates();
      this.drawList();
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
    button.disabled = false;
  }

  drawList() {
    const language = this.language.value;
    const found = searchTemplates(this.templates, this.search.value).filter((one) => !language || one.language === language);
    if (!found.length) {
      refill(
        this.list,
        el(
          "li",
          {},
          this.templates.length
            ? emptyState({ icon: "search", title: t("Nothing found") })
            : emptyState({
                icon: "template",
                title: t("No templates yet"),
                text: t("Templates are written and approved in Meta's WhatsApp Manager."),
              }),
        ),
      );
      return;
    }
    refill(
      this.list,
      found.map((template) =>
        el(
          "li",
          {},
          el(
            "button.template-row",
            {
              type: "button",
              "aria-disabled": template.sendable ? null : "true",
              onclick: () => template.sendable && this.drawForm(template),
            },
            el("span.template-name", {}, readable(template.name), el("span.tag.tag-quiet", {}, template.language)),
            el("span.template-text", { dir: "auto" }, template.body),
            template.sendable
              ? null
              : el(
                  "span.template-why",
                  {},
                  icon("alert", "icon-small"),
                  template.why_not ?? t("This template cannot be sent."),
                ),
          ),
        ),
      ),
    );
  }

  /** @param {MessageTemplate} template */
  drawForm(template) {
    /** @type {Record<string, string>} */
    const values = {};
    const preview = el("div.template-preview");
    const problem = el("p.field-error", { role: "alert" });
    const draw = () => refill(preview, ...previewNodes(template, values));
    const fields = template.variables.map((variable, at) => {
      const id = `template-value-${at}`;
      const input = el("input.input", {
        id,
        required: true,
        maxlength: 1000,
        autocomplete: "off",
        dir: "auto",
        placeholder: variable.example ?? "",
      });
      input.addEventListener("input", () => {
        values[variable.key] = input.value;
        draw();
      });
      return el("div.field", {}, el("label", { for: id }, labelOf(variable)), input);
    });
    const submit = el("button.button.button-primary", { type: "submit" }, icon("send", "icon-small"), t("Send template"));
    const form = el(
      "form.template-form",
      { novalidate: true },
      el(
        "div.form",
        {},
        el("h3.template-name", {}, readable(template.name), el("span.tag.tag-quiet", {}, template.language)),
        fields.length ? fields : el("p.muted", {}, t("This template has nothing to fill in.")),
        problem,
      ),
      el("div", {}, el("h3.section-title", {}, t("The customer will read")), el("div.template-wall", {}, preview)),
      el("div.button-row", {}, el("button.button", { type: "button", onclick: () => this.drawChoice() }, t("Back")), submit),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit(template, values, submit, problem);
    });
    draw();
    refill(this.place, form);
    (form.querySelector("input") ?? submit).focus();
  }

  /**
   * @param {MessageTemplate} template
   * @param {Record<string, string>} values
   * @param {HTMLButtonElement} button
   * @param {HTMLElement} problem
   */
  async submit(template, values, button, problem) {
    const missing = template.variables.findIndex((one) => !values[one.key]?.trim());
    const variable = template.variables[missing];
    if (variable) {
      problem.textContent = t("Fill in {name}.", { name: labelOf(variable) });
      this.place.querySelectorAll("input")[missing]?.focus();
      return;
    }
    button.disabled = true;
    try {
      await this.send({
        template: { name: template.name, language: template.language, variables: values },
        text: filledText(template, values),
        buttons: template.buttons.map((one) => one.text),
      });
      this.dialog.close();
    } catch (error) {
      problem.textContent = /** @type {Error} */ (error).message;
      button.disabled = false;
    }
  }
}

/** @param {string} name */
const readable = (name) => name.replaceAll("_", " ");

/** @param {TemplateVariable} variable */
function labelOf(variable) {
  const name = variable.placeholder;
  const place = /^\d+$/.test(name) ? t("Value {name}", { name }) : readable(name);
  if (variable.where === "header") return t("{place} (heading)", { place });
  return variable.where.startsWith("button") ? t("{place} (end of the button's address)", { place }) : place;
}

/**
 * @param {MessageTemplate} template
 * @param {Record<string, string>} values
 */
function previewNodes(template, values) {
  const header =
    template.header?.format === "TEXT"
      ? el("div.template-header", { dir: "auto" }, fill(template, "header", template.header.text, values))
      : null;
  return [
    header,
    el("div.bubble-text", { dir: "auto" }, richText(fill(template, "body", template.body, values))),
    template.footer ? el("div.template-footer", { dir: "auto" }, template.footer) : null,
    ...templateButtons(template.buttons.map((button) => button.text)),
  ];
}
