// Empty, failed and loading: the same shape everywhere, with a way on where there is one.

import { t } from "../lib/strings.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @param {{ icon: string, title: string, text?: string, action?: { label: string, run: () => void } }} parts
 */
export function emptyState({ icon: name, title, text, action }) {
  return el(
    "div.state",
    {},
    el("div.state-icon", { "aria-hidden": "true" }, icon(name)),
    el("p.state-title", {}, title),
    text ? el("p.state-text", {}, text) : null,
    action ? el("button.button", { type: "button", onclick: action.run }, action.label) : null,
  );
}

/**
 * @param {Error} error
 * @param {() => void} again
 */
export function errorState(error, again) {
  const state = emptyState({
    icon: "alert",
    title: t("This could not be loaded"),
    text: error.message,
    action: { label: t("Try again"), run: again },
  });
  state.setAttribute("role", "alert");
  return state;
}

/** @param {number} count */
export function rowSkeletons(count) {
  return el(
    "div.skeleton-rows",
    { role: "status", "aria-label": t("Loading") },
    Array.from({ length: count }, (_, at) =>
      el(
        "div.skeleton-row",
        {},
        el("div.skeleton.skeleton-face"),
        el(
          "div.skeleton-lines",
          {},
          el("div.skeleton.skeleton-line", { class: at % 3 ? "w-1/2" : "w-2/3" }),
          el("div.skeleton.skeleton-line", { class: at % 2 ? "w-4/5" : "w-3/5" }),
        ),
      ),
    ),
  );
}

export function threadSkeleton() {
  const widths = ["w-1/2", "w-1/3", "w-2/5", "w-1/2", "w-1/4", "w-2/5"];
  return el(
    "div.skeleton-thread",
    { role: "status", "aria-label": t("Loading") },
    widths.map((width, at) => el("div.skeleton.skeleton-bubble", { class: `${width} ${at % 3 === 1 ? "is-out" : ""}` })),
  );
}
