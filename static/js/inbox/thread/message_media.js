// Files in bubbles: pictures with their place reserved before they load, films, voice, documents, stickers; and what to say
// while a file is not here.

import { fileKind, fileSize } from "../../lib/sizes.js";
import { t } from "../../lib/strings.js";
import { duration } from "../../lib/time.js";
import { el } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { whenSeen } from "../../ui/in_sight.js";
import { voicePlayer } from "./voice_player.js";

/** @typedef {import("./message_view.js").Acts} Acts */

const WIDEST = 330; // px
const TALLEST = 340;

/**
 * @param {Message} message
 * @param {Acts} acts
 * @returns {HTMLElement | null}
 */
export function mediaOf(message, acts) {
  const { media } = message;
  if (message.status === "uploading" || (message.id === null && message.local_url !== undefined))
    return uploading(message, acts);
  if (!media) return null;
  if (message.type === "document" || (media.state === "stored" && !media.inline)) return documentRow(message, media, acts);
  if (media.state !== "stored") return absent(message, media, acts);
  switch (message.type) {
    case "image":
      return picture(message, media, acts);
    case "sticker":
      return el("img.sticker", {
        src: media.url,
        alt: t("Sticker"),
        width: 150,
        height: 150,
        loading: "lazy",
        decoding: "async",
      });
    case "video":
      return film(message, media, acts);
    case "audio":
      return voicePlayer(media, message.id, acts.nextVoice);
    default:
      return documentRow(message, media, acts);
  }
}

/**
 * The box a picture will fill, known before the picture is: nothing moves when it arrives.
 * @param {HTMLElement} node
 * @param {number | null} width
 * @param {number | null} height
 */
function reserve(node, width, height) {
  const [w, h] = width && height ? [width, height] : [4, 3];
  const scale = Math.min(WIDEST / w, TALLEST / h);
  const shown = Math.max(Math.round(w * scale), 140);
  node.style.width = `${shown}px`;
  node.style.aspectRatio = `${shown} / ${Math.max(Math.round(h * scale), 90)}`;
}

/** @param {Message} message @param {Media} media @param {Acts} acts */
function picture(message, media, acts) {
  const image = el("img", {
    src: message.local_url ?? media.thumbnail_url ?? media.url,
    alt: "",
    loading: "lazy",
    decoding: "async",
  });
  const button = el(
    "button.picture",
    {
      type: "button",
      "aria-label": message.text ? t("Open the photo: {text}", { text: message.text.slice(0, 80) }) : t("Open the photo"),
      onclick: () => acts.view(message),
    },
    image,
  );
  image.addEventListener("error", () => {
    if (image.src.endsWith(media.url)) button.classList.add("is-broken");
    else image.src = media.url;
  });
  reserve(button, media.width, media.height);
  return button;
}

/** @param {Message} message @param {Media} media @param {Acts} acts */
function film(message, media, acts) {
  const name = message.text ? t("Play the video: {text}", { text: message.text.slice(0, 80) }) : t("Play the video");
  const button = el(
    "button.picture.film",
    { type: "button", "aria-label": name, onclick: () => acts.view(message) },
    firstFrame(media),
    el("span.film-play", { "aria-hidden": "true" }, icon("play")),
    media.duration_ms
      ? el("span.film-length", { "aria-hidden": "true" }, icon("video", "icon-small"), duration(media.duration_ms))
      : null,
  );
  reserve(button, media.width, media.height);
  return button;
}

/** The browser draws it from the beginning of the file, once it is near the screen. @param {Media} media */
export function firstFrame(media) {
  const video = el("video", {
    muted: true,
    playsinline: true,
    preload: "metadata",
    tabindex: "-1",
    "aria-hidden": "true",
    poster: media.thumbnail_url,
  });
  whenSeen(video, () => (video.src = `${media.url}#t=0.001`)); // Safari shows no frame before it is sent to one
  return video;
}

/** @param {Message} message @param {Media} media @param {Acts} acts */
export function documentRow(message, media, acts) {
  const name = media.filename || message.text || t("Document");
  const { label, colour } = fileKind(media.filename, media.mime_type);
  const about = [label, fileSize(media.size), media.duration_ms ? duration(media.duration_ms) : ""].filter(Boolean).join(" · ");
  const face = [
    el("span.file-face", { class: colour, "aria-hidden": "true" }, label),
    el(
      "span.card-lines",
      {},
      el("span.file-name", { dir: "auto" }, name),
      el("span.card-quiet", {}, media.state === "stored" ? about : stateWords(media)),
    ),
  ];
  if (media.state !== "stored") {
    return el(
      "div.file-row",
      {},
      face,
      media.state === "failed"
        ? retry(media, acts)
        : media.state === "pending"
          ? el("span.spinner", { "aria-hidden": "true" })
          : null,
    );
  }
  const save = { href: `${media.url}?download=1`, download: media.filename ?? "" };
  /** @param {string} words what a click does, before what the card says */
  const does = (words) => el("span.visually-hidden", {}, words, " ");
  if (!media.opens) return el("a.file-row", save, does(t("Download")), face, icon("download"));
  return el(
    "div.file-row",
    {},
    el("a.file-open", { href: media.url, target: "_blank", rel: "noopener" }, does(t("Open")), face),
    el("a.icon-button", { ...save, "aria-label": t("Download {name}", { name }), title: t("Download") }, icon("download")),
  );
}

/** @param {Message} message @param {Media} media @param {Acts} acts */
function absent(message, media, acts) {
  const glyphs = /** @type {Record<string, string>} */ ({ image: "photo", video: "video", audio: "music", sticker: "sticker" });
  const box = el(
    "div.absent",
    { class: media.state === "pending" ? "is-pending" : "" },
    media.state === "pending" ? el("span.spinner", { "aria-hidden": "true" }) : icon(glyphs[message.type] ?? "file"),
    el("span", {}, stateWords(media)),
    media.state === "failed" ? retry(media, acts) : null,
  );
  if (message.type === "image" || message.type === "video") reserve(box, media.width, media.height);
  return box;
}

/** @param {Media} media */
export function stateWords(media) {
  switch (media.state) {
    case "pending":
      return t("Fetching the file…");
    case "expired":
      return t("WhatsApp no longer has this file.");
    case "too_large":
      return t("This file is too large to be kept.");
    default:
      return t("The file could not be fetched.");
  }
}

/** @param {Media} media @param {Acts} acts */
function retry(media, acts) {
  return el(
    "button.button.button-small",
    { type: "button", title: media.error, onclick: () => acts.retryMedia(media) },
    t("Retry"),
  );
}

/** On its way up: the picture from this computer, how far it has come, and a way to stop it. @param {Message} message @param {Acts} acts */
function uploading(message, acts) {
  const done = Math.round((message.progress ?? 0) * 100);
  const isUp = message.status === "uploading" || message.status === "local";
  const bar = isUp
    ? el(
        "div.upload",
        {},
        el("progress", { max: 100, value: done, "aria-label": t("Uploading") }),
        el(
          "button.icon-button",
          { type: "button", "aria-label": t("Cancel"), onclick: () => acts.settle(message, "cancel") },
          icon("close", "icon-small"),
        ),
      )
    : null;
  if (message.type !== "image" || !message.local_url) {
    const { label, colour } = fileKind(message.media?.filename ?? null, message.media?.mime_type ?? "");
    return el(
      "div",
      {},
      el(
        "div.file-row",
        {},
        el("span.file-face", { class: colour, "aria-hidden": "true" }, message.media?.voice ? icon("mic") : label),
        el(
          "span.card-lines",
          {},
          el("span.file-name", { dir: "auto" }, message.media?.filename ?? ""),
          el("span.card-quiet", {}, fileSize(message.media?.size)),
        ),
      ),
      bar,
    );
  }
  const frame = el(
    "div.picture",
    { class: isUp ? "is-uploading" : "" },
    el("img", { src: message.local_url, alt: t("Photo") }),
    bar,
  );
  reserve(frame, message.media?.width ?? null, message.media?.height ?? null);
  return frame;
}
