// Choosing a list: where it is, what it says with which columns, and only then "Use this list".

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";
import { words } from "../ui/form.js";
import { toast } from "../ui/toast.js";
import { showPreview } from "./customer_preview.js";
import { field } from "./dialog.js";

const PATIENCE = 120_000; // ms: an upload, or a sheet of tens of thousands of rows read for the first time

/** @typedef {import("./customers.js").State} State */
/** @typedef {{ phone: string, name: string, last_name: string }} Columns */

export class CustomerChoice {
  /**
   * @param {HTMLElement} root
   * @param {State} state
   * @param {{ done: (state: State) => void, cancel: () => void }} ends
   */
  constructor(root, state, ends) {
    this.state = state;
    this.ends = ends;
    this.asked = 0;
    /** What is looked at: a sheet's place, or a file. @type {{ sheet: string, gid: number, title: string } | File | null} */
    this.source = null;
    /** @type {Columns} */
    this.columns = { phone: "", name: "", last_name: "" };
    this.place = el("div", { class: "grid grid-cols-1 gap-3" });
    this.error = el("p.field-error", { role: "alert" });
    this.preview = el("div", { "aria-live": "polite" });
    this.chips = /** @type {const} */ (["sheet", "csv"]).map((kind) => ({
      kind,
      chip: el(
        "button.chip",
        { type: "button", onclick: () => this.pick(kind) },
        kind === "sheet" ? t("Google Sheet") : t("CSV file"),
      ),
    }));
    refill(
      root,
      el(
        "div",
        { class: "grid grid-cols-1 gap-3" },
        el(
          "div",
          { class: "flex flex-wrap items-center gap-2" },
          el(
            "div",
            { class: "flex flex-1 gap-2", role: "group", "aria-label": t("Where is the list?") },
            this.chips.map(({ chip }) => chip),
          ),
          el("button.button.button-quiet.button-small", { type: "button", onclick: ends.cancel }, t("Cancel")),
        ),
        this.place,
        this.error,
        this.preview,
      ),
    );
    this.pick(state.list.kind ?? (state.google.connected ? "sheet" : "csv"));
  }

  /** @param {"sheet" | "csv"} kind */
  pick(kind) {
    for (const { kind: other, chip } of this.chips) chip.setAttribute("aria-pressed", String(other === kind));
    this.forget();
    refill(this.place, kind === "sheet" ? this.sheetFields() : this.fileField());
    /** @type {HTMLElement | null} */ (this.place.querySelector("input"))?.focus();
  }

  forget() {
    this.asked += 1;
    this.source = null;
    this.columns = { phone: "", name: "", last_name: "" };
    this.error.textContent = "";
    this.preview.replaceChildren();
  }

  sheetFields() {
    const { google, list } = this.state;
    if (!google.connected) {
      return el("p.banner", {}, google.problem ?? t("Connect Google first; then you can choose a sheet."), " ", toGoogle());
    }
    const address = el("input.input", {
      type: "url",
      autocomplete: "off",
      placeholder: "https://docs.google.com/spreadsheets/d/…",
      value: list.url ?? "",
    });
    const tabs = el("div");
    const look = el("button.button", { type: "submit" }, t("Open"));
    const hint =
      google.kind === "service_account"
        ? t("Share the sheet with {email} first; reading is enough.", { email: google.email ?? "" })
        : t("A sheet that {email} can open.", { email: google.email ?? "" });
    const form = el(
      "form",
      { class: "grid grid-cols-1 gap-3", method: "post" },
      el(
        "div",
        { class: "flex flex-wrap items-end gap-2" },
        el("div", { class: "min-w-3xs flex-1" }, field(t("Address of the Google Sheet"), address)),
        look,
      ),
      el("p.field-hint", {}, hint),
      tabs,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.open(address.value.trim(), tabs, look);
    });
    address.addEventListener("input", () => {
      this.forget();
      tabs.replaceChildren();
    });
    return form;
  }

  /**
   * @param {string} sheet
   * @param {HTMLElement} place
   * @param {HTMLElement} button
   */
  async open(sheet, place, button) {
    this.forget();
    const ticket = this.asked;
    button.setAttribute("aria-disabled", "true");
    try {
      const found = await api.get(`/api/customers/tabs?sheet=${encodeURIComponent(sheet)}`);
      if (ticket !== this.asked) return;
      const chosen = found.tabs.find((/** @type {any} */ tab) => tab.gid === found.gid) ?? found.tabs[0];
      const select = el(
        "select.input",
        {},
        found.tabs.map((/** @type {any} */ tab) => el("option", { value: tab.gid, selected: tab === chosen }, tab.title)),
      );
      select.addEventListener("change", () => this.look({ sheet, gid: Number(select.value), title: found.title }));
      refill(place, field(t("Tab"), select));
      if (chosen) this.look({ sheet, gid: chosen.gid, title: found.title });
    } catch (error) {
      if (ticket === this.asked) refill(this.error, words(error), " ", wayToGoogle(error));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  fileField() {
    const input = el("input.input", { type: "file", accept: ".csv,.tsv,.txt,text/csv,text/plain" });
    input.addEventListener("change", () => {
      this.forget();
      if (input.files?.[0]) this.look(input.files[0]);
    });
    return field(t("File"), input, t("Saved as CSV by any spreadsheet program. Upload it again when it has changed."));
  }

  /** @param {{ sheet: string, gid: number, title: string } | File} source */
  look(source) {
    this.source = source;
    this.columns = { phone: "", name: "", last_name: "" };
    void this.draw();
  }

  async draw() {
    const ticket = (this.asked += 1);
    this.error.textContent = "";
    if (!this.preview.childElementCount) refill(this.preview, el("p.muted", { role: "status" }, t("Loading…")));
    try {
      const found = await api.post("/api/customers/list/preview", this.body(), PATIENCE);
      if (ticket !== this.asked) return;
      showPreview(this.preview, found, this.columns, {
        change: (columns) => {
          this.columns = columns;
          void this.draw();
        },
        use: (button) => void this.use(button),
      });
    } catch (error) {
      if (ticket !== this.asked) return;
      this.preview.replaceChildren();
      this.error.textContent = words(error);
    }
  }

  /** @returns {FormData | object} */
  body() {
    if (!(this.source instanceof File)) return { ...this.source, ...this.columns };
    const form = new FormData();
    for (const [name, value] of Object.entries(this.columns)) form.set(name, value);
    form.set("file", this.source);
    return form;
  }

  /** @param {HTMLElement} button */
  async use(button) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      this.ends.done(await api.post("/api/customers/list", this.body(), PATIENCE));
      toast(t("This list is used now."));
    } catch (error) {
      this.error.textContent = words(error);
      button.removeAttribute("aria-disabled");
    }
  }
}

/** Where an owner repairs it. @param {unknown} error */
function wayToGoogle(error) {
  const { code } = /** @type {{ code?: string }} */ (error);
  if (code === "google_permission" || code === "google_reconnect")
    return el("a.link", { href: "/auth/google" }, t("Ask Google now"));
  return code === "google_not_connected" ? toGoogle() : null;
}

/** The card is on the page of an owner only, and not on the demo owner's. */
function toGoogle() {
  const google = "/settings/google"; // in the list of pages for those who may
  if (document.querySelector(`a[href="${google}"]`)) return el("a.link", { href: google }, t("Go to Google"));
  return t("An owner does that, signed in with an account of their own.");
}
