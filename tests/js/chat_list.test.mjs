import assert from "node:assert/strict";
import { test } from "node:test";

import { ChatList, withUnsent } from "../../static/js/inbox/list/chat_list.js";

const at = (minute) => new Date(Date.UTC(2026, 10, 1, 0, minute)).toISOString();
const chat = (id, minute, more = {}) => ({
  id,
  name: `chat ${id}`,
  unread_count: 0,
  waiting_since: null,
  archived_at: null,
  last_message: { id: minute, timestamp: at(minute) },
  ...more,
});
const ids = (list) => list.chats.map((one) => one.id);

function listOf(chats, cursor = null, filter = "all") {
  const list = new ChatList();
  list.ask(filter, "");
  list.addPage({ chats, next_cursor: cursor }, true);
  return list;
}

test("a chat with a new message goes to the top, once", () => {
  const list = listOf([chat(1, 30), chat(2, 20), chat(3, 10)]);
  list.put(chat(3, 40));
  assert.deepEqual(ids(list), [3, 1, 2]);
});

test("the same second: the later arrival first", () => {
  const list = listOf([chat(1, 30)]);
  list.put(chat(2, 30, { last_message: { id: 99, timestamp: at(30) } }));
  assert.deepEqual(ids(list), [2, 1]);
});

test("the filter governs live arrivals too", () => {
  const list = listOf([chat(1, 30, { unread_count: 1 })], null, "unread");
  assert.equal(list.put(chat(2, 40)), false);
  list.put(chat(3, 50, { unread_count: 2 }));
  assert.deepEqual(ids(list), [3, 1]);
  list.put(chat(3, 50));
  assert.deepEqual(ids(list), [1]);
});

test("an opened row stays in the Unread list until it is left", () => {
  const list = listOf([chat(1, 30, { unread_count: 1 }), chat(2, 20, { unread_count: 1 })], null, "unread");
  list.open(1);
  list.put(chat(1, 30));
  assert.deepEqual(ids(list), [1, 2]);
  list.addPage({ chats: [chat(2, 20, { unread_count: 1 })], next_cursor: null }, true);
  assert.deepEqual(ids(list), [1, 2]);
  assert.equal(list.open(2), true);
  assert.deepEqual(ids(list), [2]);
});

test("a chat beyond the loaded pages waits for its page", () => {
  const list = listOf([chat(1, 30), chat(2, 20)], "more");
  assert.equal(list.put(chat(9, 10)), false);
  list.put(chat(8, 25));
  assert.deepEqual(ids(list), [1, 8, 2]);
  list.addPage({ chats: [chat(9, 10)], next_cursor: null }, false);
  assert.deepEqual(ids(list), [1, 8, 2, 9]);
});

test("a search is not widened by live arrivals, only refreshed", () => {
  const list = new ChatList();
  list.ask("all", "raj");
  list.addPage({ chats: [chat(1, 30)], next_cursor: null }, true);
  list.put(chat(2, 40));
  assert.deepEqual(ids(list), [1]);
  list.put(chat(1, 50, { unread_count: 4 }));
  assert.equal(list.find(1).unread_count, 4);
});

test("an archived chat goes", () => {
  const list = listOf([chat(1, 30)]);
  list.put(chat(1, 30, { archived_at: at(31) }));
  assert.deepEqual(ids(list), []);
});

test("what waits to be sent brings its chat to the top, until something newer is there", () => {
  const unsent = (minute, status) => ({
    text: "on its way",
    type: "text",
    direction: "out",
    status,
    timestamp: at(minute),
    sender: null,
    media: null,
  });
  const list = listOf([chat(1, 30), chat(2, 20)]);
  list.put(withUnsent(chat(2, 20), [unsent(35, "refused"), unsent(40, "local")]));
  assert.deepEqual(ids(list), [2, 1]);
  assert.deepEqual([list.chats[0].last_message.text, list.chats[0].last_message.status], ["on its way", "local"]);
  assert.equal(withUnsent(chat(2, 50), [unsent(40, "local")]).last_message.id, 50);
  list.put(withUnsent(chat(2, 20), []));
  assert.deepEqual(ids(list), [1, 2]);
});

test("a chat that was only opened, with nothing written, is in no list; a group without a message is", () => {
  const list = listOf([chat(1, 30)]);
  assert.equal(list.put(chat(2, 0, { kind: "person", last_message: null })), false);
  assert.equal(list.put(chat(3, 0, { kind: "group", last_message: null })), true);
  assert.deepEqual(ids(list), [1, 3]);
});
