// A run that would remove many customers waits for a person: who would go, what changes, then accept or keep.

import { prettyPhone } from "../lib/phone.js";
import { plural, t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";
import { toast } from "../ui/toast.js";

const PATIENCE = 120_000; // ms: a long list takes its time

/** @typedef {Api.ListedPerson & Partial<Api.ChangedPerson>} Person */
/** @typedef {Api.PeopleInDifference | Api.ChangesInDifference} Part */

/**
 * @param {HTMLElement} place
 * @param {Pick<import("./customers.js").State, "held_run" | "kept_run">} state
 * @param {() => void} decided
 */
export function showHeld(place, { held_run: heldRun, kept_run: keptRun }, decided) {
  const runId = heldRun ?? keptRun;
  place.hidden = runId === null;
  if (runId === null) {
    place.replaceChildren();
    return;
  }
  const detail = el("div", { class: "grid grid-cols-1 gap-3" });
  const isKept = heldRun === null;
  const words = isKept
    ? t(
        "You kept your customers. The list still lacks many of them, and nothing of it is taken over until it changes or you accept it.",
      )
    : t("The list lacks many customers whom it had before, so nothing was changed. Please look at it.");
  const look = el(
    "button.button.button-small",
    { type: "button", onclick: () => void show() },
    isKept ? t("Look again") : t("Look at it"),
  );
  refill(
    place,
    el(
      "div",
      { class: "grid grid-cols-1 gap-3" },
      el("p.banner", { role: isKept ? null : "alert" }, el("span", { class: "flex-1" }, words), look),
      detail,
    ),
  );

  async function show() {
    refill(detail, el("p.muted", { role: "status" }, t("Loading…")));
    try {
      drawDifference(detail, await api.get(`/api/customers/runs/${runId}/diff`), decide, isKept);
    } catch (error) {
      refill(detail, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
    }
  }

  /** @param {boolean} accept */
  async function decide(accept) {
    try {
      if (accept) await api.post("/api/customers/sync", { confirm: runId }, PATIENCE);
      else await api.post(`/api/customers/runs/${runId}/keep`);
      toast(accept ? t("The list is taken over as it is.") : t("Your customers stay as they were."));
      decided();
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }
}

/**
 * @param {HTMLElement} place
 * @param {Api.CustomerListDifference} found
 * @param {(accept: boolean) => Promise<void>} decide
 * @param {boolean} isKept
 */
function drawDifference(place, found, decide, isKept) {
  const accept = plural(found.removed.count, "Accept: {count} customer goes", "Accept: {count} customers go");
  refill(
    place,
    el(
      "p",
      {},
      t("{count} of {active} customers are not in the list any more.", { count: found.removed.count, active: found.active }),
    ),
    part(t("They would go"), found.removed),
    part(t("They would come"), found.added),
    part(t("They would change"), found.changed),
    el(
      "div.button-row",
      {},
      isKept ? null : el("button.button", { type: "button", onclick: () => void decide(false) }, t("Keep")),
      el("button.button.button-danger", { type: "button", onclick: () => void decide(true) }, accept),
    ),
  );
}

/** @param {string} title @param {Part} part */
function part(title, { count, first }) {
  if (!count) return null;
  const rest = count - first.length;
  return el(
    "details",
    { open: title === t("They would go") },
    el("summary", { class: "cursor-pointer" }, `${title} (${count})`),
    el(
      "ul",
      { class: "mt-2 grid max-h-[40dvh] gap-1 overflow-y-auto", tabindex: 0 },
      first.map((one) => el("li", {}, person(one))),
      rest > 0 ? el("li.muted", {}, t("and {count} more", { count: rest })) : null,
    ),
  );
}

/** @param {Person} one */
function person(one) {
  const about = t("{phone}, row {row}", { phone: prettyPhone(one.phone), row: one.row });
  const changes = Object.entries(one.fields ?? {}).map(([heading, [before, after]]) =>
    el(
      "div.field-hint",
      { dir: "auto" },
      `${heading || t("Name")}: `,
      el("del", {}, before || "–"),
      " → ",
      el("ins", {}, after || "–"),
    ),
  );
  return [el("bdi", {}, one.name || t("No name")), " ", el("span.muted", {}, about), ...changes];
}
