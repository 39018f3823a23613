// What stands inside a bubble: the file or card, then the text with the stamp in its last line.

import { emojiCount } from "../../lib/format.js";
import { t } from "../../lib/strings.js";
import { el } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { richText } from "../../ui/rich_text.js";
import { cardOf, referralOf } from "./message_cards.js";
import { mediaOf } from "./message_media.js";

/** @typedef {import("./message_view.js").Acts} Acts */

const BY_CARD = new Set(["location", "contacts", "order"]); // the card says all that the summary says

/**
 * @param {Message} message
 * @param {Acts} acts
 * @param {HTMLElement} stamp
 * @returns {{ media: Node | null, text: Node | null }}
 */
export function bodyOf(message, acts, stamp) {
  if (message.deleted_at) return { media: null, text: deleted(message, stamp) };
  const media = mediaOf(message, acts) ?? cardOf(message);
  const referral = referralOf(message);
  const above = media && referral ? el("div", {}, referral, media) : (media ?? referral);
  const isForm = message.payload?.kind === "nfm_reply" && media !== null;
  return { media: above, text: isForm ? null : textOf(message, stamp) };
}

/** On a picture without words the stamp lies on the picture. @param {Message} message */
export function hasOverlaidStamp(message) {
  if (message.text || message.deleted_at) return false;
  const isShown = message.media?.state === "stored" && message.media.inline; // else it stands there as a file to download
  if (message.type === "image") return isShown || Boolean(message.id === null && message.local_url);
  return message.type === "video" && isShown;
}

/**
 * @param {Message} message
 * @param {HTMLElement} stamp
 */
function textOf(message, stamp) {
  const shown = BY_CARD.has(message.type) && message.payload ? orderNote(message) : message.text;
  if (!shown) return null;
  if (message.type === "unsupported" || isUnknown(message)) {
    return el("div.bubble-text.is-placeholder", { dir: "auto" }, icon("alert", "icon-small"), el("span", {}, shown), stamp);
  }
  const emoji = message.type === "text" ? emojiCount(shown) : 0;
  const label = replyLabel(message);
  const classes = ["", "is-emoji-1", "is-emoji-2", "is-emoji-3"][emoji] ?? "";
  return el("div.bubble-text", { dir: "auto", class: classes }, label, richText(shown), stamp);
}

/** @param {Message} message */
function orderNote(message) {
  return message.type === "order" ? String(message.payload?.text ?? "") : "";
}

const KNOWN = new Set([
  "text",
  "image",
  "video",
  "audio",
  "voice",
  "document",
  "sticker",
  "location",
  "contacts",
  "interactive",
  "button",
  "order",
  "template",
  "system",
  "unsupported",
  "reaction",
]);

/** @param {Message} message */
function isUnknown(message) {
  return !KNOWN.has(message.type);
}

/** A tapped button looks different from typed words. @param {Message} message */
function replyLabel(message) {
  const kind = message.payload?.kind;
  if (message.type === "button" || kind === "button_reply")
    return el("div.reply-label", {}, icon("reply", "icon-small"), t("Pressed a button"));
  if (kind === "list_reply") return el("div.reply-label", {}, icon("list", "icon-small"), t("Chose from a list"));
  if (kind === "nfm_reply") return el("div.reply-label", {}, icon("list", "icon-small"), t("Filled in a form"));
  if (message.type === "template") return el("div.reply-label", {}, icon("template", "icon-small"), t("Template"));
  return null;
}

/** @param {Message} message */
export function buttonsOf(message) {
  return message.type === "template" && !message.deleted_at ? templateButtons(message.payload?.template?.buttons ?? []) : [];
}

/** What the customer can tap below a template; nobody taps here. @param {string[]} texts */
export function templateButtons(texts) {
  return texts.map((text) => el("div.template-button", { dir: "auto" }, text));
}

/**
 * The customer took it back; we keep it and say so.
 * @param {Message} message
 * @param {HTMLElement} stamp
 */
function deleted(message, stamp) {
  return el(
    "div.bubble-text.is-placeholder",
    { dir: "auto" },
    icon("blocked", "icon-small"),
    el("span", {}, message.direction === "in" ? t("The customer deleted this message.") : t("This message was deleted.")),
    message.text ? el("div.deleted-text", {}, richText(message.text)) : null,
    stamp,
  );
}
