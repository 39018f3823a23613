import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../static/js/inbox/composer/drafts.js";
import { Store } from "../../static/js/inbox/store.js";
import { memory, settle } from "./support.mjs";

const chat = (id, name = "Raj") => ({ id, name });
const message = (id, chatId = 1) => ({ id, conversation_id: chatId, text: `${id}` });

function world() {
  const store = new Store({ user: { id: 7 } }, new Drafts(memory(), 7));
  const life = new AbortController();
  const told = [];
  const hear = (key) => store.on(key, (what) => told.push([key, [...what]]), life.signal);
  return { store, life, told, hear };
}

test("rows go in by their id, and each key is told once of all of them", async () => {
  const { store, told, hear } = world();
  for (const key of ["chats", "messages", "counts"]) hear(key);
  const counts = { all: 2, unread: 1, waiting: 0 };
  store.applyFrame({ chats: [chat(1), chat(2)], messages: [message(5), message(6)], counts });
  store.applyFrame({ chats: [chat(1, "Raj Patel")] });
  assert.deepEqual(told, [], "told before the code that changes things has ended");
  await settle();
  assert.deepEqual(told, [
    ["messages", [message(5), message(6)]],
    ["chats", [1, 2]],
    ["counts", [undefined]],
  ]);
  assert.equal(store.chats.get(1).name, "Raj Patel");
  assert.deepEqual(store.counts, counts);
});

test("a frame without rows and without counts changes nothing", async () => {
  const { store, told, hear } = world();
  for (const key of ["chats", "messages", "counts"]) hear(key);
  store.applyFrame({ seq: 4, changes: [{ seq: 4, kind: "message.created", conversation_id: 1, message_id: 5 }] });
  await settle();
  assert.deepEqual(told, []);
});

test("the open chat is the one last heard of, and opening is told at once", async () => {
  const { store, told, hear } = world();
  hear("open");
  store.noteChats([chat(1)], store.moment());
  store.open(1);
  assert.deepEqual(told, [["open", [1]]]);
  store.applyFrame({ chats: [chat(1, "Raj Patel")] });
  assert.equal(store.chat.name, "Raj Patel");
  store.open(null);
  assert.equal(store.chat, null);
  await settle();
  assert.equal(told.length, 2);
});

test("what a listener changes in turn is told after it, in the same breath", async () => {
  const { store, told, hear } = world();
  store.on("messages", () => store.touch("stretch", "more"), new AbortController().signal);
  hear("stretch");
  store.applyFrame({ messages: [message(5)] });
  await settle();
  assert.deepEqual(told, [["stretch", ["more"]]]);
});

test("a listener whose part has gone hears nothing any more", async () => {
  const { store, life, told, hear } = world();
  hear("chats");
  store.applyFrame({ chats: [chat(1)] });
  life.abort();
  await settle();
  assert.deepEqual(told, []);
});

test("the mistake of one part does not silence the others", async () => {
  const { store, told, hear } = world();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  store.on("chats", () => { throw new Error("mine"); }, new AbortController().signal); // prettier-ignore
  hear("chats");
  store.applyFrame({ chats: [chat(1)] });
  await settle();
  delete globalThis.reportError;
  assert.deepEqual(reported, ["mine"]);
  assert.deepEqual(told, [["chats", [1]]]);
});

test("a draft is kept and told", async () => {
  const { store, told, hear } = world();
  hear("drafts");
  store.keepDraft(3, { text: "Hello", quoted: null });
  await settle();
  assert.deepEqual(told, [["drafts", [3]]]);
  assert.equal(store.drafts.textOf(3), "Hello");
});
