// Writing into the owner's sheet: off by default, each thing on its own.

import { plural, t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";
import { attachForm, words } from "../ui/form.js";
import { toast } from "../ui/toast.js";
import { columnSelect } from "./customer_preview.js";
import { field } from "./dialog.js";

/** @typedef {import("./customers.js").State} State */

/**
 * @param {HTMLElement} place
 * @param {State} state
 * @param {(state: State) => void} saved
 */
export function showWriteBack(place, state, saved) {
  place.hidden = state.list.kind !== "sheet";
  const change = el(
    "button.button.button-small",
    { type: "button", onclick: () => void edit(place, state, saved) },
    t("Change"),
  );
  refill(
    place,
    el("h3.section-title", {}, t("Writing into the sheet")),
    el(
      "div",
      { class: "flex flex-wrap items-center gap-3" },
      el("p", { class: "min-w-0 flex-1" }, inWords(state.list.write_back)),
      change,
    ),
    waiting(state.to_write),
  );
}

/** @param {State["list"]["write_back"]} now */
function inWords(now) {
  const parts = [
    now.append && t("customers who write are added"),
    now.last_contacted && t("“{column}” is filled with the time of the last message", { column: now.last_contacted }),
    now.status && t("“{column}” says who waits for an answer", { column: now.status }),
  ].filter(Boolean);
  return parts.length ? t("On: {parts}.", { parts: parts.join("; ") }) : t("Off: nothing is written into your sheet.");
}

/** @param {State["to_write"]} toWrite */
function waiting({ count, problem }) {
  if (!count || !problem) return null;
  return el(
    "p.field-error",
    {},
    plural(count, "{count} customer waits to be written: {problem}", "{count} customers wait to be written: {problem}", {
      problem,
    }),
  );
}

/**
 * @param {HTMLElement} place
 * @param {State} state
 * @param {(state: State) => void} saved
 */
async function edit(place, state, saved) {
  const { list } = state;
  let headers;
  try {
    ({ headers } = await api.post("/api/customers/list/preview", {
      sheet: list.sheet_id,
      gid: list.gid,
      tab: list.gid === null ? list.tab : "",
    }));
  } catch (error) {
    toast(words(error));
    return;
  }
  const append = el("input", { type: "checkbox", role: "switch", checked: list.write_back.append });
  const last = columnSelect(headers, list.write_back.last_contacted, t("Do not fill"));
  const status = columnSelect(headers, list.write_back.status, t("Do not fill"));
  const cancel = el(
    "button.button.button-quiet",
    { type: "button", onclick: () => showWriteBack(place, state, saved) },
    t("Cancel"),
  );
  const form = el(
    "form.form",
    { method: "post" },
    el("label.switch", {}, append, t("Add customers who write and are not in the list")),
    el("div.form-row", {}, field(t("Time of the last message"), last), field(t("Who waits for an answer"), status)),
    state.google.kind === "service_account"
      ? el("p.field-hint", {}, t("Share the sheet with {email} as an editor.", { email: state.google.email ?? "" }))
      : null,
    el(
      "p.field-hint",
      {},
      t("Make columns of your own for these two. Only their cells and new rows at the end are written, always as plain text."),
    ),
    el("p.field-error", { role: "alert", "data-error": true }),
    el("div.button-row", {}, cancel, el("button.button.button-primary", { type: "submit" }, t("Save"))),
  );
  attachForm(form, async () => {
    saved(
      await api.patch("/api/customers/list", {
        write_back: { append: append.checked, last_contacted: last.value, status: status.value },
      }),
    );
    toast(t("Saved."));
  });
  refill(place, el("h3.section-title", {}, t("Writing into the sheet")), form);
  append.focus();
}
