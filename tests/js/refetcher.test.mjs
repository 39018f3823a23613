import assert from "node:assert/strict";
import { test } from "node:test";

import { Refetcher } from "../../static/js/net/refetcher.js";
import { fakeClock, settle } from "./support.mjs";

const change = (kind, chatId, messageId = null) => ({ seq: 1, kind, conversation_id: chatId, message_id: messageId });

function world() {
  const clock = fakeClock();
  const [asked, frames, waiting] = [[], [], new Map()];
  const get = (path) => {
    asked.push(path);
    return new Promise((resolve) => waiting.set(path, resolve));
  };
  const refetcher = new Refetcher((frame) => frames.push(frame), { get, setTimer: clock.setTimer });
  const answer = async (path, body) => {
    waiting.get(path)(body);
    await settle();
  };
  return { clock, asked, frames, refetcher, answer };
}

test("what a frame names and does not carry is fetched; messages of the open chat only", async () => {
  const { clock, asked, frames, refetcher, answer } = world();
  const changes = [change("message.created", 1, 10), change("message.updated", 2, 20), change("conversation.updated", 3)];
  const { isTooMuch, outdated } = refetcher.complete({ seq: 1, changes }, 1);
  assert.deepEqual(asked, ["/api/messages/10", "/api/chats/1", "/api/chats/2", "/api/chats/3"]);
  assert.deepEqual([isTooMuch, outdated], [false, [2]]);
  await answer("/api/chats/2", { chat: { id: 2 } });
  await answer("/api/messages/10", { message: { id: 10 } });
  await clock.pass(1000);
  await answer("/api/chats/counts", { unread: 1 });
  assert.deepEqual(frames, [{ chats: [{ id: 2 }] }, { messages: [{ id: 10 }] }, { counts: { unread: 1 } }]);
});

test("of a frame that carries its rows nothing is fetched", async () => {
  const { clock, asked, refetcher } = world();
  const changes = [change("message.created", 1, 10), change("message.updated", 2, 20)];
  const rows = { chats: [{ id: 1 }, { id: 2 }], messages: [{ id: 10 }, { id: 20 }], counts: { unread: 1 } };
  const { outdated } = refetcher.complete({ seq: 1, changes, ...rows }, 1);
  await clock.pass(1000);
  assert.deepEqual([asked, outdated], [[], []]);
});

test("a row that came in a frame is not put back by a call that was on its way", async () => {
  const { frames, refetcher, answer } = world();
  refetcher.chat(1);
  refetcher.complete({ seq: 2, changes: [change("message.created", 1, 10)], chats: [{ id: 1 }], messages: [{ id: 10 }] }, 1);
  await answer("/api/chats/1", { chat: { id: 1, name: "as it was" } });
  assert.deepEqual(frames, []);
});

test("too many chats at once: the list is asked anew, and the open chat alone", () => {
  const { asked, refetcher } = world();
  const changes = Array.from({ length: 41 }, (_, at) => change("conversation.updated", at + 1));
  assert.equal(refetcher.complete({ seq: 1, changes }, 7).isTooMuch, true);
  assert.deepEqual(asked, ["/api/chats/7"]);
});

test("counts are asked for once for a burst", async () => {
  const { clock, asked, refetcher } = world();
  for (let n = 0; n < 5; n += 1) {
    refetcher.counts();
    await clock.pass(200);
  }
  assert.deepEqual(asked, []);
  await clock.pass(300);
  assert.deepEqual(asked, ["/api/chats/counts"]);
});
