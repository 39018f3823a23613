// A picture in full size: arrows go to the next one, Escape or a click beside it closes.

import { show } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/strings.js";
import { fullTime } from "../lib/time.js";

export class Lightbox {
  constructor() {
    /** @type {Message[]} */
    this.pictures = [];
    this.at = 0;
  }

  /**
   * @param {Message} message
   * @param {Message[]} all the messages around it, whose pictures the arrows reach
   */
  open(message, all) {
    this.pictures = all.filter((one) => one.type === "image" && !one.deleted_at && (one.local_url || one.media?.state === "stored"));
    this.at = this.pictures.findIndex((one) => one === message || (one.id !== null && one.id === message.id));
    this.image = el("img.lightbox-image", { alt: "", onclick: (/** @type {Event} */ event) => this.zoom(event) });
    this.caption = el("p.lightbox-caption", { dir: "auto" });
    this.save = el("a.icon-button", { "aria-label": t("Download") }, icon("download"));
    this.drive = el("a.icon-button", { target: "_blank", rel: "noreferrer", "aria-label": t("Open in Google Drive") }, icon("cloud"));
    this.before = el("button.icon-button.lightbox-step", { type: "button", "aria-label": t("Picture before"), onclick: () => this.step(-1) }, icon("back"));
    this.after = el("button.icon-button.lightbox-step.is-after", { type: "button", "aria-label": t("Next picture"), onclick: () => this.step(1) }, icon("back"));
    const dialog = el("dialog.lightbox", { "aria-label": t("Photo") },
      el("div.lightbox-bar", {}, this.caption, this.drive, this.save,
        el("button.icon-button", { type: "button", "aria-label": t("Close"), autofocus: true, onclick: () => dialog.close() }, icon("close"))),
      el("div.lightbox-stage", { onclick: (/** @type {Event} */ event) => event.target === event.currentTarget && dialog.close() }, this.before, this.image, this.after));
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "ArrowLeft") this.step(-1);
      if (event.key === "ArrowRight") this.step(1);
    });
    show(dialog);
    this.draw();
  }

  /** @param {number} by */
  step(by) {
    const next = this.at + by;
    if (!this.pictures[next]) return;
    this.at = next;
    this.draw();
  }

  draw() {
    const { pictures, at, image, caption, save, drive, before, after } = this;
    const message = pictures[at];
    if (!message || !image || !caption || !save || !drive || !before || !after) return;
    const words = message.text || fullTime(message.timestamp);
    image.classList.remove("is-zoomed");
    image.src = message.media?.url || message.local_url || "";
    image.alt = message.text || t("Photo of {time}", { time: fullTime(message.timestamp) });
    caption.textContent = words;
    drive.hidden = !message.media?.drive_url;
    drive.href = message.media?.drive_url ?? "";
    save.hidden = !message.media?.url;
    save.href = `${message.media?.url}?download=1`;
    save.download = message.media?.filename ?? "";
    before.disabled = at === 0;
    after.disabled = at === pictures.length - 1;
  }

  /** @param {Event} event */
  zoom(event) {
    event.stopPropagation();
    this.image?.classList.toggle("is-zoomed");
  }
}
