// The emoji picker: fetched with the first click only (38 KB of code and its data), below the page's strict policy.

import { t } from "../../lib/strings.js";
import { el } from "../../ui/dom.js";
import { isDark } from "../../ui/theme.js";
import { toast } from "../../ui/toast.js";

const VENDOR = new URL("../../../vendor/emoji-picker/", import.meta.url).href;

export class EmojiPanel {
  /**
   * @param {HTMLButtonElement} button
   * @param {(emoji: string) => void} choose
   * @param {() => void} onClose when the focus is to go back to the text
   */
  constructor(button, choose, onClose) {
    this.button = button;
    this.choose = choose;
    this.onClose = onClose;
    /** @type {HTMLElement | null} */
    this.panel = null;
    /** @type {HTMLElement | null} */
    this.picker = null;
  }

  get isOpen() {
    return this.panel?.matches(":popover-open") ?? false;
  }

  async toggle() {
    if (this.isOpen) return this.panel?.hidePopover();
    try {
      this.panel ??= await this.build();
    } catch {
      toast(t("The emoji could not be loaded."));
      return;
    }
    this.picker?.classList.toggle("dark", isDark());
    this.picker?.classList.toggle("light", !isDark());
    this.panel.showPopover();
    this.place();
    this.button.setAttribute("aria-expanded", "true");
    this.picker?.shadowRoot?.querySelector("input")?.focus();
  }

  close() {
    this.panel?.hidePopover();
  }

  async build() {
    await import(`${VENDOR}picker.js`);
    const picker = el(/** @type {any} */ ("emoji-picker"), { "data-source": `${VENDOR}en.json`, "emoji-version": "15.0" });
    const panel = el("div.emoji-panel", { popover: "auto", role: "dialog", "aria-label": t("Emoji") }, picker);
    picker.addEventListener("emoji-click", (/** @type {any} */ event) => this.choose(event.detail.unicode));
    panel.addEventListener("toggle", (/** @type {any} */ event) => {
      if (event.newState === "open") return;
      this.button.setAttribute("aria-expanded", "false");
      if (
        panel.contains(document.activeElement) ||
        [document.body, this.button].includes(/** @type {any} */ (document.activeElement))
      )
        this.onClose();
    });
    this.button.after(panel);
    this.picker = picker;
    return panel;
  }

  place() {
    const { panel } = this;
    if (!panel) return;
    const at = this.button.getBoundingClientRect();
    const { width } = panel.getBoundingClientRect();
    panel.style.left = `${Math.max(8, Math.min(at.left - 8, innerWidth - width - 8))}px`;
    panel.style.bottom = `${innerHeight - at.top + 10}px`;
  }
}
