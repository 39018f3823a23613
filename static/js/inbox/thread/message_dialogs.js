// What there is to know about one message: who sent it, when it arrived and was read, and how it read before it was edited.

import { t } from "../../lib/strings.js";
import { fullTime } from "../../lib/time.js";
import { openDialog } from "../../ui/dialog.js";
import { el } from "../../ui/dom.js";
import { richText } from "../../ui/rich_text.js";
import { statusLabel } from "../../ui/ticks.js";

/** @type {[keyof Api.MessageTimes, () => string][]} */
const TIMES = [
  ["sent_at", () => t("Sent")],
  ["delivered_at", () => t("Delivered")],
  ["read_at", () => t("Read")],
  ["played_at", () => t("Played")],
  ["failed_at", () => t("Failed")],
];

/**
 * @param {Message} message
 * @param {string} name who wrote it
 */
export function showInfo(message, name) {
  const isOut = message.direction === "out";
  /** @type {[string, string | Node][]} */
  const rows = [
    [isOut ? t("Sent by") : t("From"), name],
    [isOut ? t("Written") : t("Sent"), fullTime(message.timestamp)],
  ];
  if (isOut) rows.push([t("Status"), statusLabel(message.status)]);
  for (const [key, label] of TIMES) {
    const at = message.times?.[key];
    if (at && isOut) rows.push([label(), fullTime(at)]);
  }
  if (message.edited_at) rows.push([t("Edited"), fullTime(message.edited_at)]);
  if (message.deleted_at) rows.push([t("Deleted"), fullTime(message.deleted_at)]);
  if (message.media?.stored_in) rows.push([t("File"), whereIs(message.media)]);
  if (message.error) rows.push([t("Reason"), message.error.message]);
  openDialog({
    title: t("About this message"),
    body: [
      el(
        "dl.pairs",
        {},
        rows.flatMap(([key, value]) => [el("dt", {}, key), el("dd", { dir: "auto" }, value)]),
      ),
      versions(message),
    ],
  });
}

/** @param {Media} media @returns {Node} */
function whereIs(media) {
  const words = { here: t("Kept here"), drive: t("In Google Drive"), both: t("Kept here and in Google Drive") };
  const link = (/** @type {string | null | undefined} */ href, /** @type {string} */ label) =>
    href ? el("div", {}, el("a.link", { href, target: "_blank", rel: "noreferrer" }, label)) : null;
  return el(
    "div",
    {},
    words[media.stored_in ?? "here"],
    link(media.drive_url, t("Open in Google Drive")),
    link(media.public_url, t("Public link")),
  );
}

/** @param {Message} message */
export function showVersions(message) {
  openDialog({
    title: t("Before it was edited"),
    body: [versions(message) ?? el("p", {}, t("The earlier text is not known."))],
  });
}

/** @param {Message} message */
function versions(message) {
  if (!message.revisions?.length) return null;
  return el(
    "div.versions",
    {},
    message.revisions.map((one) =>
      el(
        "div.version",
        {},
        el("time.muted", { datetime: one.timestamp }, fullTime(one.timestamp)),
        el("div.version-text", { dir: "auto" }, richText(one.text)),
      ),
    ),
  );
}
