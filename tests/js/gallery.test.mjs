import assert from "node:assert/strict";
import { test } from "node:test";

import { linksOf } from "../../static/js/lib/links.js";
import { Shelf } from "../../static/js/inbox/details/shelf.js";

const page = (from, until, next = null) => ({
  messages: Array.from({ length: from - until + 1 }, (_, at) => ({ id: from - at })),
  next_cursor: next,
});
const ids = (shelf) => shelf.messages.map((message) => message.id);

test("pages go behind one another, each message once", () => {
  const shelf = new Shelf();
  shelf.add(page(9, 7, "7"));
  shelf.add(page(7, 5));
  assert.deepEqual(ids(shelf), [9, 8, 7, 6, 5]);
  assert.equal(shelf.older, null);
});

test("what came and went at the top is put right, what is older stays", () => {
  const shelf = new Shelf();
  shelf.add(page(9, 7, "7"));
  shelf.add(page(6, 4, "4"));
  shelf.refresh({ messages: [{ id: 11 }, { id: 10 }, { id: 8 }], next_cursor: "8" }); // 9 was deleted
  assert.deepEqual(ids(shelf), [11, 10, 8, 7, 6, 5, 4]);
  assert.equal(shelf.older, "4");
});

test("more came than a page holds: one begins anew", () => {
  const shelf = new Shelf();
  shelf.add(page(9, 7, "7"));
  shelf.refresh(page(30, 28, "28"));
  assert.deepEqual([ids(shelf), shelf.older], [[30, 29, 28], "28"]);
});

test("the last one was deleted: nothing is left", () => {
  const shelf = new Shelf();
  shelf.add(page(9, 9));
  shelf.refresh({ messages: [], next_cursor: null });
  assert.deepEqual(ids(shelf), []);
});

test("addresses are found as the bubble shows them, each once", () => {
  const text =
    "*https://example.com/a* and https://example.com/a\n> www.example.org\n- mail me@example.com\n```https://code.example```";
  assert.deepEqual(linksOf(text), [
    { text: "https://example.com/a", href: "https://example.com/a" },
    { text: "www.example.org", href: "https://www.example.org/" },
  ]);
  assert.deepEqual(linksOf("http://"), []);
});
