import assert from "node:assert/strict";
import { test } from "node:test";

import { Retry } from "../../static/js/net/retry.js";
import { fakeClock, settle } from "./support.mjs";

const noLine = () => Object.assign(new Error("no line"), { isTransient: true });

function world() {
  const clock = fakeClock();
  const life = new AbortController();
  const calls = [];
  const run = () => new Promise((resolve, reject) => calls.push({ resolve, reject }));
  const retry = new Retry(run, life.signal, { setTimer: clock.setTimer });
  const fail = async (error = noLine()) => {
    calls.at(-1).reject(error);
    await settle();
  };
  return { clock, life, calls, retry, fail };
}

test("it is repeated in growing pauses until it has succeeded", async () => {
  const { clock, calls, retry, fail } = world();
  retry.start();
  for (const seconds of [2, 5, 15, 30, 30]) {
    const before = calls.length;
    await fail();
    await clock.pass(seconds * 1000 - 1);
    assert.equal(calls.length, before);
    await clock.pass(1);
    assert.equal(calls.length, before + 1);
  }
  calls.at(-1).resolve();
  await clock.pass(120_000);
  assert.equal(calls.length, 6);
});

test("when the line is back it does not wait for its timer, and is done once", async () => {
  const { clock, calls, retry, fail } = world();
  retry.hurry();
  assert.equal(calls.length, 0, "nothing has failed");
  retry.start();
  retry.hurry();
  assert.equal(calls.length, 1, "it is on its way");
  await fail();
  retry.hurry();
  assert.equal(calls.length, 2);
  calls[1].resolve();
  await clock.pass(60_000);
  retry.hurry();
  assert.equal(calls.length, 2);
});

test("started anew, what was on its way does not count", async () => {
  const { clock, calls, retry, fail } = world();
  retry.start();
  retry.start();
  calls[0].resolve();
  await fail();
  await clock.pass(2000);
  assert.equal(calls.length, 3);
});

test("what the server refuses is not asked again, and a mistake of ours is reported", async () => {
  const { clock, calls, retry, fail } = world();
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  retry.start();
  await fail(Object.assign(new Error("not found"), { isTransient: false }));
  retry.start();
  await fail(new TypeError("mine"));
  await clock.pass(60_000);
  delete globalThis.reportError;
  assert.equal(calls.length, 2);
  assert.deepEqual(reported, ["mine"]);
});

test("it ends with its part, and when it is not wanted any more", async () => {
  const { clock, life, calls, retry, fail } = world();
  retry.start();
  await fail();
  retry.cancel();
  await clock.pass(60_000);
  assert.equal(calls.length, 1);
  retry.start();
  life.abort();
  await fail();
  await clock.pass(60_000);
  assert.equal(calls.length, 2);
});
