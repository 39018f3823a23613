// How a phone writes a time, and what it calls a message without words.

import { t } from "../lib/strings.js";

/** @param {number} seconds unix time */
export function clockTime(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** @param {import("./model.js").Bubble} bubble */
export function summary(bubble) {
  /** @type {Record<string, string>} */
  const names = {
    image: t("Photo"),
    audio: t("Voice message"),
    document: t("Document"),
    sticker: t("Sticker"),
    video: t("Video"),
  };
  return bubble.text || bubble.filename || (names[bubble.type] ?? t("Message"));
}
