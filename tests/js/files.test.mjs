import assert from "node:assert/strict";
import { test } from "node:test";

import { canBeDocument, isPicture, judge } from "../../static/js/lib/files.js";
import { fileKind, fileSize } from "../../static/js/lib/sizes.js";

const MB = 1024 * 1024;
const file = (type, size) => ({ name: "x", type, size });

test("what WhatsApp shows goes as what it is", () => {
  for (const [type, size, kind] of [
    ["image/jpeg", 5 * MB, "image"],
    ["image/png", 1, "image"],
    ["video/mp4", 16 * MB, "video"],
    ["audio/ogg", 16 * MB, "audio"],
    ["application/pdf", 100 * MB, "document"],
    ["text/csv", 9, "document"],
  ]) {
    assert.deepEqual(judge(file(type, size)), { kind, takesCaption: kind !== "audio", problem: null });
  }
});

test("too large is refused, with what to do instead", () => {
  for (const [type, size, words] of [
    ["image/jpeg", 5 * MB + 1, /up to 5 MB.*as a document/],
    ["video/mp4", 16 * MB + 1, /up to 16 MB.*as a document/],
    ["audio/mpeg", 16 * MB + 1, /up to 16 MB.*as a document/],
    ["application/pdf", 100 * MB + 1, /up to 100 MB.*link/],
  ]) {
    assert.match(judge(file(type, size)).problem, words);
  }
});

test("a foreign kind is refused, with the kinds that go", () => {
  for (const type of ["image/webp", "image/heic", "image/gif", "image/avif"])
    assert.match(judge(file(type, 10)).problem, /JPEG or PNG only.*as a document/);
  assert.match(judge(file("video/quicktime", 10)).problem, /Save it as MP4.*as a document/);
  for (const type of ["image/svg+xml", "audio/flac", "application/zip", ""]) {
    assert.match(judge(file(type, 10)).problem, /PDF, Word/);
    assert.match(judge(file(type, 10), true).problem, /PDF, Word/);
  }
});

test("pictures, films and sounds go whole as documents, up to 100 MB", () => {
  for (const type of ["image/jpeg", "image/heic", "image/gif", "video/quicktime", "audio/mpeg"]) {
    assert.equal(canBeDocument(file(type, 100 * MB)), true);
    assert.equal(canBeDocument(file(type, 100 * MB + 1)), false);
    assert.deepEqual(judge(file(type, 20 * MB), true), { kind: "document", takesCaption: true, problem: null });
  }
  assert.match(judge(file("image/jpeg", 100 * MB + 1), true).problem, /up to 100 MB/);
  for (const type of ["image/svg+xml", "text/html", "application/zip", "audio/flac", ""])
    assert.equal(canBeDocument(file(type, 10)), false);
});

test("every picture is made anew, a drawing that can be a page is not", () => {
  assert.deepEqual(
    ["image/jpeg", "image/bmp", "image/svg+xml", "video/mp4"].map((type) => isPicture(file(type, 1))),
    [true, true, false, false],
  );
});

test("a type that the browser does not know is told by the ending", () => {
  assert.match(judge({ name: "IMG_0001.HEIC", type: "", size: 10 }).problem, /JPEG or PNG/);
  assert.equal(isPicture({ name: "IMG_0001.HEIC", type: "" }), true);
  assert.equal(judge({ name: "Offer.docx", type: "", size: 10 }).problem, null);
  assert.equal(judge({ name: "note.amr", type: "", size: 10 }).kind, "audio");
});

test("nothing cannot go", () => {
  assert.match(judge(file("application/pdf", 0)).problem, /empty/);
});

test("sizes and kinds are short words", () => {
  assert.deepEqual([0, 184_320, 5_242_880, 104_857_600, null].map(fileSize), ["0 B", "184 KB", "5.2 MB", "105 MB", ""]);
  assert.deepEqual(fileKind("Price list.PDF", ""), { label: "PDF", colour: "file-red" });
  assert.equal(fileKind(null, "application/vnd.ms-excel").label, "XLS");
  assert.equal(fileKind("noending", "application/x-foo").label, "FILE");
});
