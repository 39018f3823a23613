import assert from "node:assert/strict";
import { test } from "node:test";

import { FetchQueue } from "../../static/js/net/fetch_queue.js";
import { fakeClock, settle } from "./support.mjs";

/** Answers when told to. */
function slowServer() {
  const calls = [];
  const fetch = (id) => new Promise((resolve, reject) => calls.push({ id, resolve, reject }));
  return { calls, fetch };
}

test("a burst about one thing is one call, and one more when it went on meanwhile", async () => {
  const { calls, fetch } = slowServer();
  const seen = [];
  const queue = new FetchQueue(fetch, (value) => seen.push(value));
  for (let n = 0; n < 5; n += 1) queue.ask(1);
  assert.equal(calls.length, 1);
  queue.ask(1);
  calls[0].resolve("old");
  await settle();
  assert.equal(calls.length, 2);
  calls[1].resolve("new");
  await settle();
  assert.deepEqual(seen, ["old", "new"]);
});

test("no more than so many calls at a time, and all are made", async () => {
  const { calls, fetch } = slowServer();
  const queue = new FetchQueue(fetch, () => {}, { parallel: 2 });
  for (let id = 0; id < 5; id += 1) queue.ask(id);
  assert.equal(calls.length, 2);
  for (let n = 0; n < 5; n += 1) {
    calls[n].resolve();
    await settle();
  }
  assert.deepEqual(
    calls.map((call) => call.id),
    [0, 1, 2, 3, 4],
  );
});

test("a lost call is made again, a refused one is not", async () => {
  const clock = fakeClock();
  const { calls, fetch } = slowServer();
  const queue = new FetchQueue(fetch, () => {}, clock);
  queue.ask(1);
  calls[0].reject({ isTransient: true });
  await clock.pass(3000);
  assert.equal(calls.length, 2);
  calls[1].reject({ isTransient: false });
  await clock.pass(30_000);
  assert.equal(calls.length, 2);
});
