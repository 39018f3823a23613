// The round picture of a person: initials on a colour that is always the same for the same key.

import { el } from "./dom.js";
import { icon } from "./icons.js";

const FACES = [
  "face-0",
  "face-1",
  "face-2",
  "face-3",
  "face-4",
  "face-5",
  "face-6",
  "face-7",
  "face-8",
  "face-9",
  "face-10",
  "face-11",
];
const NAMES = ["who-0", "who-1", "who-2", "who-3", "who-4", "who-5", "who-6", "who-7"];
const LATIN = /[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u;
const LETTER = /[\p{L}\p{N}]/u;

/**
 * "Raj Patel" RP, "陳美玲 Mei Ling Chan" 陳, "@mystery.k" @, "+852 5555 0188" #.
 * @param {string} name
 */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const first = words[0] ?? "";
  if (first.startsWith("@")) return "@";
  if (!/\p{L}/u.test(name)) return "#";
  const letters = words.map((word) => [...word].find((letter) => LETTER.test(letter)) ?? "").filter(Boolean);
  const start = letters[0] ?? "#";
  if (!LATIN.test(start) || letters.length === 1) return start.toUpperCase();
  return (start + letters[letters.length - 1]).toUpperCase();
}

/**
 * @param {string | number} key
 * @param {number} many
 */
function bucket(key, many) {
  let sum = 7;
  for (const letter of String(key)) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 100_003;
  return sum % many;
}

/** @param {string | number} key */
export const faceClass = (key) => /** @type {string} */ (FACES[bucket(key, FACES.length)]);

/** The colour of a participant's name in a group. @param {string | number} key */
export const nameClass = (key) => /** @type {string} */ (NAMES[bucket(key, NAMES.length)]);

/**
 * @param {{ name: string, key: string | number, isGroup?: boolean, size?: string }} of `size`: a class such as "avatar-small"
 */
export function avatar({ name, key, isGroup = false, size = "" }) {
  const letters = initials(name);
  return el(
    "span.avatar",
    { class: `${faceClass(key)} ${size}`, "aria-hidden": "true" },
    isGroup ? icon("group") : letters === "#" ? icon("person") : letters,
  );
}

/** The same person, the same colour: by phone where there is one. @param {Chat} chat */
export function chatAvatar(chat, size = "") {
  return avatar({
    name: chat.name,
    key: chat.phone ?? chat.username ?? `chat ${chat.id}`,
    isGroup: chat.kind === "group",
    size,
  });
}
