// One message on a phone, built from the state's JSON.

import { t } from "../lib/strings.js";
import { el } from "../ui/dom.js";
import { icon, tickIcon } from "../ui/icons.js";
import { mediaAddress } from "./api.js";
import { clockTime, summary } from "./words.js";

/** @typedef {import("./model.js").Bubble} Bubble */

/**
 * What a finger can do to a message.
 * @typedef {object} Acts
 * @property {(bubble: Bubble, button: HTMLElement) => void} menu
 * @property {(bubble: Bubble, label: string) => void} press
 * @property {(bubble: Bubble) => void} play
 */

/**
 * @param {Bubble} bubble
 * @param {Bubble | undefined} quoted the message it answers
 * @param {{ customer: string, business: string }} names
 * @param {Acts} acts
 */
export function bubbleNode(bubble, quoted, names, acts) {
  const side = bubble.mine ? "is-mine" : "is-theirs";
  const node = el(`div.phone-bubble.${side}`, { class: `is-${bubble.type}`, role: "listitem" });
  if (bubble.quoted) node.append(quoteNode(quoted, names));
  if (bubble.deleted) node.append(el("span.phone-deleted", {}, t("This message was deleted")));
  else {
    if (bubble.media_id) node.append(mediaNode(bubble, bubble.media_id, acts));
    if (bubble.text) node.append(el("span.phone-text", { dir: "auto" }, bubble.text));
  }
  node.append(footNode(bubble));
  if (!bubble.deleted) node.append(menuButton(bubble, acts));
  const emojis = [bubble.reactions.customer, bubble.reactions.business].filter(Boolean);
  if (emojis.length) node.append(el("span.phone-reactions", {}, emojis.join("")));
  for (const label of bubble.buttons) {
    node.append(el("button.phone-reply", { type: "button", onclick: () => acts.press(bubble, label) }, label));
  }
  return node;
}

/**
 * @param {Bubble} bubble
 * @param {string} mediaId
 * @param {Acts} acts
 */
function mediaNode(bubble, mediaId, acts) {
  const src = mediaAddress(mediaId);
  if (bubble.type === "image" || bubble.type === "sticker") {
    return el("img.phone-picture", { src, alt: summary(bubble) });
  }
  if (bubble.type === "audio") {
    const onplay = bubble.mine ? null : () => acts.play(bubble);
    return el("audio.phone-audio", { src, controls: true, preload: "metadata", onplay });
  }
  if (bubble.type === "video") return el("video.phone-picture", { src, controls: true });
  const name = bubble.filename || t("Document");
  return el("a.phone-file", { href: src, download: name }, icon("file"), el("span", {}, name));
}

/**
 * @param {Bubble | undefined} quoted
 * @param {{ customer: string, business: string }} names
 */
function quoteNode(quoted, names) {
  if (!quoted) return el("div.phone-quote", {}, t("A message that is not on this phone"));
  const who = quoted.mine ? names.customer : names.business;
  return el("div.phone-quote", {}, el("b", {}, who), el("span", { dir: "auto" }, summary(quoted)));
}

/** @param {Bubble} bubble */
function footNode(bubble) {
  const read = bubble.status === "read";
  const ticks = {
    role: "img",
    "aria-label": read ? t("Read by the business") : t("Sent"),
    class: read ? "is-read" : "is-sent",
  };
  return el(
    "span.phone-foot",
    {},
    bubble.edited && !bubble.deleted && el("span", {}, t("Edited")),
    el("time", {}, clockTime(bubble.timestamp)),
    bubble.mine && el("span.phone-ticks", ticks, tickIcon("two")),
  );
}

/**
 * @param {Bubble} bubble
 * @param {Acts} acts
 */
function menuButton(bubble, acts) {
  const button = el(
    "button.phone-more",
    { type: "button", "aria-label": t("Message actions"), "aria-haspopup": "menu" },
    icon("more"),
  );
  button.addEventListener("click", () => acts.menu(bubble, button));
  return button;
}
