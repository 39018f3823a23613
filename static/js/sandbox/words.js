// How a phone writes a time, and what it calls a message without words.

import { t } from "../lib/strings.js";
import { clock } from "../lib/time.js";

/** @param {number} seconds unix time */
export function clockTime(seconds) {
  return clock(seconds * 1000);
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
