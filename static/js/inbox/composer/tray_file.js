// The file of the tray that is looked at: large, with its caption, why it cannot go, and whether it goes whole.

import { canBeDocument } from "../../lib/files.js";
import { fileKind, fileSize } from "../../lib/sizes.js";
import { t } from "../../lib/strings.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { LONGEST_CAPTION } from "./attachments.js";

/** @typedef {import("./attachments.js").Item} Item @typedef {import("./attachments.js").Tray} Tray */

export class TrayFile {
  /** @param {Tray} tray @param {{ move: (step: number) => void, send: () => void }} acts */
  constructor(tray, { move, send }) {
    this.tray = tray;
    /** Addresses in this page, to be given back. @type {Map<Item, string>} */
    this.urls = new Map();
    /** @type {Item | null} */
    this.item = null;
    this.stage = el("div.tray-stage");
    this.name = el("span.tray-name", { dir: "auto" });
    this.earlier = mover(t("Move earlier"), "", () => move(-1));
    this.later = mover(t("Move later"), "is-later", () => move(1));
    this.problem = el("p.banner.banner-bad", { role: "alert" });
    this.whole = el("input", {
      type: "checkbox",
      role: "switch",
      "aria-describedby": "tray-whole",
      onchange: () => this.item && tray.setAsDocument(this.item, this.whole.checked),
    });
    this.wholeWords = el("p.tray-whole.muted", { id: "tray-whole" });
    this.original = el("div", {}, el("label.switch", {}, this.whole, t("Send the original as a document")), this.wholeWords);
    this.caption = el("textarea.input.tray-caption", {
      rows: 1,
      maxlength: LONGEST_CAPTION,
      placeholder: t("Add a caption"),
      "aria-label": t("Caption"),
      dir: "auto",
    });
    this.caption.addEventListener("input", () => this.item && (this.item.caption = this.caption.value));
    this.caption.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      send();
    });
    this.nodes = [this.stage, el("div.tray-about", {}, this.earlier, this.name, this.later), this.problem, this.original];
  }

  /** @param {Item} item */
  draw(item) {
    const { tray } = this;
    const { file } = tray.attachmentOf(item);
    const { problem, takesCaption } = tray.verdictOf(item);
    const at = tray.items.indexOf(item);
    this.drawStage(item);
    this.name.textContent = tray.isWaiting(item) ? item.file.name : `${file.name} · ${fileSize(file.size)}`;
    this.earlier.hidden = this.later.hidden = tray.items.length < 2;
    this.earlier.disabled = at === 0;
    this.later.disabled = at === tray.items.length - 1;
    this.problem.hidden = !problem;
    if (this.problem.textContent !== (problem ?? ""))
      refill(this.problem, problem ? [icon("alert", "icon-small"), problem] : null);
    this.original.hidden = !canBeDocument(item.file);
    this.whole.checked = item.asDocument;
    this.wholeWords.textContent = wholeWords(item);
    this.caption.hidden = !takesCaption;
    if (this.caption.value !== item.caption) this.caption.value = item.caption;
  }

  /** @param {Item} item */
  drawStage(item) {
    const look = this.tray.isWaiting(item)
      ? "waiting"
      : item.prepared
        ? "picture"
        : item.file.type.startsWith("video/")
          ? "film"
          : "file";
    if (this.item === item && this.stage.dataset["look"] === look) return; // a film plays on
    this.item = item;
    this.stage.dataset["look"] = look;
    refill(this.stage, this.look(item, look));
  }

  /** @param {Item} item @param {string} look */
  look(item, look) {
    const { name, type } = item.file;
    if (look === "waiting") return el("span.spinner", { role: "img", "aria-label": t("Getting the picture ready") });
    if (look === "picture") return el("img.tray-picture", { src: this.urlOf(item), alt: name, draggable: "false" }); // dropped again, it would be one file more
    if (look === "film")
      return el("video.tray-picture", { src: this.urlOf(item), controls: true, preload: "metadata", "aria-label": name });
    const { label, colour } = fileKind(name, type);
    return el("span.file-face", { class: colour, "aria-hidden": "true" }, label);
  }

  // ------------------------------------------------------------ addresses

  /** @param {Item} item */
  urlOf(item) {
    const url = this.urls.get(item) ?? URL.createObjectURL(item.prepared?.file ?? item.file);
    this.urls.set(item, url);
    return url;
  }

  /** The bubble goes on showing the picture, and gives the address back. @param {Item} item */
  handOver(item) {
    if (!item.prepared || item.asDocument) return null;
    const url = this.urlOf(item);
    this.urls.delete(item);
    return url;
  }

  /** Of all that are no longer in the tray; of all when it is closed. @param {Item[]} [kept] */
  giveBack(kept = []) {
    for (const [item, url] of this.urls) {
      if (kept.includes(item)) continue;
      URL.revokeObjectURL(url);
      this.urls.delete(item);
    }
  }
}

/** @param {string} label @param {string} name @param {() => void} onclick */
function mover(label, name, onclick) {
  return el(
    "button.icon-button.tray-mover",
    { type: "button", class: name, "aria-label": label, title: label, onclick },
    icon("back", "icon-small"),
  );
}

/** What the switch means for this file. @param {Item} item */
function wholeWords({ file, prepared }) {
  const size = fileSize(file.size);
  if (!prepared) return t("{size}, as it is.", { size });
  if (file.type === "image/gif") return t("{size}, as it is. As a picture, only its first frame is sent.", { size });
  return t("{size}, in full quality, with what the camera noted in it, such as the place.", { size });
}
