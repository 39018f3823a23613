// What a JPEG holds besides the picture.

const START_OF_SCAN = 0xda;
const COMMENT = 0xfe;
const APP = 0xe0; // to 0xef
const PLAIN = [0, 14]; // JFIF and Adobe: how to read the picture
const COLOURS = 2; // where it begins with "ICC_PROFILE"; else a second picture, with notes of its own

/**
 * Exif, XMP, IPTC, comments, further pictures: camera, place, names. A file that is not understood may hold anything.
 * @param {Uint8Array} bytes the beginning of the file
 */
export function hasNotes(bytes) {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return true;
  for (let at = 2; at + 4 < bytes.length;) {
    const [mark, marker = 0, high = 0, low = 0] = bytes.subarray(at, at + 4);
    if (mark !== 0xff) return true;
    if (marker === START_OF_SCAN) return false;
    const app = marker - APP;
    const isApp = app >= 0 && app <= 15;
    if (marker === COMMENT || (isApp && !PLAIN.includes(app) && !(app === COLOURS && isProfile(bytes.subarray(at + 4)))))
      return true;
    at += 2 + high * 256 + low;
  }
  return true;
}

/** @param {Uint8Array} bytes */
function isProfile(bytes) {
  return String.fromCharCode(...bytes.subarray(0, 12)) === "ICC_PROFILE\0";
}
