import assert from "node:assert/strict";
import { test } from "node:test";

import { judge } from "../../static/js/lib/files.js";
import { fileKind, fileSize } from "../../static/js/lib/sizes.js";

const MB = 1024 * 1024;
const file = (type, size) => ({ name: "x", type, size });

test("what WhatsApp shows goes as what it is", () => {
  for (const [type, size, kind] of [["image/jpeg", 5 * MB, "image"], ["image/png", 1, "image"], ["video/mp4", 16 * MB, "video"], ["audio/ogg", 16 * MB, "audio"], ["application/pdf", 100 * MB, "document"], ["text/csv", 9, "document"]]) {
    assert.deepEqual(judge(file(type, size)), { kind, takesCaption: kind !== "audio", problem: null });
  }
});

test("too large is refused, with what to do instead, and never promised as a document", () => {
  for (const [type, size, words] of [["image/jpeg", 5 * MB + 1, /up to 5 MB.*inside a PDF/], ["video/mp4", 16 * MB + 1, /up to 16 MB.*link/], ["audio/mpeg", 16 * MB + 1, /up to 16 MB/], ["application/pdf", 100 * MB + 1, /up to 100 MB/]]) {
    assert.match(judge(file(type, size)).problem, words);
  }
});

test("a foreign kind is refused, with the kinds that go", () => {
  for (const type of ["image/webp", "image/heic", "image/gif", "image/avif", "image/svg+xml"]) assert.match(judge(file(type, 10)).problem, /save it as JPEG or PNG first/);
  assert.match(judge(file("video/quicktime", 10)).problem, /save it as MP4 first/);
  assert.match(judge(file("audio/wav", 10)).problem, /MP3/);
  assert.match(judge(file("application/zip", 10)).problem, /PDF, Word/);
  assert.match(judge(file("", 10)).problem, /PDF, Word/);
});

test("a type that the browser does not know is told by the ending", () => {
  assert.match(judge({ name: "IMG_0001.HEIC", type: "", size: 10 }).problem, /JPEG or PNG/);
  assert.equal(judge({ name: "Offer.docx", type: "", size: 10 }).problem, null);
  assert.equal(judge({ name: "note.amr", type: "", size: 10 }).kind, "audio");
});

test("nothing cannot go", () => {
  assert.match(judge(file("application/pdf", 0)).problem, /empty/);
});

test("a sound has no caption", () => {
  assert.equal(judge(file("audio/mpeg", 10)).takesCaption, false);
});

test("sizes and kinds are short words", () => {
  assert.deepEqual([0, 184_320, 5_242_880, 104_857_600, null].map(fileSize), ["0 B", "184 KB", "5.2 MB", "105 MB", ""]);
  assert.deepEqual(fileKind("Price list.PDF", ""), { label: "PDF", colour: "file-red" });
  assert.equal(fileKind(null, "application/vnd.ms-excel").label, "XLS");
  assert.equal(fileKind("noending", "application/x-foo").label, "FILE");
});
