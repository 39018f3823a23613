// The row of small pictures below: which one is shown, in what order they go, one more, one less.

import { fileKind } from "../../lib/sizes.js";
import { t } from "../../lib/strings.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";

/** @typedef {import("./attachments.js").Item} Item @typedef {import("./attachments.js").Tray} Tray */

export class TrayStrip {
  /** @param {Tray} tray @param {() => void} addMore */
  constructor(tray, addMore) {
    this.tray = tray;
    /** @type {Map<Item, HTMLLIElement>} */
    this.places = new Map();
    /** @type {Item | null} */
    this.dragged = null;
    this.list = el("ul.tray-files", { role: "list", "aria-label": t("Files") });
    this.status = el("span.visually-hidden", { role: "status" });
    this.node = el(
      "div.tray-strip",
      {},
      this.list,
      el(
        "button.tray-more",
        { type: "button", "aria-label": t("Add files"), title: t("Add files"), onclick: addMore },
        icon("plus"),
      ),
      this.status,
    );
    this.list.addEventListener("keydown", (event) => this.onKey(event));
  }

  draw() {
    const { items } = this.tray;
    for (const [item, place] of this.places) {
      if (items.includes(item)) continue;
      place.remove();
      this.places.delete(item);
    }
    for (const [at, item] of items.entries()) {
      const place = this.places.get(item) ?? this.makePlace(item);
      if (this.list.children[at] !== place) this.list.insertBefore(place, this.list.children[at] ?? null);
      this.drawPlace(item, place, at);
    }
  }

  /** @param {Item} item */
  makePlace(item) {
    const place = el(
      "li.tray-place",
      { draggable: "true" },
      el("button.tray-thumb", {
        type: "button",
        "aria-keyshortcuts": "Alt+ArrowLeft Alt+ArrowRight Delete",
        onclick: () => this.tray.select(item),
      }),
      el(
        "button.tray-remove",
        {
          type: "button",
          "aria-label": t("Remove {name}", { name: item.file.name }),
          title: t("Remove"),
          onclick: () => this.remove(item),
        },
        icon("close"),
      ),
    );
    place.addEventListener("dragstart", (event) => {
      this.dragged = item;
      this.tray.select(item);
      event.dataTransfer?.setData("text/plain", item.file.name); // Firefox starts no drag without
    });
    place.addEventListener("dragover", (event) => {
      if (!this.dragged) return; // a file from outside
      event.preventDefault();
      this.tray.move(this.dragged, this.tray.items.indexOf(item));
    });
    place.addEventListener("drop", (event) => this.dragged && event.preventDefault());
    place.addEventListener("dragend", () => (this.dragged = null));
    this.places.set(item, place);
    return place;
  }

  /** @param {Item} item @param {HTMLLIElement} place @param {number} at */
  drawPlace(item, place, at) {
    const { tray } = this;
    const isSelected = tray.selected === item;
    const { problem } = tray.verdictOf(item);
    const [thumb, remove] = /** @type {HTMLButtonElement[]} */ ([...place.children]);
    if (!thumb || !remove) return;
    const name = t("{name}, {at} of {count}", { name: item.file.name, at: at + 1, count: tray.items.length });
    thumb.setAttribute("aria-label", problem ? t("{name}, cannot be sent", { name }) : name);
    thumb.title = item.file.name;
    thumb.setAttribute("aria-current", String(isSelected));
    thumb.tabIndex = remove.tabIndex = isSelected ? 0 : -1; // one stop for the whole row; arrows go on from there
    place.classList.toggle("is-troubled", problem !== null);
    const face = tray.isWaiting(item) ? "waiting" : item.prepared ? "picture" : "file";
    if (thumb.dataset["face"] !== face) refill(thumb, this.face(item, face));
    thumb.dataset["face"] = face;
    if (isSelected) place.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** @param {Item} item @param {string} face */
  face({ file, prepared }, face) {
    if (face === "waiting") return el("span.spinner", { "aria-hidden": "true" });
    if (prepared) return prepared.thumbnail;
    const { label, colour } = fileKind(file.name, file.type);
    return el("span.file-face", { class: colour, "aria-hidden": "true" }, label);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { tray } = this;
    const at = tray.selected ? tray.items.indexOf(tray.selected) : -1;
    const step = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    const item = tray.items[at];
    const next = tray.items[at + step];
    if (!item || event.ctrlKey || event.metaKey || event.shiftKey || (!step && event.key !== "Delete")) return;
    event.preventDefault(); // Alt and Left is the browser's Back
    if (!step) this.remove(item);
    else if (event.altKey) this.move(step);
    else if (next) tray.select(next);
    this.focus();
  }

  /** The shown one, by places. @param {number} step */
  move(step) {
    const { tray } = this;
    const { selected: item } = tray;
    if (!item || !tray.move(item, tray.items.indexOf(item) + step)) return;
    this.status.textContent = t("{name} is now {at} of {count}", {
      name: item.file.name,
      at: tray.items.indexOf(item) + 1,
      count: tray.items.length,
    });
  }

  /** @param {Item} item */
  remove(item) {
    this.tray.remove(item);
    this.focus();
  }

  focus() {
    const place = this.tray.selected && this.places.get(this.tray.selected);
    place?.querySelector("button")?.focus();
  }
}
