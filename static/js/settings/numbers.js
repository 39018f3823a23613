// The WhatsApp number: how it is, testing it, and connecting, replacing or disconnecting it.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, need, refill } from "../ui/dom.js";
import { attachForm } from "../ui/form.js";
import { toast } from "../ui/toast.js";
import { checkList } from "./checks.js";
import { copyable } from "./copy.js";
import { when } from "./dates.js";
import { openDialog } from "./dialog.js";
import { awaitRestart } from "./restart.js";

const PATIENCE = 90_000; // ms: half a dozen questions to Meta, one after the other

const QUALITY = () =>
  /** @type {Record<string, string>} */ ({
    GREEN: t("good"),
    YELLOW: t("middling"),
    RED: t("poor: people block or report it"),
  });

export class Numbers {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.state = need(root, "[data-state]");
    this.connecting = need(root, "[data-connecting]");
    this.webhook = need(root, "[data-webhook]");
    this.checks = need(root, "[data-checks]");
    this.cancel = need(root, "[data-cancel]");
    this.keeps = need(root, "[data-keeps]");
    this.run = ""; // of the process that answered last
    this.form = /** @type {HTMLFormElement} */ (need(root, "[data-connect]"));
    attachForm(this.form, (values) => this.connect(values));
    this.cancel.addEventListener("click", () => this.open(false));
    void this.load();
  }

  async load() {
    try {
      this.show(await api.get("/api/numbers"));
    } catch (error) {
      refill(this.state, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
    }
  }

  /** @param {any} state */
  show(state) {
    this.run = state.run;
    const [number] = state.numbers;
    const isLive = state.mode === "live";
    refill(
      this.state,
      leadOf(state),
      number && isLive && el("dl.pairs", {}, ...pairs(state, number)),
      isLive && this.lines(state, number),
    );
    this.showWebhook(state);
    this.cancel.hidden = this.keeps.hidden = !isLive;
    this.open(!isLive);
  }

  /**
   * @param {any} state
   * @param {any} number
   */
  lines(state, number) {
    const found = el("div", { "aria-live": "polite" }, number.checks && checkList(number.checks));
    const test = el("button.button", { type: "button", onclick: () => void this.test(test, found) }, t("Test it now"));
    const mayChange = state.source === "stored";
    return el(
      "div.form",
      {},
      found,
      el(
        "div.button-row",
        {},
        mayChange &&
          el("button.button.button-danger", { type: "button", onclick: () => this.disconnect(number) }, t("Disconnect")),
        mayChange && el("button.button", { type: "button", onclick: () => this.open(true) }, t("Replace")),
        test,
      ),
    );
  }

  /** @param {any} state */
  showWebhook(state) {
    const draft = el(
      "div",
      { "aria-live": "polite" },
      state.draft &&
        el("p.field-hint", {}, t("A verify token is prepared, ending in {end}.", { end: state.draft.verify_token })),
    );
    const make = el(
      "button.button",
      { type: "button", onclick: () => void this.makeToken(draft, make) },
      state.draft ? t("Make another one") : t("Make a verify token"),
    );
    refill(
      this.webhook,
      el("div.field", {}, el("span.field-label", {}, t("Callback URL")), copyable(t("Callback URL"), state.webhook_url)),
      !state.has_public_url &&
        el(
          "p.banner",
          {},
          t("PUBLIC_URL is not set. Meta can only reach a public https address; deploy/README.md tells how to get one."),
        ),
      draft,
      el("div.button-row", {}, make),
    );
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.connecting.hidden = !isOpen;
    if (!isOpen) this.form.reset();
  }

  /**
   * @param {HTMLElement} place
   * @param {HTMLElement} button
   */
  async makeToken(place, button) {
    try {
      const { verify_token: token } = await api.post("/api/numbers/draft");
      refill(
        place,
        el(
          "div.field",
          {},
          el("span.field-label", {}, t("Verify token")),
          copyable(t("Verify token"), token),
          el("p.field-hint", {}, t("Copy it now: it is not shown again. Meta may ask for it from this moment on.")),
        ),
      );
      button.textContent = t("Make another one");
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }

  /** @param {Record<string, string>} values */
  async connect(values) {
    refill(this.checks, el("p.muted", { role: "status" }, t("Asking Meta…")));
    try {
      const { restart } = await api.post("/api/numbers", values, PATIENCE);
      this.form.reset();
      await awaitRestart(this.checks, restart, this.run);
    } catch (error) {
      refill(this.checks, checkList(/** @type {any} */ (error).details?.checks ?? []));
      throw error;
    }
  }

  /**
   * @param {HTMLElement} button
   * @param {HTMLElement} found
   */
  async test(button, found) {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    refill(found, el("p.muted", {}, t("Asking Meta…")));
    try {
      refill(found, checkList((await api.post("/api/numbers/test", {}, PATIENCE)).checks));
    } catch (error) {
      refill(found, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  /** @param {any} number */
  disconnect(number) {
    openDialog({
      title: t("Disconnect {number}?", { number: number.phone || number.phone_number_id }),
      body: [
        el(
          "p",
          {},
          t(
            "Nothing is sent or received any more until a number is connected again. The chats stay, and the sandbox runs meanwhile.",
          ),
        ),
        el("p", {}, t("Meta keeps messages that it cannot deliver for up to seven days.")),
      ],
      action: t("Disconnect"),
      danger: true,
      send: async () => {
        const { restart } = await api.remove(`/api/numbers/${number.phone_number_id}`);
        void awaitRestart(this.state, restart, this.run);
      },
    });
  }
}

/** @param {any} state */
function leadOf(state) {
  if (state.mode === "locked") {
    return el(
      "p.banner.banner-bad",
      { role: "alert" },
      t(
        "The key that opens the stored token is lost (the file encryption_keys in the data folder). Put it back and restart, or connect the number again. Until then nothing is sent, and Meta keeps what comes in for up to seven days.",
      ),
    );
  }
  if (state.mode === "sandbox") {
    return el(
      "p",
      { class: "m-0" },
      t("No number is connected. As soon as one is, the sandbox with its invented customers goes."),
    );
  }
  if (state.source === "environment")
    return el("p.field-hint", {}, t("Set by the WHATSAPP_ settings of the server (.env), which win over this page."));
  return false;
}

/**
 * @param {any} state
 * @param {any} number
 * @returns {HTMLElement[]}
 */
function pairs(state, number) {
  return /** @type {[string, string | false][]} */ ([
    [t("Number"), [number.phone, number.name].filter(Boolean).join(" · ") || t("not tested yet")],
    [t("Quality"), number.quality ? (QUALITY()[number.quality] ?? number.quality) : t("not known")],
    [t("Templates"), String(number.templates)],
    [t("Last webhook"), when(number.last_webhook_at, t("none yet: write to the number from your phone"))],
    [
      t("Access token"),
      t("{end}, {source}, {ends}", { end: number.access_token, source: sourceOf(state), ends: endOf(number) }),
    ],
    [t("App secret"), number.app_secret],
    [t("Verify token"), number.verify_token],
    [
      t("IDs at Meta"),
      t("number {number}, account {account}", { number: number.phone_number_id, account: number.business_account_id }),
    ],
    [t("Tested"), when(number.checked_at, t("not yet"))],
  ]).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}

/** @param {any} state */
const sourceOf = (state) => (state.source === "environment" ? t("from the server’s settings") : t("kept encrypted"));

/** @param {any} number */
function endOf(number) {
  if (number.token_never_expires) return t("without an end");
  return number.token_expires_at ? t("ends {when}", { when: when(number.token_expires_at) }) : t("end not known");
}
