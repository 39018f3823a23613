// The ways files come in: chosen, pasted, dropped.

import { t } from "../../lib/strings.js";
import { el } from "../../ui/dom.js";

/**
 * @param {(files: File[]) => void} onFiles
 * @returns {HTMLInputElement} not seen: a button clicks it
 */
export function fileInput(onFiles) {
  const input = el("input", {
    type: "file",
    multiple: true,
    hidden: true,
    tabindex: "-1",
    "data-file": true,
    "aria-hidden": "true",
  });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    input.value = ""; // the same file may be chosen again
    if (files.length) onFiles(files);
  });
  return input;
}

/** @param {HTMLElement} place @param {(files: File[]) => void} onFiles */
export function takePasted(place, onFiles) {
  place.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    onFiles(files);
  });
}

/**
 * @param {HTMLElement} zone
 * @param {(files: File[]) => void} onFiles
 * @param {() => boolean} [isOpen] whether files are welcome; they are taken from the page either way
 */
export function takeDropped(zone, onFiles, isOpen = () => true) {
  zone.dataset.dropWords = t("Drop the files here");
  /** @param {DragEvent} event @param {boolean} isOver */
  const onDrag = (event, isOver) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    zone.classList.toggle("is-dropping", isOver && isOpen());
    const files = [...event.dataTransfer.files];
    if (!isOver && files.length) onFiles(files);
  };
  zone.addEventListener("dragover", (event) => onDrag(event, true));
  zone.addEventListener("drop", (event) => onDrag(event, false));
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(/** @type {Node | null} */ (event.relatedTarget))) zone.classList.remove("is-dropping");
  });
}
