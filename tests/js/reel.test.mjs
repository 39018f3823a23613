import assert from "node:assert/strict";
import { test } from "node:test";

import { Reel, isViewable } from "../../static/js/inbox/viewer/reel.js";

const photo = (id, more = {}) => ({
  id,
  type: "image",
  deleted_at: null,
  media: { id, state: "stored", inline: true },
  ...more,
});
const row = (from, until) => Array.from({ length: until - from }, (_, at) => photo(from + at));

/** A chat with the photos 1 to `count`; pages of 3, as the server gives them. */
function chat(count, asked = []) {
  return async ({ cursor, after }) => {
    asked.push(cursor ? `<${cursor}` : `>${after}`);
    const all = row(1, count + 1);
    const page = cursor
      ? all.filter((one) => one.id < Number(cursor)).slice(-3)
      : all.filter((one) => one.id > Number(after)).slice(0, 3);
    return {
      messages: page.toReversed(),
      next_cursor: page.length && page[0].id > 1 ? String(page[0].id) : null,
      prev_cursor: page.length && page.at(-1).id < count ? String(page.at(-1).id) : null,
    };
  };
}

test("one walks to both ends of the chat, page by page, each photo once", async () => {
  const reel = new Reel({ items: row(10, 13), older: "10", newer: "12", fetch: chat(20) }, photo(11));
  const seen = [reel.current.id];
  while (await reel.step(-1)) seen.unshift(reel.current.id);
  while (reel.current.id !== 11) await reel.step(1);
  while (await reel.step(1)) seen.push(reel.current.id);
  assert.deepEqual(
    seen,
    [...Array(20).keys()].map((at) => at + 1),
  );
  assert.deepEqual([reel.has(1), reel.has(-1)], [false, true]);
});

test("the next page is fetched before its first photo is wanted, once", async () => {
  const asked = [];
  const reel = new Reel({ items: row(10, 20), older: "10", newer: null, fetch: chat(19, asked) }, photo(12));
  await Promise.all([reel.prepare(), reel.prepare()]);
  assert.deepEqual(asked, ["<10"]);
  assert.equal(reel.current.id, 12);
  assert.equal(reel.neighbour(-1).id, 11);
});

test("pages without anything to show are passed over", async () => {
  const pages = [
    { messages: [photo(5, { media: { state: "pending", inline: false } })], next_cursor: "5" },
    { messages: [photo(4, { deleted_at: "2026-11-01T00:00:00Z" })], next_cursor: "4" },
    { messages: [photo(3)], next_cursor: null },
  ];
  const reel = new Reel({ items: [photo(9)], older: "9", newer: null, fetch: async () => pages.shift() }, photo(9));
  assert.equal(await reel.step(-1), true);
  assert.equal(reel.current.id, 3);
  assert.equal(await reel.step(-1), false);
});

test("a page that cannot be had is told, and asked for again", async () => {
  let isDown = true;
  const there = chat(5);
  const reel = new Reel(
    {
      items: row(4, 6),
      older: "4",
      newer: null,
      fetch: (where) => (isDown ? Promise.reject(new Error("down")) : there(where)),
    },
    photo(4),
  );
  await reel.prepare();
  await assert.rejects(reel.step(-1), /down/);
  isDown = false;
  assert.equal(await reel.step(-1), true);
  assert.equal(reel.current.id, 3);
});

test("two presses while a page is on its way are one step", async () => {
  const reel = new Reel({ items: [photo(10)], older: "10", newer: null, fetch: chat(12) }, photo(10));
  assert.deepEqual(await Promise.all([reel.step(-1), reel.step(-1)]), [true, false]);
  assert.equal(reel.current.id, 9);
});

test("what is still on its way up is shown too, what has gone is not", () => {
  const local = { id: null, type: "image", deleted_at: null, media: null, local_url: "blob:1" };
  assert.ok(isViewable(local));
  assert.ok(isViewable({ ...photo(1), type: "video" }));
  assert.ok(!isViewable({ ...photo(1), deleted_at: "2026-11-01T00:00:00Z" }));
  assert.ok(!isViewable({ ...photo(1), media: { state: "stored", inline: false } }));
  assert.ok(!isViewable({ ...photo(1), type: "document" }));
  assert.equal(new Reel({ items: [photo(1), local], older: null, newer: null, fetch: chat(1) }, local).current, local);
});
