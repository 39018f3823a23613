// "Getting started": the steps, how far each is, and for one that is not done the pages to open and what to paste there.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, need, refill } from "../ui/dom.js";
import { copyable } from "./copy.js";

/** @typedef {Api.ChecklistHint} Hint */
/** @typedef {Api.ChecklistStep} Step */

const TAGS = () => ({
  done: { label: t("Done"), tone: "tag-good" },
  todo: { label: t("To do"), tone: "" },
  warn: { label: t("Take note"), tone: "tag-warn" },
  bad: { label: t("Does not work"), tone: "tag-bad" },
  optional: { label: t("Optional"), tone: "tag-quiet" },
});
const WHILE_WAITING = 5000; // ms: Meta's first webhook shows by itself

export class Checklist {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = need(root, "[data-list]");
    this.progress = need(root, "[data-progress]");
    /** @type {string} what is shown, to leave an unchanged list (and what is open in it) alone */
    this.shown = "";
    need(root, "[data-again]").addEventListener("click", () => void this.load());
    setInterval(() => !document.hidden && this.isWaiting && void this.load(), WHILE_WAITING);
    this.isWaiting = false;
    void this.load();
  }

  async load() {
    try {
      this.show((await api.get("/api/checklist")).steps);
    } catch (error) {
      if (!this.shown) refill(this.root, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
    }
  }

  /** @param {Step[]} steps */
  show(steps) {
    this.isWaiting = steps.some((step) => step.name === "webhook" && step.state === "todo");
    const text = JSON.stringify(steps);
    if (text === this.shown) return;
    this.shown = text;
    this.progress.textContent = progressOf(steps);
    const next = steps.find((step) => step.state !== "done" && step.state !== "optional");
    refill(
      this.root,
      el(
        "ol",
        { class: "grid gap-4", "aria-label": t("Steps") },
        steps.map((step, index) => stepItem(step, index, step === next)),
      ),
    );
  }
}

/** @param {Step[]} steps */
export function progressOf(steps) {
  const open = steps.filter((step) => step.state === "todo" || step.state === "bad").length;
  if (open === 0) return t("Everything that is needed is done.");
  return open === 1 ? t("One step is left.") : t("{count} steps are left.", { count: open });
}

/**
 * @param {Step} step
 * @param {number} index
 * @param {boolean} isNext opened
 */
function stepItem(step, index, isNext) {
  const { label, tone } = TAGS()[step.state];
  const guide =
    step.hints.length > 0 &&
    step.state !== "done" &&
    el(
      "details",
      { class: "pt-1", open: isNext },
      el("summary.link", { class: "w-fit cursor-pointer" }, t("What to do")),
      el("ol", { class: "grid list-decimal gap-3 py-2 ps-5" }, step.hints.map(hintItem)),
    );
  return el(
    "li",
    { class: "grid gap-1", "data-step": step.name },
    el(
      "div",
      { class: "flex items-baseline gap-2" },
      el("span.tag", { class: tone }, label),
      el("strong", { class: "min-w-0 flex-1" }, t("{number}. {title}", { number: index + 1, title: step.title })),
    ),
    el("p", { class: "text-ink-2 m-0 wrap-anywhere" }, step.words),
    guide,
  );
}

/** @param {Hint} hint */
function hintItem({ text, url, copy }) {
  const isHere = url !== null && !url.startsWith("https:");
  const link =
    url &&
    el("a.link", isHere ? { href: url } : { href: url, target: "_blank", rel: "noreferrer" }, isHere ? t("Go there") : url);
  return el(
    "li",
    { class: "wrap-anywhere" },
    text,
    link && " ",
    link,
    copy && el("div", { class: "pt-1" }, copyable(text, copy)),
  );
}
