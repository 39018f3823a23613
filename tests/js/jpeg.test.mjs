import assert from "node:assert/strict";
import { test } from "node:test";

import { hasNotes } from "../../static/js/lib/jpeg.js";

const segment = (marker, text) => [
  0xff,
  marker,
  (text.length + 2) >> 8,
  (text.length + 2) & 255,
  ...Buffer.from(text, "latin1"),
];
const jpeg = (...segments) => new Uint8Array([0xff, 0xd8, ...segments.flat(), ...segment(0xda, "scan"), 1, 2, 3, 0xff, 0xd9]);
const TABLES = segment(0xdb, "x".repeat(64));

test("a picture, its tables and its colours are all there is", () => {
  for (const segments of [
    [TABLES],
    [segment(0xe0, "JFIF\0"), TABLES],
    [segment(0xe2, "ICC_PROFILE\0\x01\x01..."), segment(0xee, "Adobe"), TABLES],
  ]) {
    assert.equal(hasNotes(jpeg(...segments)), false);
  }
});

test("whatever else is in a file is a note", () => {
  for (const note of [
    segment(0xe1, "Exif\0\0MM"),
    segment(0xe1, "http://ns.adobe.com/xap/1.0/\0"),
    segment(0xed, "Photoshop 3.0\0"),
    segment(0xe2, "MPF\0"),
    segment(0xfe, "hello"),
    segment(0xef, "?"),
  ]) {
    assert.equal(hasNotes(jpeg(segment(0xe0, "JFIF\0"), note, TABLES)), true);
  }
});

test("a file that is not understood may hold anything", () => {
  for (const bytes of [[], [0xff, 0xd8], [0x89, 0x50, 0x4e, 0x47], [0xff, 0xd8, 0, 0, 0, 0, 0, 0], [0xff, 0xd8, ...TABLES]]) {
    assert.equal(hasNotes(new Uint8Array(bytes)), true);
  }
});
