// What reading the list brought, newest first: a table, with the rows that could not be used.

import { plural, t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";
import { when } from "./dates.js";

/** @typedef {Api.CustomerRun} Run */

/** @type {Record<Run["state"], [string, () => string]>} */
const STATES = {
  running: ["tag-quiet", () => t("Running")],
  done: ["tag-good", () => t("Done")],
  held: ["tag-bad", () => t("Held")],
  failed: ["tag-bad", () => t("Failed")],
};

export class CustomerRuns {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.rows = el("tbody");
  }

  async load() {
    try {
      const page = await api.get("/api/customers/runs?limit=5");
      this.rows.replaceChildren();
      this.show(page);
    } catch (error) {
      refill(this.root, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
    }
  }

  /** @param {Api.CustomerRunPage} page */
  show(page) {
    this.rows.append(...page.runs.flatMap((run) => rowsOf(run)));
    if (!this.rows.childElementCount) {
      this.root.replaceChildren();
      return;
    }
    const heads = [t("Read"), t("Result"), t("Rows"), t("Added"), t("Changed"), t("Removed"), t("Took")];
    const more =
      page.next_cursor &&
      el(
        "button.button.button-small",
        { type: "button", onclick: () => void this.more(page.next_cursor ?? "") },
        t("Show more"),
      );
    refill(
      this.root,
      el("h3.section-title", {}, t("Last runs")),
      el(
        "div.table-scroll",
        { tabindex: 0, role: "group", "aria-label": t("Last runs") },
        el(
          "table.table",
          {},
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              heads.map((head) => el("th", { scope: "col" }, head)),
            ),
          ),
          this.rows,
        ),
      ),
      more,
    );
  }

  /** @param {string} cursor */
  async more(cursor) {
    try {
      this.show(await api.get(`/api/customers/runs?limit=20&cursor=${encodeURIComponent(cursor)}`));
    } catch (error) {
      this.root.append(el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
    }
  }
}

/** @param {Run} run */
function rowsOf(run) {
  const [look, label] = STATES[run.state];
  const counts = run.state === "failed" ? ["", "", "", ""] : [run.rows_read, run.added, run.changed, run.removed].map(String);
  const line = el(
    "tr",
    {},
    el("td", { class: "whitespace-nowrap" }, when(run.started_at)),
    el(
      "td",
      {},
      el("span.tag", { class: run.dismissed_at ? "tag-quiet" : look }, run.dismissed_at ? t("Customers kept") : label()),
    ),
    counts.map((count) => el("td", {}, count)),
    el("td", { class: "whitespace-nowrap" }, took(run)),
  );
  if (!run.error && !run.warnings.length) return [line];
  // The table is wider than a phone: its sentences stay in sight and wrap.
  const below = el(
    "tr",
    {},
    el(
      "td",
      { colspan: 7 },
      el(
        "div",
        { class: "sticky left-2.5 w-fit max-w-[70vw]" },
        run.error ? el("p", { class: "text-ink-2" }, run.error) : null,
        warningList(run.warnings, run.warnings.length),
      ),
    ),
  );
  return [line, below];
}

/** @param {Run} run */
function took(run) {
  if (!run.finished_at) return "";
  const seconds = Math.max(0, Math.round((Date.parse(run.finished_at) - Date.parse(run.started_at)) / 1000));
  return run.state === "failed" ? "" : seconds < 1 ? t("under 1 s") : t("{count} s", { count: seconds });
}

/**
 * @param {Api.ListWarning[]} warnings
 * @param {number} count of all, when only the first are given
 */
export function warningList(warnings, count) {
  if (!count) return null;
  return el(
    "details",
    {},
    el("summary", { class: "cursor-pointer text-warn" }, plural(count, "{count} row to look at", "{count} rows to look at")),
    el(
      "ul",
      { class: "mt-2 grid gap-1 text-ink-2" },
      warnings.map((one) => el("li", {}, t("Row {row}: {reason}", { row: one.row, reason: one.reason }))),
    ),
  );
}
