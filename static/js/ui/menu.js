// A menu below its button: arrows move, Escape and a click elsewhere close, focus returns to the button.

import { el } from "./dom.js";
import { icon } from "./icons.js";

/**
 * @typedef {object} Item
 * @property {string} label
 * @property {string} [icon]
 * @property {string} [href]
 * @property {boolean} [checked] given: the item is a choice with a tick
 * @property {() => void} [run]
 */

/**
 * @param {HTMLElement} button what opened it
 * @param {(Item | "line" | { group: string } | { node: Node })[]} items
 * @param {string} label accessible name
 * @returns {() => void} closes it
 */
export function openMenu(button, items, label) {
  const menu = el(
    "div.menu",
    { role: "menu", "aria-label": label, popover: "auto" },
    items.map((item) => entry(item, () => menu.hidePopover())),
  );
  button.after(menu); // within the same landmark; the top layer shows it above everything
  menu.showPopover();
  place(menu, button);
  button.setAttribute("aria-expanded", "true");
  const choices = /** @type {HTMLElement[]} */ ([...menu.querySelectorAll(".menu-item")]);
  choices[0]?.focus();
  menu.addEventListener("keydown", (event) => moveWithin(choices, event));
  menu.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") return;
    button.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement) || document.activeElement === document.body) button.focus();
    menu.remove();
  });
  return () => menu.hidePopover();
}

/**
 * @param {Item | "line" | { group: string } | { node: Node }} item
 * @param {() => void} close
 */
function entry(item, close) {
  if (item === "line") return el("div.menu-line", { role: "separator" });
  if ("node" in item) return item.node;
  if ("group" in item) return el("div.menu-group", { role: "presentation" }, item.group);
  const { label, icon: picture, href, checked, run } = item;
  const role = checked === undefined ? "menuitem" : "menuitemcheckbox";
  const inside = [picture ? icon(picture) : null, el("span", {}, label), checked ? icon("check", "menu-check") : null];
  if (href) return el("a.menu-item", { role, href, tabindex: "-1" }, inside);
  const choose = () => {
    close();
    run?.();
  };
  return el(
    "button.menu-item",
    { role, type: "button", tabindex: "-1", "aria-checked": checked === undefined ? null : String(checked), onclick: choose },
    inside,
  );
}

/**
 * @param {HTMLElement} menu
 * @param {HTMLElement} button
 */
function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + 6 + height <= innerHeight;
  const top = below ? at.bottom + 6 : Math.max(8, Math.min(at.top - 6 - height, innerHeight - height - 8));
  const left = at.left + width + 8 <= innerWidth ? at.left : at.right - width;
  menu.style.top = `${top}px`;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
}

/**
 * @param {HTMLElement[]} choices
 * @param {KeyboardEvent} event
 */
function moveWithin(choices, event) {
  const at = choices.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const last = choices.length - 1;
  /** @type {Record<string, number>} */
  const targets = { ArrowDown: at === last ? 0 : at + 1, ArrowUp: at <= 0 ? last : at - 1, Home: 0, End: last };
  const target = targets[event.key];
  if (event.key === "Tab") event.preventDefault();
  if (target === undefined) return;
  event.preventDefault();
  choices[target]?.focus();
}
