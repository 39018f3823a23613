import assert from "node:assert/strict";
import { test } from "node:test";

import { fit, renamed } from "../../static/js/inbox/composer/pictures.js";
import { Tray } from "../../static/js/inbox/composer/attachments.js";
import { settle } from "./support.mjs";

const MB = 1024 * 1024;
const file = (name, type, size = 1000) => ({ name, type, size });
const photo = (name) => file(name, "image/jpeg");
const pdf = (name) => file(name, "application/pdf");

/** `prepare` makes a small JPEG of everything but HEIC. */
function trayWith(files, draft = "") {
  const changes = { count: 0 };
  const prepare = async (one) => {
    if (/heic$/i.test(one.name)) throw new Error("cannot open");
    return { file: file(one.name, "image/jpeg", 200), width: 40, height: 30, thumbnail: {} };
  };
  const tray = new Tray({ draft, prepare, onChange: () => (changes.count += 1) });
  const left = tray.add(files);
  return { tray, changes, left };
}
const names = (tray) => tray.items.map((item) => item.file.name);

test("files stay in their order until a person moves them", () => {
  const { tray } = trayWith([pdf("a"), pdf("b"), pdf("c")]);
  assert.equal(tray.selected, tray.items[0]);
  assert.equal(tray.move(tray.items[0], 2), true);
  assert.deepEqual(names(tray), ["b", "c", "a"]);
  assert.equal(tray.move(tray.items[0], -1), false);
  assert.equal(tray.move(tray.items[2], 3), false);
  assert.equal(tray.selected.file.name, "a");
});

test("the neighbour of a removed file is shown, and nothing when none is left", () => {
  const { tray } = trayWith([pdf("a"), pdf("b"), pdf("c")]);
  tray.select(tray.items[1]);
  tray.remove(tray.items[1]);
  assert.equal(tray.selected.file.name, "c");
  tray.remove(tray.items[1]);
  assert.equal(tray.selected.file.name, "a");
  tray.remove(tray.items[0]);
  assert.equal(tray.selected, null);
});

test("more files are added behind, the first of them is shown, thirty at the most", () => {
  const { tray, left } = trayWith([pdf("a")]);
  assert.equal(left, 0);
  assert.equal(tray.add(Array.from({ length: 31 }, (_, at) => pdf(`more ${at}`))), 2);
  assert.equal(tray.items.length, 30);
  assert.equal(tray.selected.file.name, "more 0");
});

test("a picture goes as what was made of it, or whole as a document", async () => {
  const { tray, changes } = trayWith([photo("big.png")]);
  const [item] = tray.items;
  assert.equal(tray.isReady, false);
  await settle();
  assert.equal(changes.count, 2);
  assert.equal(tray.isReady, true);
  item.caption = " at the pier ";
  assert.deepEqual(tray.attachmentOf(item), {
    file: item.prepared.file,
    caption: "at the pier",
    kind: "image",
    asDocument: false,
    width: 40,
    height: 30,
    url: null,
  });
  tray.setAsDocument(item, true);
  const { file: sent, kind, asDocument } = tray.attachmentOf(item);
  assert.deepEqual([sent, kind, asDocument], [item.file, "document", true]);
});

test("what cannot be sent says why and holds up nobody", async () => {
  const { tray } = trayWith([
    file("a.heic", "image/heic"),
    pdf("b"),
    file("c.exe", "application/x-msdownload"),
    file("d.mp4", "video/mp4", 20 * MB),
    file("e.jpg", "image/jpeg", 0),
  ]);
  await settle();
  const [heic, , exe, film, empty] = tray.items;
  assert.deepEqual(
    tray.sendable.map((item) => item.file.name),
    ["b"],
  );
  assert.equal(tray.isReady, true);
  assert.equal(tray.verdictOf(heic).problem, "cannot open");
  assert.match(tray.verdictOf(film).problem, /16 MB.*as a document/);
  assert.match(tray.verdictOf(empty).problem, /empty/);
  for (const item of [heic, film, exe]) tray.setAsDocument(item, true);
  assert.deepEqual(
    tray.sendable.map((item) => item.file.name),
    ["a.heic", "b", "d.mp4"],
  );
});

test("a picture that is still being made ready does not hold up its own original", () => {
  const { tray } = trayWith([photo("a")]);
  assert.equal(tray.isReady, false);
  tray.setAsDocument(tray.items[0], true);
  assert.equal(tray.isReady, true);
});

test("what was typed is the first caption that can be", () => {
  const { tray } = trayWith(
    [file("song.mp3", "audio/mpeg"), file("c.exe", "application/x-msdownload"), pdf("a"), pdf("b")],
    "the offer",
  );
  assert.deepEqual(
    tray.items.map((item) => item.caption),
    ["", "", "the offer", ""],
  );
  assert.equal(tray.drafted, tray.items[2]);
  assert.equal(trayWith([pdf("a")], "x".repeat(1025)).tray.drafted, null, "too long for a caption: it stays where it is");
});

test("only words that stand nowhere else are lost", () => {
  const { tray } = trayWith([pdf("a"), pdf("b")], "the offer");
  assert.equal(tray.wouldLose, false);
  tray.items[1].caption = " ";
  assert.equal(tray.wouldLose, false);
  tray.items[1].caption = "and this";
  assert.equal(tray.wouldLose, true);
});

test("pictures are made smaller, never larger", () => {
  assert.deepEqual(fit(4000, 3000, 1920), { width: 1920, height: 1440 });
  assert.deepEqual(fit(3000, 4000, 1920), { width: 1440, height: 1920 });
  assert.deepEqual(fit(640, 400, 1920), { width: 640, height: 400 });
  assert.deepEqual(fit(20000, 3, 1920), { width: 1920, height: 1 });
});

test("a name says what the file has become", () => {
  for (const [name, type, wanted] of [
    ["a.JPG", "image/jpeg", "a.JPG"],
    ["a.jpeg", "image/jpeg", "a.jpeg"],
    ["IMG_1.HEIC", "image/jpeg", "IMG_1.jpg"],
    ["a.png", "image/jpeg", "a.jpg"],
    ["logo.webp", "image/png", "logo.png"],
    ["noending", "image/jpeg", "noending.jpg"],
    ["v1.2 final", "image/png", "v1.2 final.png"],
  ]) {
    assert.equal(renamed(name, type), wanted);
  }
});
