import assert from "node:assert/strict";
import { test } from "node:test";

import { MessagePages } from "../../static/js/inbox/thread/message_pages.js";
import { settle } from "./support.mjs";

const message = (id, chatId = 1, more = {}) => ({
  id,
  conversation_id: chatId,
  client_msg_id: null,
  direction: "in",
  timestamp: `2026-11-21T09:00:${String(id).padStart(2, "0")}Z`,
  status: null,
  ...more,
});
const chat = (id, unread = 0) => ({ id, unread_count: unread });
const page = (...ids) => ({ messages: ids.map((id) => message(id)), next_cursor: null, first_unread_id: null });
const ids = (list) => list.all().map(({ id }) => id);

function world() {
  const calls = [];
  const get = (path) => new Promise((resolve, reject) => calls.push({ path, resolve, reject }));
  return {
    calls,
    pages: new MessagePages(
      () => [],
      () => {},
      get,
    ),
  };
}

test("the first page is the one with the first unread message", async () => {
  const { calls, pages } = world();
  pages.open(chat(1, 2));
  const opened = pages.first(chat(1, 2));
  calls[0].resolve({ ...page(30, 31), first_unread_id: 7 });
  await settle();
  assert.match(calls[1].path, /around=7$/);
  calls[1].resolve(page(6, 7, 8));
  assert.deepEqual((await opened).messages.map(({ id }) => id), [6, 7, 8]); // prettier-ignore
  assert.equal((await opened).first_unread_id, 7);
});

test("what comes while a page is on its way is not lost under it", async () => {
  const { calls, pages } = world();
  pages.open(chat(1));
  const opened = pages.first(chat(1));
  assert.equal(pages.put(message(3)), "outside");
  calls[0].resolve(page(1, 2));
  pages.reset(await opened);
  assert.deepEqual(ids(pages.list), [1, 2, 3]);
});

test("a page of the stretch that was left does not go into the next one", async () => {
  const { calls, pages } = world();
  pages.open(chat(1));
  pages.reset({ ...page(5, 6), next_cursor: "5" });
  const added = [];
  const more = pages.more("&before=5", (got) => added.push(got), assert.fail);
  pages.leave();
  pages.open(chat(2));
  calls[0].resolve(page(1, 2));
  await more;
  assert.deepEqual(added, []);
});

test("a chat that was open is known when it opens again, as rows have changed it since", () => {
  const { pages } = world();
  pages.open(chat(1));
  pages.reset(page(1, 2));
  pages.leave();
  pages.open(chat(2));
  pages.put(message(2, 1, { text: "edited" }));
  pages.put(message(3, 1));
  pages.leave();
  const known = pages.open(chat(1));
  assert.deepEqual(known.messages.map(({ id }) => id), [1, 2, 3]); // prettier-ignore
  assert.equal(known.messages[1].text, "edited");
  assert.equal(pages.open(chat(1, 1)), null, "with unread messages it opens at the first of them");
});

test("a row that came in a frame for everybody keeps the link that was fetched for this person", () => {
  const { pages } = world();
  pages.open(chat(1));
  pages.reset({
    ...page(),
    messages: [message(1, 1, { media: { id: 4, drive_url: "https://drive.example/4", stored_in: "drive" } })],
  });
  pages.put(message(1, 1, { text: "edited", media: { id: 4, stored_in: "drive" } }));
  assert.equal(pages.list.find(1).media.drive_url, "https://drive.example/4");
  pages.put(message(1, 1, { media: { id: 4, stored_in: "here" } }));
  assert.equal(pages.list.find(1).media.drive_url, undefined, "the file is no longer there");
});
