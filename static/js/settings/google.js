// The Google card: connect, what is switched on, how Drive is. Every switch is saved at once.

import { linksOf } from "../lib/links.js";
import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, need, refill } from "../ui/dom.js";
import { attachForm, words } from "../ui/form.js";
import { icon } from "../ui/icons.js";
import { toast } from "../ui/toast.js";
import { when } from "./dates.js";
import { openDialog } from "./dialog.js";
import { askedFor, lacksPermission, namesOf, progressOf, roomOf, troubleOf } from "./google_state.js";

/** @typedef {import("./google_state.js").GoogleState} GoogleState */
/** @typedef {import("./google_state.js").ArchiveCounts} ArchiveCounts */
/** @typedef {import("./google_state.js").Contacts} Contacts */

const LOOK_AGAIN = 10_000; // ms, while something is under way and the page is looked at

export class GoogleCard {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.state = need(root, "[data-state]");
    this.buttons = need(root, "[data-buttons]");
    this.error = need(root, "[data-error]");
    this.client = /** @type {HTMLDetailsElement} */ (need(root, "[data-client]"));
    this.clientForm = /** @type {HTMLFormElement} */ (need(root, "[data-client-form]"));
    /** @type {(HTMLInputElement | HTMLSelectElement)[]} */
    this.controls = [...root.querySelectorAll("input[role=switch], select")].map(
      (node) => /** @type {HTMLInputElement} */ (node),
    );
    for (const control of this.controls) control.addEventListener("change", () => void this.change(control));
    attachForm(this.clientForm, async ({ client_id, client_secret }) => {
      this.show(await api.post("/api/google/client", { client_id, client_secret }));
      this.clientForm.reset();
      this.client.open = false;
      toast(t("Saved. Now connect Google."));
    });
    setInterval(() => void this.lookAgain(), LOOK_AGAIN);
    void this.run(() => api.get("/api/google"));
  }

  /**
   * A call whose answer is the new state.
   * @param {() => Promise<GoogleState>} call
   * @param {string} [done]
   */
  async run(call, done) {
    this.error.hidden = true;
    this.root.setAttribute("aria-busy", "true");
    try {
      this.show(await call());
      if (done) toast(done);
    } catch (error) {
      this.error.textContent = words(error);
      this.error.hidden = false;
      if (this.google) this.showSwitches(this.google);
    } finally {
      this.root.removeAttribute("aria-busy");
    }
  }

  /** @param {HTMLInputElement | HTMLSelectElement} control */
  async change(control) {
    const value =
      control instanceof HTMLInputElement
        ? control.checked
        : control.name === "prune_days"
          ? Number(control.value)
          : control.value;
    await this.run(() => api.patch("/api/google", { [control.name]: value }), t("Saved."));
  }

  async lookAgain() {
    if (document.hidden || !this.google || this.google.state !== "connected" || !this.isUnderWay(this.google)) return;
    await this.run(() => api.get("/api/google"));
  }

  /** @param {GoogleState} google */
  isUnderWay({ parts }) {
    return (
      Boolean(this.counts?.waiting) || Boolean(parts.contacts?.wanted && parts.contacts.granted && !this.contacts?.read_at)
    );
  }

  /** @param {GoogleState} google */
  show(google) {
    this.google = google;
    this.showSwitches(google);
    this.client.hidden = google.kind === "service_account" || google.client.from_environment;
    if (!google.client.id && google.kind === "user") this.client.open = true;
    need(this.client, "[data-redirect]").textContent =
      google.redirect_uri ?? t("Set PUBLIC_URL first: Google sends people back only to https addresses.");
    this.draw(google);
    if (google.state === "connected" && (google.switches.archive || google.switches.contacts)) void this.count(google);
  }

  /** @param {GoogleState} google */
  showSwitches({ switches }) {
    for (const control of this.controls) {
      const value = switches[/** @type {"archive"} */ (control.name)];
      if (control instanceof HTMLInputElement) control.checked = Boolean(value);
      else control.value = String(value);
    }
  }

  /** @param {GoogleState} google */
  async count({ switches }) {
    try {
      if (switches.archive) this.counts = /** @type {ArchiveCounts} */ (await api.get("/api/media/archive"));
      if (switches.contacts) this.contacts = /** @type {Contacts} */ (await api.get("/api/google/contacts"));
    } catch {
      return; // the card is complete without it
    }
    if (this.google) this.draw(this.google);
  }

  /** @param {GoogleState} google */
  draw(google) {
    refill(this.state, this.banner(google), this.facts(google));
    refill(this.buttons, ...this.actions(google));
  }

  /** @param {GoogleState} google */
  banner(google) {
    const trouble = troubleOf(google);
    if (!trouble) return null;
    return el(
      "p.banner",
      { role: "status", class: trouble.isBad ? "banner-bad" : "" },
      icon("alert", "icon-small"),
      el("span", { class: "min-w-0 flex-1" }, trouble.text),
      this.repair(google, trouble.way),
    );
  }

  /**
   * The one button that repairs it.
   * @param {GoogleState} google
   * @param {import("./google_state.js").Way} way
   */
  repair(google, way) {
    switch (way) {
      case "connect":
        return el("a.button.button-small", { href: "/auth/google" }, t("Connect again"));
      case "folder":
        return button(t("Make a folder"), () => this.askForFolder());
      case "link":
        return el(
          "a.button.button-small",
          { href: google.drive.link, target: "_blank", rel: "noreferrer" },
          t("Open Google Cloud"),
        );
      case "retry":
        return button(t("Try again"), () => void this.retry());
      default:
        return null;
    }
  }

  /** @param {GoogleState} google */
  facts(google) {
    if (google.state === "not_connected" || google.state === "broken") return null;
    const { drive } = google;
    const room = roomOf(drive);
    /** @type {[string, Node | string][]} */
    const rows = [[t("Connected as"), google.email ?? ""]];
    if (drive.folder_url)
      rows.push([
        t("Folder"),
        el("a.link", { href: drive.folder_url, target: "_blank", rel: "noreferrer" }, t("Open in Google Drive")),
      ]);
    if (room) rows.push([t("Storage"), el("span.room", {}, drive.limit ? meter(drive) : null, el("span", {}, room))]);
    if (this.counts && google.switches.archive) rows.push([t("Archive"), this.progress(this.counts)]);
    if (this.contacts && google.parts.contacts?.wanted && google.parts.contacts.granted)
      rows.push([t("Google Contacts"), withLink(namesOf(this.contacts))]);
    if (google.switches.backups) rows.push([t("Last backup"), when(google.last_backup_at, t("none yet"))]);
    return el(
      "dl.pairs",
      {},
      rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", { dir: "auto" }, value)]),
    );
  }

  /** @param {ArchiveCounts} counts */
  progress(counts) {
    const text = progressOf(counts);
    if (!counts.dead) return text;
    return el(
      "span",
      { title: counts.reason },
      text,
      " ",
      button(t("Try again"), () => void this.retry()),
    );
  }

  /** @param {GoogleState} google @returns {Node[]} */
  actions(google) {
    if (google.kind === "service_account") return google.state === "connected" ? [this.check()] : [];
    const isUseful = google.client.id && google.redirect_uri && Object.values(google.parts).some(({ wanted }) => wanted);
    if (google.state === "not_connected") {
      if (!isUseful)
        return [
          el(
            "p.field-hint",
            {},
            google.client.id
              ? t("Switch on what Google shall be used for, then connect.")
              : t("Enter the client ID below, then connect."),
          ),
        ];
      return [
        el("p.field-hint", { class: "min-w-0 flex-1" }, t("Google will ask you for: {what}.", { what: askedFor(google) })),
        el("a.button.button-primary", { href: "/auth/google" }, t("Connect Google")),
      ];
    }
    const again = lacksPermission(google) || google.state === "needs_reconnect" ? [] : [this.check()];
    return [...again, button(t("Disconnect"), () => this.disconnect(), "button-danger")];
  }

  check() {
    return button(t("Check now"), () => void this.run(() => api.post("/api/google/test"), t("Checked.")));
  }

  async retry() {
    await this.run(async () => {
      await api.post("/api/media/archive/retry");
      return api.post("/api/google/test");
    });
  }

  askForFolder() {
    openDialog({
      title: t("Make a new folder?"),
      body: [el("p", {}, t("New files go to a new folder in your Google Drive. What is in the old one stays there."))],
      action: t("Make a folder"),
      send: async () => this.show(await api.post("/api/google/folder")),
    });
  }

  disconnect() {
    openDialog({
      title: t("Disconnect Google?"),
      body: [
        el("p", {}, t("Files in Drive stay there. Files that are only in Drive cannot be shown here until you connect again.")),
      ],
      action: t("Disconnect"),
      danger: true,
      send: async () => this.show(await api.post("/api/google/disconnect")),
    });
  }
}

/** @param {string} label @param {() => void} run @param {string} [more] */
function button(label, run, more = "") {
  return el("button.button.button-small", { type: "button", class: more, onclick: run }, label);
}

/** @param {{ used: number | null, limit: number | null }} drive */
function meter({ used, limit }) {
  return el("meter", {
    min: 0,
    max: limit,
    low: (limit ?? 0) * 0.8,
    high: (limit ?? 0) * 0.95,
    optimum: 0,
    value: used,
    "aria-label": t("Storage used"),
  });
}

/** What is wrong may name the page of Google's that repairs it. @param {string} text */
function withLink(text) {
  const [link] = linksOf(text);
  return link
    ? el(
        "span",
        {},
        text.replace(link.text, ""),
        el("a.link", { href: link.href, target: "_blank", rel: "noreferrer" }, t("Open Google Cloud")),
      )
    : text;
}
