// What WhatsApp takes, checked before a byte is uploaded, in the server's own words (features/media/sending.py): the server looks at
// the bytes and has the last word. Limits: Meta's Cloud API, "Supported media types".

import { t } from "./strings.js";

const MB = 1024 * 1024;
const LIMITS = { image: 5 * MB, video: 16 * MB, audio: 16 * MB, document: 100 * MB };

/** @typedef {"image" | "video" | "audio" | "document"} Kind */

/** @type {Record<string, Kind>} */
const KINDS = {
  "image/jpeg": "image",
  "image/png": "image",
  "video/mp4": "video",
  "video/3gpp": "video",
  "audio/aac": "audio",
  "audio/amr": "audio",
  "audio/mpeg": "audio",
  "audio/mp4": "audio",
  "audio/x-m4a": "audio",
  "audio/ogg": "audio",
  "application/pdf": "document",
  "application/msword": "document",
  "application/vnd.ms-excel": "document",
  "application/vnd.ms-powerpoint": "document",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "document",
};

/** A browser that does not know a type says nothing; the name's ending stands in. @type {Record<string, string>} */
const ENDINGS = {
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
  avif: "image/avif",
  mp4: "video/mp4",
  "3gp": "video/3gpp",
  mov: "video/quicktime",
  mkv: "video/x-matroska",
  aac: "audio/aac",
  amr: "audio/amr",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  ogg: "audio/ogg",
  opus: "audio/ogg",
  flac: "audio/flac",
  pdf: "application/pdf",
  doc: "application/msword",
  xls: "application/vnd.ms-excel",
  ppt: "application/vnd.ms-powerpoint",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  txt: "text/plain",
  csv: "text/csv",
  log: "text/plain",
  md: "text/plain",
};

/** The types that the server knows by their bytes and passes on untouched when asked to. */
const ORIGINALS = new Set([
  "image/jpeg",
  "image/png",
  "image/gif",
  "image/webp",
  "image/heic",
  "image/heif",
  "image/avif",
  "video/mp4",
  "video/3gpp",
  "video/quicktime",
  "video/webm",
  "video/x-matroska",
  "audio/aac",
  "audio/amr",
  "audio/mpeg",
  "audio/mp4",
  "audio/x-m4a",
  "audio/ogg",
]);

/**
 * @typedef {object} Verdict
 * @property {Kind} kind
 * @property {boolean} takesCaption
 * @property {string | null} problem why it cannot go, and what to do instead
 */

/** @param {{ name: string, type: string }} file @returns {string} "" when nobody knows */
export function typeOf(file) {
  return file.type || (ENDINGS[/\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? ""] ?? "");
}

/** To be made a JPEG or PNG here, if this browser can open it (inbox/composer/pictures.js). @param {{ name: string, type: string }} file */
export function isPicture(file) {
  const type = typeOf(file);
  return type.startsWith("image/") && type !== "image/svg+xml"; // a drawing that can be a page
}

/** As it is, with the type document. @param {{ name: string, type: string, size: number }} file */
export function canBeDocument(file) {
  return ORIGINALS.has(typeOf(file)) && file.size > 0 && file.size <= LIMITS.document;
}

/**
 * @param {{ name: string, type: string, size: number }} file as it will be uploaded
 * @param {boolean} [asDocument]
 * @returns {Verdict}
 */
export function judge(file, asDocument = false) {
  const type = typeOf(file);
  const kind = asDocument && ORIGINALS.has(type) ? "document" : (KINDS[type] ?? (type.startsWith("text/") ? "document" : null));
  const problem = !file.size
    ? t("This file is empty.")
    : !kind
      ? foreignWords(type)
      : file.size > LIMITS[kind]
        ? tooLargeWords(kind)
        : null;
  return { kind: kind ?? "document", takesCaption: !problem && kind !== "audio", problem };
}

/** @param {Kind} kind */
function tooLargeWords(kind) {
  if (kind === "image") return t("WhatsApp takes pictures up to 5 MB. Make it smaller, or send it as a document.");
  if (kind === "video") return t("WhatsApp takes videos up to 16 MB. Shorten it, or send it as a document.");
  if (kind === "audio") return t("WhatsApp takes sound up to 16 MB. Shorten it, or send it as a document.");
  return t("WhatsApp takes documents up to 100 MB. Put it somewhere and send the link.");
}

/** @param {string} type "" when nobody knows */
function foreignWords(type) {
  const [family] = ORIGINALS.has(type) ? type.split("/") : [""];
  if (family === "image")
    return t("WhatsApp takes pictures as JPEG or PNG only. Save it as one of these, or send it as a document.");
  if (family === "video") return t("WhatsApp takes videos as MP4 or 3GP only. Save it as MP4, or send it as a document.");
  if (family === "audio")
    return t("WhatsApp takes sound as MP3, M4A, AAC, AMR or Ogg Opus only. Save it as MP3, or send it as a document.");
  return t(
    "WhatsApp takes pictures, videos, sound, PDF, Word, Excel, PowerPoint and text files. Save it as one of these, or put it somewhere and send the link.",
  );
}
