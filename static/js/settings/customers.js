// The Customer List: which one is used, choosing another, reading it now. Held runs, runs and write-back have files of their own.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, need, refill } from "../ui/dom.js";
import { toast } from "../ui/toast.js";
import { CustomerChoice } from "./customer_choice.js";
import { showCountry } from "./customer_country.js";
import { showHeld } from "./customer_held.js";
import { CustomerRuns } from "./customer_runs.js";
import { showWriteBack } from "./customer_write_back.js";
import { openDialog } from "./dialog.js";

const PATIENCE = 120_000; // ms: a long list takes its time

/** @typedef {Api.CustomerListState} State */

export class Customers {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.current = need(root, "[data-current]");
    this.country = need(root, "[data-country]");
    this.held = need(root, "[data-held]");
    this.choicePlace = need(root, "[data-choice]");
    this.writeBack = need(root, "[data-write-back]");
    this.syncButton = /** @type {HTMLButtonElement} */ (need(root, "[data-sync]"));
    this.runs = new CustomerRuns(need(root, "[data-runs]"));
    this.syncButton.addEventListener("click", () => void this.sync());
    void this.load();
  }

  async load() {
    try {
      this.show(await api.get("/api/customers/list"));
    } catch (error) {
      const again = el("button.text-button", { type: "button", onclick: () => void this.load() }, t("Try again"));
      refill(this.current, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message, " ", again));
    }
  }

  /** @param {State} state */
  show(state) {
    const { list } = state;
    const hadFocus = [this.current, this.choicePlace, this.held].some((place) => place.contains(document.activeElement));
    this.syncButton.hidden = !list.kind;
    this.choicePlace.hidden = true;
    this.choicePlace.replaceChildren();
    refill(this.current, list.kind ? this.inUse(state) : this.none(state));
    showHeld(this.held, state, () => void this.load());
    showCountry(this.country, state.country, (/** @type {State} */ fresh) => this.show(fresh));
    showWriteBack(this.writeBack, state, (/** @type {State} */ fresh) => this.show(fresh));
    void this.runs.load();
    if (hadFocus) /** @type {HTMLElement | null} */ (this.current.querySelector("button, a"))?.focus();
  }

  /** @param {State} state */
  none(state) {
    return el(
      "div",
      { class: "grid grid-cols-1 gap-3 justify-items-start" },
      el("p.muted", {}, t("No list is used yet.")),
      el("button.button.button-primary", { type: "button", onclick: () => this.choose(state) }, t("Choose a list")),
    );
  }

  /** @param {State} state */
  inUse(state) {
    const { list } = state;
    const title = list.url
      ? el("a.link", { href: list.url, target: "_blank", rel: "noopener", dir: "auto" }, list.title)
      : el("bdi", {}, list.title);
    const columns = [list.mapping.phone, ...list.mapping.names].filter(Boolean).join(", ");
    const pairs = [
      [list.kind === "sheet" ? t("Google Sheet") : t("CSV file"), title],
      columns ? [t("Chosen columns"), el("bdi", {}, columns)] : null,
      list.kind === "sheet" && state.google.email ? [t("Read as"), el("bdi", {}, state.google.email)] : null,
    ];
    const buttons = list.by_environment
      ? el("p.field-hint", {}, t("It is set on the server (CUSTOMERS_CSV or CUSTOMER_SHEET_ID) and can be changed there only."))
      : el(
          "div",
          { class: "flex flex-wrap gap-2" },
          el("button.button.button-small", { type: "button", onclick: () => this.choose(state) }, t("Choose another list")),
          el(
            "button.button.button-small.button-danger",
            { type: "button", onclick: () => this.leave(list.title) },
            t("Stop using it"),
          ),
        );
    return el(
      "div",
      { class: "grid grid-cols-1 gap-3" },
      el(
        "dl.pairs",
        {},
        pairs.flatMap((pair) => (pair ? [el("dt", {}, pair[0]), el("dd", {}, pair[1])] : [])),
      ),
      buttons,
    );
  }

  /** @param {State} state */
  choose(state) {
    this.current.replaceChildren();
    this.choicePlace.hidden = false;
    this.writeBack.hidden = true;
    new CustomerChoice(this.choicePlace, state, { done: (fresh) => this.show(fresh), cancel: () => this.show(state) });
  }

  /** @param {string} title */
  leave(title) {
    openDialog({
      title: t("Stop using “{title}”?", { title }),
      body: [el("p", {}, t("Your customers stay as they were last read. The list is not read any more."))],
      action: t("Stop using it"),
      danger: true,
      send: async () => this.show(await api.remove("/api/customers/list")),
    });
  }

  async sync() {
    if (this.syncButton.getAttribute("aria-disabled") === "true") return;
    this.syncButton.setAttribute("aria-disabled", "true");
    try {
      const { run, changed } = await api.post("/api/customers/sync", {}, PATIENCE);
      if (!changed) toast(t("Nothing has changed in the list."));
      else if (run?.state === "done") toast(t("The list was read."));
      await this.load();
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    } finally {
      this.syncButton.removeAttribute("aria-disabled");
    }
  }
}
