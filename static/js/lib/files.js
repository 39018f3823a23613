// What WhatsApp takes, checked before a byte is uploaded. Limits: Meta's Cloud API, "Supported media types"; they belong to the
// type of the file, so what is no good as a picture is no better as a document. The server looks at the bytes and has the last word.

import { t } from "./strings.js";

const MB = 1024 * 1024;
const LIMITS = { image: 5 * MB, video: 16 * MB, audio: 16 * MB, document: 100 * MB };

/** @type {Record<string, Verdict["kind"]>} */
const KINDS = {
  "image/jpeg": "image", "image/png": "image",
  "video/mp4": "video", "video/3gpp": "video",
  "audio/aac": "audio", "audio/amr": "audio", "audio/mpeg": "audio", "audio/mp4": "audio", "audio/x-m4a": "audio", "audio/ogg": "audio",
  "application/pdf": "document", "application/msword": "document", "application/vnd.ms-excel": "document", "application/vnd.ms-powerpoint": "document",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "document",
};

/** A browser that does not know a type says nothing; the name's ending stands in. @type {Record<string, string>} */
const ENDINGS = {
  jpg: "image/jpeg", jpeg: "image/jpeg", png: "image/png", webp: "image/webp", heic: "image/heic", heif: "image/heif", avif: "image/avif",
  mp4: "video/mp4", "3gp": "video/3gpp", mov: "video/quicktime", mkv: "video/x-matroska",
  aac: "audio/aac", amr: "audio/amr", mp3: "audio/mpeg", m4a: "audio/mp4", ogg: "audio/ogg", opus: "audio/ogg", flac: "audio/flac",
  pdf: "application/pdf", doc: "application/msword", xls: "application/vnd.ms-excel", ppt: "application/vnd.ms-powerpoint",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  pptx: "application/vnd.openxmlformats-officedocument.presentationml.presentation",
  txt: "text/plain", csv: "text/csv", log: "text/plain", md: "text/plain",
};

/**
 * @typedef {object} Verdict
 * @property {"image" | "video" | "audio" | "document"} kind
 * @property {boolean} takesCaption
 * @property {string | null} problem why it cannot go, and what to do instead
 */

/**
 * @param {{ name: string, type: string, size: number }} file
 * @returns {Verdict}
 */
export function judge(file) {
  const type = file.type || (ENDINGS[/\.(\w+)$/.exec(file.name)?.[1]?.toLowerCase() ?? ""] ?? "");
  const kind = KINDS[type] ?? (type.startsWith("text/") ? "document" : null);
  const problem = !file.size ? t("This file is empty.") : !kind ? foreignWords(type) : file.size > LIMITS[kind] ? tooLargeWords(kind) : null;
  return { kind: kind ?? "document", takesCaption: !problem && kind !== "audio", problem };
}

/** @param {Verdict["kind"]} kind */
function tooLargeWords(kind) {
  if (kind === "image") return t("WhatsApp takes pictures up to 5 MB. Make it smaller, or send it inside a PDF.");
  if (kind === "video") return t("WhatsApp takes videos up to 16 MB. Shorten it, or put it somewhere and send the link.");
  if (kind === "audio") return t("WhatsApp takes sound up to 16 MB. Shorten it, or put it somewhere and send the link.");
  return t("WhatsApp takes documents up to 100 MB. Put it somewhere and send the link.");
}

/** @param {string} type "" when nobody knows */
function foreignWords(type) {
  if (type.startsWith("image/")) return t("WhatsApp takes pictures as JPEG or PNG only. Please save it as JPEG or PNG first.");
  if (type.startsWith("video/")) return t("WhatsApp takes videos as MP4 or 3GP only. Please save it as MP4 first.");
  if (type.startsWith("audio/")) return t("WhatsApp takes sound as MP3, M4A, AAC, AMR or Ogg Opus only. Please save it as one of these first.");
  return t("WhatsApp takes PDF, Word, Excel, PowerPoint and text files. Save it as one of these, or put it somewhere and send the link.");
}
