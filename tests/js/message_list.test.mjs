import assert from "node:assert/strict";
import { test } from "node:test";

import { MessageList, SECTION, keyOf } from "../../static/js/inbox/thread/message_list.js";
import { layoutOf } from "../../static/js/inbox/thread/runs.js";

const START = Date.UTC(2026, 10, 1);
const message = (id, more = {}) => ({
  id,
  client_msg_id: null,
  direction: "in",
  type: "text",
  text: `#${id}`,
  status: null,
  sender: null,
  contact: null,
  timestamp: new Date(START + (id ?? 0) * 60_000).toISOString(),
  ...more,
});
const stretch = (from, until) => Array.from({ length: until - from }, (_, at) => message(from + at));
const ids = (list) => list.all().map((one) => one.id);

function listOf(from, until, cursors = {}) {
  const list = new MessageList();
  list.reset({ messages: stretch(from, until), next_cursor: null, prev_cursor: null, ...cursors });
  return list;
}

test("pages of history go before, in sections of 25", () => {
  const list = listOf(50, 100, { next_cursor: "50" });
  list.addOlder({ messages: stretch(0, 50), next_cursor: null });
  assert.deepEqual(ids(list), [...Array(100).keys()]);
  assert.ok(list.sections.every((section) => section.messages.length === SECTION));
  assert.equal(list.older, null);
});

test("a page that comes twice doubles nothing", () => {
  const list = listOf(50, 100, { next_cursor: "50" });
  list.addOlder({ messages: stretch(0, 60), next_cursor: null });
  assert.equal(list.all().length, 100);
});

test("a new message goes to the end and fills sections up", () => {
  const list = listOf(0, 10);
  for (let id = 10; id < 60; id += 1) assert.equal(list.put(message(id)), "new");
  assert.deepEqual(ids(list), [...Array(60).keys()]);
  assert.deepEqual(
    list.sections.map((section) => section.messages.length),
    [25, 25, 10],
  );
});

test("a late message takes the place of its time", () => {
  const list = listOf(0, 60);
  list.put(message(100, { timestamp: message(30).timestamp }));
  assert.equal(ids(list).indexOf(100), 31);
  list.put(message(101, { timestamp: message(0).timestamp.replace("2026", "2025") }));
  assert.equal(ids(list)[0], 101);
});

test("what lies outside the stretch is left to its page", () => {
  const list = listOf(100, 150, { next_cursor: "100", prev_cursor: "149" });
  assert.equal(list.put(message(7)), "outside");
  assert.equal(list.put(message(200)), "outside");
  assert.equal(list.put(message(120, { text: "edited" })), "changed");
  assert.equal(list.find(120).text, "edited");
});

test("an optimistic message is settled by the server's copy, once and in place", () => {
  const list = listOf(0, 5);
  const mine = { direction: "out", client_msg_id: "abc" };
  list.put(message(null, { ...mine, status: "local" }));
  assert.equal(list.put(message(5, { ...mine, status: "queued" })), "changed");
  assert.equal(list.all().length, 6);
  assert.equal(list.find(5).status, "queued");
  assert.equal(keyOf(list.find(5)), "c:abc");
  // A slow echo of the outbox must not undo it.
  list.put(message(null, { ...mine, status: "local" }));
  assert.equal(list.find(5).status, "queued");
});

test("a settled message moves up when a customer's message came before it", () => {
  const list = listOf(0, 5);
  list.put(message(null, { direction: "out", client_msg_id: "abc", status: "local" }));
  list.put(message(7));
  assert.deepEqual(ids(list), [0, 1, 2, 3, 4, 7, null]);
  list.put(message(6, { direction: "out", client_msg_id: "abc", status: "queued" }));
  assert.deepEqual(ids(list), [0, 1, 2, 3, 4, 6, 7]);
});

test("a refused message stands at its time, and goes to the end again when it is retried", () => {
  const list = listOf(0, 5);
  const mine = { direction: "out", client_msg_id: "abc", timestamp: message(5).timestamp.replace(".000", ".700") };
  list.put(message(null, { ...mine, status: "local" }));
  list.put(message(5));
  list.put(message(6));
  assert.deepEqual(ids(list), [0, 1, 2, 3, 4, 5, 6, null]);
  list.put(message(null, { ...mine, status: "refused" }));
  assert.deepEqual(ids(list), [0, 1, 2, 3, 4, 5, null, 6]);
  list.put(message(null, { ...mine, status: "local" }));
  assert.deepEqual(ids(list), [0, 1, 2, 3, 4, 5, 6, null]);
});

test("a refused message of long ago waits for the page it belongs to", () => {
  const list = listOf(50, 100, { next_cursor: "50" });
  const mine = message(null, { direction: "out", client_msg_id: "abc", status: "refused", timestamp: message(20).timestamp });
  assert.equal(list.put(mine), "outside");
  list.addOlder({ messages: stretch(0, 50), next_cursor: null });
  assert.equal(list.put(mine), "new");
  assert.equal(ids(list).indexOf(null), 21);
});

test("messages without an id survive a reload of the end, and wait while the view is elsewhere", () => {
  const list = listOf(50, 60);
  list.put(message(null, { direction: "out", client_msg_id: "abc", status: "local" }));
  list.reset({ messages: stretch(55, 65), next_cursor: "55", prev_cursor: null });
  assert.equal(list.all().at(-1).client_msg_id, "abc");
  list.reset({ messages: stretch(0, 20), next_cursor: null, prev_cursor: "19" });
  assert.equal(list.all().length, 20);
});

test("removing the last message of a section removes the section", () => {
  const list = listOf(0, 26);
  list.remove("m:0");
  assert.deepEqual(
    list.sections.map((section) => section.messages.length),
    [25],
  );
  assert.equal(list.find(0), null);
});

test("a hundred thousand messages do not pile up in memory", () => {
  let top = 100_000;
  const list = listOf(top - 50, top, { next_cursor: String(top - 50) });
  while (list.older) {
    top = Number(list.older);
    list.addOlder({ messages: stretch(Math.max(0, top - 100), top), next_cursor: top > 100 ? String(top - 100) : null });
    assert.ok(list.all().length <= 2000);
  }
  assert.equal(ids(list)[0], 0);
  assert.equal(list.newer, "1999");
  list.addNewer({ messages: stretch(2000, 2100), prev_cursor: "2099" });
  assert.equal(ids(list).at(-1), 2099);
  assert.equal(list.older, "100");
});

test("any order of arrival ends in the same list", () => {
  const wanted = stretch(0, 80);
  for (let seed = 1; seed <= 20; seed += 1) {
    let state = seed;
    const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
    const list = new MessageList();
    list.reset({ messages: [], next_cursor: null, prev_cursor: null });
    for (const one of [...wanted].sort(() => random() - 0.5)) {
      list.put(one);
      if (random() < 0.3) list.put(one);
    }
    assert.deepEqual(
      ids(list),
      wanted.map((one) => one.id),
    );
  }
});

test("a run breaks at a new writer, a new day, a pause and the unread band", () => {
  const first = message(0);
  assert.equal(layoutOf(message(1), first, null).startsRun, false);
  assert.equal(layoutOf(message(1, { direction: "out" }), first, null).startsRun, true);
  assert.equal(layoutOf(message(11), first, null).startsRun, true);
  assert.equal(layoutOf(message(1), { ...first, status: "failed" }, null).startsRun, true);
  assert.deepEqual(layoutOf(message(1), first, 1), {
    startsDay: false,
    isFirstUnread: true,
    startsRun: true,
    isCentred: false,
  });
  assert.equal(layoutOf(message(60 * 30), first, null).startsDay, true);
  assert.equal(layoutOf(first, null, null).startsDay, true);
});
