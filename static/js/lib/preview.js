// One line about a message: for the chat list, quotes, notifications and screen readers.

import { t } from "./strings.js";
import { duration } from "./time.js";

/** @type {Record<string, string>} type -> icon of icons.js */
const GLYPHS = {
  image: "photo",
  video: "video",
  audio: "music",
  voice: "mic",
  document: "file",
  sticker: "sticker",
  location: "pin",
  contacts: "person",
  order: "cart",
  template: "template",
  interactive: "list",
  button: "list",
  unsupported: "alert",
};

/** @type {Record<string, () => string>} */
const WORDS = {
  image: () => t("Photo"),
  video: () => t("Video"),
  audio: () => t("Audio"),
  voice: () => t("Voice message"),
  document: () => t("Document"),
  sticker: () => t("Sticker"),
  location: () => t("Location"),
  contacts: () => t("Contact"),
  order: () => t("Order"),
};

/**
 * @param {{ type: string, text: string, media?: { filename?: string | null, voice?: boolean, duration_ms?: number | null } | null,
 *   deleted_at?: string | null }} message
 * @returns {{ glyph: string | null, text: string }}
 */
export function previewOf(message) {
  const { media } = message;
  const type = message.type === "audio" && media?.voice ? "voice" : message.type;
  const glyph = GLYPHS[type] ?? null;
  const text = withoutMarkup(message.text);
  if (type === "voice" && media?.duration_ms) return { glyph, text: duration(media.duration_ms) };
  if (text) return { glyph, text };
  if (type === "document" && media?.filename) return { glyph, text: media.filename };
  return { glyph, text: WORDS[type]?.() ?? t("Message") };
}

/** A quote tells the type of its file and nothing else of it. @param {Quoted} quoted */
export function quotePreview(quoted) {
  const type = quoted.media_type && !WORDS[quoted.type] ? (quoted.media_type.split("/")[0] ?? quoted.type) : quoted.type;
  return previewOf({ type, text: quoted.text });
}

/** @param {string} text */
function withoutMarkup(text) {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/```([^`]+)```/g, "$1")
    .replace(/(^|[\s(])([*_~])(\S(?:[^*_~]*\S)?)\2(?=$|[\s).,!?])/g, "$1$3");
}
