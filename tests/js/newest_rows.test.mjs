// An answer that is older than what was heard meanwhile does not take its place.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../static/js/inbox/composer/drafts.js";
import { Reading } from "../../static/js/inbox/reading.js";
import { Store } from "../../static/js/inbox/store.js";
import { MessagePages } from "../../static/js/inbox/thread/message_pages.js";
import { Refetcher } from "../../static/js/net/refetcher.js";
import { fakeClock, memory, settle } from "./support.mjs";

const message = (id, more = {}) => ({
  id,
  conversation_id: 1,
  client_msg_id: null,
  direction: "in",
  text: "as it was",
  timestamp: `2026-11-21T09:00:${String(id).padStart(2, "0")}Z`,
  media: null,
  status: null,
  ...more,
});
const edited = (id) => message(id, { text: "edited" });

function server() {
  const calls = [];
  return { calls, get: (path) => new Promise((resolve, reject) => calls.push({ path, resolve, reject })) };
}

/** Chat 1, of which a stretch is held. */
function held(page) {
  const { calls, get } = server();
  const refetched = [];
  const pages = new MessagePages(() => [], (id) => refetched.push(id), get); // prettier-ignore
  pages.open({ id: 1, unread_count: 0 });
  pages.reset({ next_cursor: null, first_unread_id: null, ...page });
  return { calls, pages, refetched };
}

const newStore = () => new Store({ user: { id: 7 } }, new Drafts(memory(), 7));

// ------------------------------------------------------------ counts

const countsFrame = { seq: 2, changes: [], chats: [], messages: [], counts: { all: 1, unread: 1, waiting: 1 } };

test("counts that came in a frame are not overwritten by an older answer", async () => {
  const { calls, get } = server();
  const applied = [];
  const refetcher = new Refetcher((frame) => applied.push(frame), { get });
  void refetcher.count(); // as the page does at its start
  refetcher.complete(countsFrame, null);
  calls[0].resolve({ all: 1, unread: 0, waiting: 0 });
  await settle();
  assert.deepEqual(applied, []);
});

test("counts that got no answer are asked for again, unless a frame brought them", async () => {
  const { calls, get } = server();
  const clock = fakeClock();
  const refetcher = new Refetcher(() => {}, { get, setTimer: clock.setTimer });
  const fail = async (at) => {
    calls[at].reject(Object.assign(new Error("no line"), { isTransient: true }));
    await settle();
  };
  void refetcher.count();
  await fail(0);
  await clock.pass(2000);
  assert.equal(calls.length, 2);
  await fail(1);
  refetcher.complete(countsFrame, null);
  await clock.pass(60_000);
  assert.equal(calls.length, 2);
});

// ------------------------------------------------------------ pages of messages

test("an older page does not undo what came while it was on its way", async () => {
  const { calls, pages } = held({ messages: [message(20), message(21)], next_cursor: "20" });
  const done = pages.more("&before=20", (page) => pages.addOlder(page), assert.fail);
  pages.put(edited(10));
  calls[0].resolve({ messages: [message(10), message(11)], next_cursor: null });
  await done;
  assert.equal(pages.list.find(10).text, "edited");
  assert.equal(pages.list.find(11).text, "as it was");
});

test("a newer page does not undo what came while it was on its way, and what is newer than the page is not lost", async () => {
  const { calls, pages } = held({ messages: [message(20), message(21)], prev_cursor: "21" });
  const done = pages.more("&after=21", (page) => pages.addNewer(page), assert.fail);
  pages.put(edited(22));
  assert.equal(pages.put(message(24)), "outside");
  calls[0].resolve({ messages: [message(22), message(23)], prev_cursor: null });
  await done;
  assert.equal(pages.list.find(22).text, "edited");
  assert.deepEqual(pages.list.all().map(({ id }) => id), [20, 21, 22, 23, 24]); // prettier-ignore
});

test("the newest page, fetched again, does not undo what came while it was on its way", async () => {
  const { calls, pages } = held({ messages: [message(20), message(21)] });
  const page = pages.fetch(1, "");
  pages.put(edited(21));
  calls[0].resolve({ messages: [message(20), message(21), message(22)], next_cursor: null });
  pages.merge(await page);
  assert.equal(pages.list.find(21).text, "edited");
  assert.equal(pages.list.find(22).text, "as it was");
});

test("a page is newer than what came before it was asked for, whichever other page is still on its way", async () => {
  const { calls, pages } = held({ messages: [message(20), message(21)], next_cursor: "20" });
  void pages.more("&before=20", () => {}, assert.fail);
  pages.put(edited(21));
  const page = pages.fetch(1, "");
  calls[1].resolve({ messages: [message(20), message(21, { text: "edited twice" })], next_cursor: null });
  pages.merge(await page);
  assert.equal(pages.list.find(21).text, "edited twice");
});

test("what was discarded while a page was on its way does not come back with it", async () => {
  const { calls, pages } = held({ messages: [message(20)], next_cursor: "20" });
  const done = pages.more("&before=20", (page) => pages.addOlder(page), assert.fail);
  pages.put(message(null, { direction: "out", client_msg_id: "a", status: "local", timestamp: "2026-11-21T09:01:00Z" }));
  pages.remove("c:a");
  calls[0].resolve({ messages: [message(10)], next_cursor: null });
  await done;
  assert.deepEqual(pages.list.all().map(({ id }) => id), [10, 20]); // prettier-ignore
});

// ------------------------------------------------------------ answers of calls

test("an answer does not undo what a frame brought while it was on its way", async () => {
  const store = newStore();
  const told = [];
  store.on("messages", (messages) => told.push(...[...messages].map(({ status }) => status)), new AbortController().signal);
  const asked = store.moment();
  store.applyFrame({ chats: [{ id: 1, unread_count: 2 }], messages: [message(5, { status: "delivered" })] });
  store.applyAnswer({ chats: [{ id: 1, unread_count: 0 }, { id: 2, unread_count: 0 }], messages: [message(5, { status: "sent" })] }, asked); // prettier-ignore
  await settle();
  assert.equal(store.chats.get(1).unread_count, 2);
  assert.equal(store.chats.get(2).unread_count, 0, "of this one nothing newer was heard");
  assert.deepEqual(told, ["delivered"]);
});

test("what is asked for later is newer, whichever answer comes first", () => {
  const store = newStore();
  const [first, second] = [store.moment(), store.moment()];
  store.applyAnswer({ chats: [{ id: 1, name: "second" }] }, second);
  store.noteChats([{ id: 1, name: "first" }], first);
  assert.equal(store.chats.get(1).name, "second");
  store.applyAnswer({ chats: [{ id: 1, name: "third" }] }, store.moment());
  assert.equal(store.chats.get(1).name, "third");
});

test("a reading that was told does not undo the message that came meanwhile", async () => {
  const store = newStore();
  const { calls, get } = server();
  globalThis.fetch = async (path) => ({ ok: true, status: 200, json: () => get(path) });
  const reading = Object.assign(Object.create(Reading.prototype), { store, readUpTo: new Map() });
  const told = reading.tell(1, 5);
  await settle();
  store.applyFrame({ chats: [{ id: 1, unread_count: 1 }] });
  calls[0].resolve({ chat: { id: 1, unread_count: 0 } });
  await told;
  delete globalThis.fetch;
  assert.equal(calls[0].path, "/api/chats/1/read");
  assert.equal(store.chats.get(1).unread_count, 1);
});

// ------------------------------------------------------------ links into Google Drive

const file = (media) => message(20, { media: { id: 4, ...media } });

test("a file that was brought to Drive is asked for its links, once", async () => {
  const { calls, get } = server();
  const refetcher = new Refetcher(({ messages = [] }) => messages.forEach((one) => pages.put(one)), { get });
  const pages = new MessagePages(() => [], (id) => refetcher.messages.ask(id)); // prettier-ignore
  pages.open({ id: 1, unread_count: 0 });
  const page = { messages: [file({ stored_in: "here", drive_url: null, public_url: null })] };
  pages.reset({ ...page, next_cursor: null, first_unread_id: null });
  const frame = (row) => {
    const change = { seq: 9, kind: "message.updated", conversation_id: 1, message_id: 20 };
    refetcher.complete({ seq: 9, changes: [change], chats: [{ id: 1 }], messages: [row], counts: {} }, 1);
    pages.put(row);
  };
  frame(file({ stored_in: "both" }));
  frame(file({ stored_in: "both" })); // a tick: also makes the call that is on its way void
  assert.deepEqual(calls.map(({ path }) => path), ["/api/messages/20"]); // prettier-ignore
  const links = { drive_url: "https://drive.example/4", public_url: null };
  for (let at = 0; at < calls.length; at += 1) {
    calls[at].resolve({ message: file({ stored_in: "both", ...links }) });
    await settle();
  }
  assert.equal(pages.list.find(20).media.drive_url, links.drive_url);
  const before = calls.length;
  frame(file({ stored_in: "both" }));
  assert.equal(calls.length, before, "the links are known");
  assert.equal(pages.list.find(20).media.drive_url, links.drive_url);
});

test("who may not see links does not ask for them again and again", () => {
  const { pages, refetched } = held({ messages: [file({ stored_in: "here", drive_url: null, public_url: null })] });
  pages.put(file({ stored_in: "both" }));
  pages.put(file({ stored_in: "both", drive_url: null, public_url: null }));
  pages.put(file({ stored_in: "both" }));
  assert.deepEqual(refetched, [20]);
});

test("a link that was withdrawn goes", () => {
  const links = { drive_url: "https://drive.example/4", public_url: "https://drive.example/public" };
  const { pages } = held({ messages: [file({ stored_in: "both", ...links })] });
  pages.put(file({ stored_in: "both" }));
  assert.equal(pages.list.find(20).media.public_url, links.public_url);
  pages.put(file({ stored_in: "both", ...links, public_url: null }));
  assert.equal(pages.list.find(20).media.public_url, null);
  pages.put(file({ stored_in: "both", drive_url: null, public_url: null }));
  assert.equal(pages.list.find(20).media.drive_url, null, "this person may not see it any more");
});
