// Files before they are sent, one after the other: what each is, whether WhatsApp takes it, and a caption.

import { openDialog } from "../lib/dialog.js";
import { el } from "../lib/dom.js";
import { judge } from "../lib/files.js";
import { icon } from "../lib/icons.js";
import { fileKind, fileSize } from "../lib/sizes.js";
import { t } from "../lib/strings.js";

const LONGEST_CAPTION = 1024;
const NEXT = "next"; // how a dialog was closed: the files after it are still wanted

/**
 * @typedef {{ file: File, caption: string, verdict: import("../lib/files.js").Verdict, url: string | null, width: number | null, height: number | null,
 *   voice?: { duration_ms: number } }} Attachment `voice`: recorded here, to go out as a voice message
 */

/**
 * @typedef {{ name: string, caption: () => string, send: (attachment: Attachment) => void, onClose: () => void }} Options
 *   `name` of the chat; `caption`: what has been typed and not gone out yet; `onClose`: after the last one
 */

/**
 * Sending or cancelling one goes on to the next; Escape, Back and Cancel all end it.
 * @param {File[]} files
 * @param {Options} options
 */
export function openAttachDialogs(files, options, at = 0) {
  const file = files[at];
  if (!file) {
    options.onClose();
    return;
  }
  const title = files.length > 1 ? t("Send to {name} ({at} of {count})", { name: options.name, at: at + 1, count: files.length }) : t("Send to {name}", { name: options.name });
  openAttachDialog(file, title, at < files.length - 1, {
    ...options,
    onClose: (goesOn) => (goesOn ? openAttachDialogs(files, options, at + 1) : options.onClose()),
  });
}

/**
 * @param {File} file
 * @param {string} title
 * @param {boolean} hasNext
 * @param {Omit<Options, "onClose"> & { onClose: (goesOn: boolean) => void }} options
 */
function openAttachDialog(file, title, hasNext, { caption, send, onClose }) {
  const verdict = judge(file);
  const url = verdict.kind === "image" && !verdict.problem ? URL.createObjectURL(file) : null;
  const image = url ? el("img.attach-picture", { src: url, alt: file.name }) : null;
  const words = el("textarea.input.attach-caption", {
    rows: 1, maxlength: LONGEST_CAPTION, placeholder: t("Add a caption"), "aria-label": t("Caption"), dir: "auto",
  });
  words.value = caption().slice(0, LONGEST_CAPTION);
  const submit = el("button.button.button-primary", { type: "button", disabled: Boolean(verdict.problem) }, icon("send", "icon-small"), t("Send"));
  let isSent = false;
  const dialog = openDialog({
    title,
    body: [
      image ?? fileFace(file),
      image ? el("p.muted.attach-name", { dir: "auto" }, `${file.name} · ${fileSize(file.size)}`) : null,
      verdict.problem ? el("p.banner.banner-bad", { role: "alert" }, icon("alert", "icon-small"), verdict.problem) : null,
      verdict.takesCaption && !verdict.problem ? words : null,
    ],
    foot: [
      hasNext ? el("button.button", { type: "button", onclick: () => dialog.close() }, t("Cancel all")) : null,
      el("button.button", { type: "button", onclick: () => dialog.close(NEXT) }, verdict.problem ? t("Close") : t("Cancel")),
      submit,
    ],
    onClose: () => {
      if (!isSent && url) URL.revokeObjectURL(url);
      onClose(dialog.returnValue === NEXT);
    },
  });
  const go = () => {
    if (verdict.problem || isSent) return;
    isSent = true;
    send({ file, caption: verdict.takesCaption ? words.value.trim() : "", verdict, url, width: image?.naturalWidth || null, height: image?.naturalHeight || null });
    dialog.close(NEXT);
  };
  submit.addEventListener("click", go);
  words.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    go();
  });
  (verdict.takesCaption && !verdict.problem ? words : submit).focus();
}

/** @param {File} file */
function fileFace(file) {
  const { label, colour } = fileKind(file.name, file.type);
  return el("div.file-row.attach-file", {}, el("span.file-face", { class: colour, "aria-hidden": "true" }, label),
    el("span.card-lines", {}, el("span.file-name", { dir: "auto" }, file.name), el("span.card-quiet", {}, fileSize(file.size))));
}
