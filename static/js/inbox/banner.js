// The bar above everything: offline, reconnecting, WhatsApp is not answering, Google asks for the owner. One at a time, the nearest trouble first.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { Part } from "../ui/part.js";

const PATIENCE = 1500; // ms: a hiccup is not worth a bar

/** @typedef {import("./store.js").Store} Store */

/** @extends {Part<Store>} */
export class Banner extends Part {
  /** @param {HTMLElement} root @param {Store} store */
  constructor(root, store) {
    super(root, store);
    /** @type {{ mode?: string, whatsapp?: string, message?: string | null, storage?: { ok?: boolean }, google?: { state: string, message: string, url: string } | null }} */
    this.status = {};
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.watch("feed", () => this.drawSoon());
    this.watch("status", () => void this.refresh());
    this.watch("reload", () => void this.refresh());
    this.listen(window, "online", () => this.draw());
    this.listen(window, "offline", () => this.draw());
  }

  drawSoon() {
    clearTimeout(this.timer);
    if (this.store.feed === "down") this.timer = setTimeout(() => this.draw(), PATIENCE);
    else this.draw();
  }

  async refresh() {
    try {
      this.status = await api.get("/api/status");
    } catch {
      return; // the feed tells of our own server
    }
    const { mode } = this.status;
    if (mode && mode !== document.body.dataset.mode) return location.reload(); // a number was connected, or let go
    this.draw();
  }

  draw() {
    const words = this.words();
    this.root.hidden = !words;
    if (!words) return;
    this.root.classList.toggle("banner-bad", words.isBad);
    refill(
      this.root,
      icon("alert", "icon-small"),
      words.text,
      words.url ? el("a.button.button-small", { href: words.url }, words.action) : null,
    );
  }

  /** @returns {{ text: string, isBad: boolean, url?: string, action?: string } | null} */
  words() {
    if (!navigator.onLine) return { text: t("You are offline. What you send leaves as soon as you are back."), isBad: false };
    if (this.store.feed === "down") return { text: t("The connection to the inbox is lost. Reconnecting…"), isBad: false };
    if (this.status.storage?.ok === false) return { text: t("The inbox cannot store messages at the moment."), isBad: true };
    if (this.status.mode === "locked") return null; // the bar at the top of every page says it
    switch (this.status.whatsapp) {
      case "unreachable":
        return {
          text: this.status.message ?? t("WhatsApp is not answering. Messages wait here and leave by themselves."),
          isBad: false,
        };
      case "token_dead":
        return {
          text: this.status.message ?? t("WhatsApp refuses our access token. Messages wait until it is renewed."),
          isBad: true,
        };
      case "paused":
        return { text: this.status.message ?? t("Sending is paused. Messages wait here."), isBad: true };
      default:
        return this.googleWords();
    }
  }

  /** For the owner alone; the server sends it to nobody else. */
  googleWords() {
    const { google } = this.status;
    if (!google) return null;
    const action = google.state === "needs_reconnect" ? t("Connect again") : t("Open the settings");
    return { text: google.message, isBad: google.state !== "almost_full", url: google.url, action };
  }
}
