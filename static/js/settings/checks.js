// The lines of a live test: what was asked, how it went, what to do.

import { t } from "../lib/strings.js";
import { el } from "../ui/dom.js";

/** @typedef {Api.NumberCheck} Check */

const TAGS = () => ({
  ok: { label: t("In order"), tone: "tag-good" },
  bad: { label: t("Does not work"), tone: "tag-bad" },
  warn: { label: t("Take note"), tone: "tag-warn" },
  open: { label: t("Not known yet"), tone: "tag-quiet" },
});

/** @param {Check[]} checks */
export function checkList(checks) {
  return el(
    "ul",
    { class: "grid gap-2", "aria-label": t("What the test found") },
    checks.map((check) => {
      const { label, tone } = TAGS()[check.state] ?? TAGS().open;
      return el(
        "li",
        { class: "grid gap-1" },
        el(
          "div",
          { class: "flex items-baseline gap-2" },
          el("span.tag", { class: tone }, label),
          el("span", { class: "min-w-0 flex-1 wrap-anywhere" }, check.words),
        ),
        check.advice && el("p.field-hint", {}, check.advice),
      );
    }),
  );
}
