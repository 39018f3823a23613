// Pictures made ready for WhatsApp: upright, at most 1,920 px, and nothing in the file but the picture: a photo from a phone
// tells where it was taken.

import { canBeDocument, judge, typeOf } from "../../lib/files.js";
import { hasNotes } from "../../lib/jpeg.js";
import { t } from "../../lib/strings.js";

const LONGEST = 1920; // px
const QUALITY = 0.8;
const THUMBNAIL = 128; // px, twice what is shown
const HEAD = 256 * 1024; // bytes before the picture itself: tables and a colour profile
const MOST_PIXELS = 100_000_000; // 400 MB when open

/** @typedef {{ file: File, width: number, height: number, thumbnail: HTMLCanvasElement }} Prepared */

/** @type {Promise<unknown>} */
let queue = Promise.resolve();

/**
 * One after the other: each needs the memory of the whole picture for a moment.
 * @param {File} file
 * @returns {Promise<Prepared>} rejects with words for people
 */
export function preparePicture(file) {
  const prepared = queue.then(() => prepare(file));
  queue = prepared.catch(() => {});
  return prepared;
}

/** @param {File} file @returns {Promise<Prepared>} */
async function prepare(file) {
  const size = await sizeOf(file).catch(() => null);
  if (!size) throw new Error(cannotOpen(file));
  if (size.width * size.height > MOST_PIXELS) throw new Error(tooManyPixels(file));
  const { width, height } = fit(size.width, size.height, LONGEST);
  // Decoded and made smaller outside the page's own thread, so that 50 megapixels freeze nothing.
  const bitmap = await createImageBitmap(file, {
    imageOrientation: "from-image",
    resizeWidth: width,
    resizeHeight: height,
    resizeQuality: "high",
  }).catch(() => Promise.reject(new Error(cannotOpen(file))));
  try {
    const blob = await encode(paint(bitmap, width, height), typeOf(file));
    const small = fit(width, height, THUMBNAIL);
    const isKept = width === size.width && file.size <= blob.size && (await isBare(file));
    const made = isKept ? file : new File([blob], renamed(file.name, blob.type), { type: blob.type });
    return { file: made, width, height, thumbnail: paint(bitmap, small.width, small.height) };
  } finally {
    bitmap.close();
  }
}

/** A JPEG with nothing to hide would only lose by being made anew. @param {File} file */
async function isBare(file) {
  return typeOf(file) === "image/jpeg" && !hasNotes(new Uint8Array(await file.slice(0, HEAD).arrayBuffer()));
}

/**
 * As it is seen, upright. The browser reads this without decoding the picture.
 * @param {File} file
 */
async function sizeOf(file) {
  const url = URL.createObjectURL(file);
  const image = new Image();
  try {
    await new Promise((resolve, reject) => {
      image.onload = resolve;
      image.onerror = reject;
      image.src = url;
    });
    return { width: image.naturalWidth, height: image.naturalHeight };
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** @param {number} width @param {number} height @param {number} longest */
export function fit(width, height, longest) {
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

/** @param {ImageBitmap} bitmap @param {number} width @param {number} height */
function paint(bitmap, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  pen(canvas).drawImage(bitmap, 0, 0, width, height);
  return canvas;
}

/** @param {HTMLCanvasElement} canvas @returns {CanvasRenderingContext2D} */
function pen(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error(t("This browser has no memory left for pictures. Close some tabs and try again."));
  return context;
}

/**
 * JPEG; PNG where something shines through, or where it is the smaller one (drawings, screens).
 * @param {HTMLCanvasElement} canvas
 * @param {string} type it had
 */
async function encode(canvas, type) {
  const png = type === "image/jpeg" ? null : await blobOf(canvas, "image/png");
  if (png && isSeeThrough(canvas) && !judge({ name: "", type: png.type, size: png.size }).problem) return png;
  const context = pen(canvas);
  context.globalCompositeOperation = "destination-over";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  const jpeg = await blobOf(canvas, "image/jpeg");
  return png && png.size <= jpeg.size ? png : jpeg;
}

/** @param {HTMLCanvasElement} canvas @param {string} type @returns {Promise<Blob>} */
function blobOf(canvas, type) {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error(t("This picture could not be made smaller. Save it as JPEG first.")))),
      type,
      QUALITY,
    );
  });
}

/** @param {HTMLCanvasElement} canvas */
function isSeeThrough(canvas) {
  const { data } = pen(canvas).getImageData(0, 0, canvas.width, canvas.height);
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}

/** "IMG_1.HEIC" has become a JPEG. @param {string} name @param {string} type */
export function renamed(name, type) {
  const ending = type === "image/png" ? "png" : "jpg";
  const fits = ending === "png" ? /\.png$/i : /\.jpe?g$/i;
  return fits.test(name) ? name : `${name.replace(/\.\w{1,5}$/, "")}.${ending}`;
}

/** @param {File} file */
const cannotOpen = (file) =>
  canBeDocument(file)
    ? t("This browser cannot open this picture. Save it as JPEG first, or send it as a document.")
    : t("This browser cannot open this picture. Save it as JPEG first.");

/** @param {File} file */
const tooManyPixels = (file) =>
  canBeDocument(file)
    ? t("This picture has more than 100 million pixels. Make it smaller, or send it as a document.")
    : t("This picture has more than 100 million pixels. Make it smaller.");
