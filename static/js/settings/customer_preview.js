// The first rows of a list, which column is what, and what the owner should know before it is used.

import { plural, t } from "../lib/strings.js";
import { el, refill } from "../ui/dom.js";
import { warningList } from "./customer_runs.js";
import { field } from "./dialog.js";

/** @typedef {import("./customer_choice.js").Columns} Columns */

/** @typedef {Api.CustomerListPreview} Preview */

/**
 * @param {HTMLElement} place
 * @param {Preview} found
 * @param {Columns} chosen
 * @param {{ change: (columns: Columns) => void, use: (button: HTMLElement) => void }} acts
 */
export function showPreview(place, found, chosen, { change, use }) {
  const [name = "", lastName = ""] = found.mapping.names;
  const shown = {
    phone: chosen.phone || (found.mapping.phone ?? ""),
    name: chosen.name || name,
    last_name: chosen.last_name || lastName,
  };
  const phone = columnSelect(found.headers, shown.phone, t("Choose…"));
  const first = columnSelect(found.headers, shown.name, t("None"));
  const last = columnSelect(found.headers, shown.last_name, t("None"));
  for (const select of [phone, first, last]) {
    select.addEventListener("change", () => change({ phone: phone.value, name: first.value, last_name: last.value }));
  }
  const button = el("button.button.button-primary", { type: "button", onclick: () => use(button) }, t("Use this list"));
  refill(
    place,
    el(
      "div",
      { class: "grid grid-cols-1 gap-3" },
      table(found, new Set([shown.phone, shown.name, shown.last_name].filter(Boolean))),
      el(
        "div.form-row",
        {},
        field(t("Phone numbers are in"), phone),
        field(t("Names are in"), first),
        field(t("Last names are in"), last),
      ),
      found.problem
        ? problem(found, () => change({ ...shown, phone: found.suggested_phone ?? "" }))
        : el("p", {}, summary(found)),
      warningList(found.warnings, found.warning_count),
      found.problem ? null : el("div.button-row", {}, button),
    ),
  );
}

/** @param {Preview} found */
function summary(found) {
  const rows = plural(found.row_count, "{count} row", "{count} rows");
  return t("{customers} in {rows}. Every other column is shown beside the chat.", {
    customers: plural(found.customers, "{count} customer", "{count} customers"),
    rows,
  });
}

/** @param {Preview} found @param {() => void} take */
function problem(found, take) {
  return el(
    "p.banner",
    { role: "alert" },
    el("span", { class: "flex-1" }, found.problem ?? ""),
    found.suggested_phone &&
      el(
        "button.button.button-small",
        { type: "button", onclick: take },
        t("Use “{column}”", { column: found.suggested_phone }),
      ),
  );
}

/** @param {Preview} found @param {Set<string>} chosen */
function table({ headers, rows }, chosen) {
  return el(
    "div.table-scroll",
    { tabindex: 0, role: "group", "aria-label": t("First rows of the list") },
    el(
      "table.table",
      {},
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { scope: "col" }, t("Row")),
          headers.map((header) =>
            el("th", { scope: "col", dir: "auto", class: chosen.has(header) ? "text-brand-ink" : null }, header || "–"),
          ),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map((row) =>
          el(
            "tr",
            {},
            el("td.muted", {}, String(row.number)),
            row.values.map((value) => el("td", { dir: "auto", class: "max-w-3xs truncate" }, value.slice(0, 200))),
          ),
        ),
      ),
    ),
  );
}

/** @param {string[]} headers @param {string} chosen @param {string} none */
export function columnSelect(headers, chosen, none) {
  const names = [...new Set(headers.filter(Boolean))];
  return el(
    "select.input",
    {},
    el("option", { value: "", selected: !chosen }, none),
    names.map((header) => el("option", { value: header, selected: header === chosen }, header)),
  );
}
