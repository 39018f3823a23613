import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../static/js/inbox/composer/outbox.js";
import { fakeClock, memory, settle } from "./support.mjs";

const OFFLINE = { isTransient: true, code: "network", message: "no line" };
const CLOSED = { isTransient: false, code: "window_closed", message: "closed" };

/** A server that stores each client id once; `script` says what happens to the calls in turn. */
function outboxWith(storage, clock, script = []) {
  const stored = [];
  const seen = { changed: [], settled: [], removed: [] };
  const post = async (entry) => {
    const step = script.shift() ?? "ok";
    if (step === "lost answer" || step === "ok") {
      if (!stored.includes(entry.client_msg_id)) stored.push(entry.client_msg_id);
    }
    if (step === "ok") return { id: stored.length, client_msg_id: entry.client_msg_id };
    throw step === "lost answer" ? OFFLINE : step;
  };
  const outbox = new Outbox(storage, 1, {
    post,
    now: clock.now,
    setTimer: clock.setTimer,
    onChange: (entry) => seen.changed.push([entry.client_msg_id, entry.state]),
    onSettled: (entry, message) => seen.settled.push([entry.client_msg_id, message.id]),
    onRemoved: (entry) => seen.removed.push(entry.client_msg_id),
  });
  return { outbox, stored, seen };
}
const text = (id, lane = "chat:1") => ({ client_msg_id: id, lane, conversation_id: 1, body: { text: id }, message: {} });

test("a click is posted once and settled by the answer", async () => {
  const storage = memory();
  const { outbox, stored, seen } = outboxWith(storage, fakeClock());
  outbox.add(text("a"));
  await settle();
  assert.deepEqual(stored, ["a"]);
  assert.deepEqual(seen.settled, [["a", 1]]);
  assert.deepEqual(storage.keysOf(""), []);
});

test("on a bad line the same id is posted until it is answered, in order, never doubled", async () => {
  const clock = fakeClock();
  const { outbox, stored, seen } = outboxWith(memory(), clock, [OFFLINE, "lost answer", OFFLINE, "ok", "ok"]);
  outbox.add(text("a"));
  outbox.add(text("b"));
  await clock.pass(60_000);
  assert.deepEqual(stored, ["a", "b"]);
  assert.deepEqual(
    seen.settled.map(([id]) => id),
    ["a", "b"],
  );
});

test("chats do not wait for one another", async () => {
  const clock = fakeClock();
  const { outbox, stored } = outboxWith(memory(), clock, [OFFLINE, "ok"]);
  outbox.add(text("a", "chat:1"));
  outbox.add(text("b", "chat:2"));
  await settle();
  assert.deepEqual(stored, ["b"]);
});

test("a refusal keeps the words, with the reason, and lets the others pass", async () => {
  const storage = memory();
  const { outbox, stored, seen } = outboxWith(storage, fakeClock(), [CLOSED, "ok"]);
  outbox.add(text("a"));
  outbox.add(text("b"));
  await settle();
  assert.deepEqual(stored, ["b"]);
  assert.equal(outbox.of(1)[0].error.code, "window_closed");
  assert.equal(storage.keysOf("").length, 1);
  outbox.retry("a");
  await settle();
  assert.deepEqual(stored, ["b", "a"]);
  assert.deepEqual(
    seen.settled.map(([id]) => id),
    ["b", "a"],
  );
});

test("a reload loses nothing and sends in order", async () => {
  const storage = memory();
  const clock = fakeClock();
  const before = outboxWith(storage, clock, [OFFLINE, OFFLINE]);
  before.outbox.add(text("a"));
  await clock.pass(10);
  before.outbox.add(text("b"));
  await settle();
  const after = outboxWith(storage, clock);
  after.outbox.resume();
  await clock.pass(10);
  assert.deepEqual(after.stored, ["a", "b"]);
});

test("what was left behind for long is shown, not sent", async () => {
  const storage = memory();
  const clock = fakeClock();
  outboxWith(storage, clock, [OFFLINE]).outbox.add(text("a"));
  await settle();
  const later = { ...clock, now: () => 2 * 3600 * 1000 };
  const { outbox, stored } = outboxWith(storage, later);
  outbox.resume();
  await settle();
  assert.deepEqual(stored, []);
  assert.equal(outbox.of(1)[0].state, "refused");
});

test("discarding forgets it for good", async () => {
  const storage = memory();
  const { outbox, seen } = outboxWith(storage, fakeClock(), [CLOSED]);
  outbox.add(text("a"));
  await settle();
  outbox.discard("a");
  assert.deepEqual(seen.removed, ["a"]);
  assert.deepEqual(storage.keysOf(""), []);
});

test("the feed may settle it before the answer does; then the answer changes nothing", async () => {
  const { outbox, seen } = outboxWith(memory(), fakeClock());
  outbox.add(text("a"));
  outbox.settle({ id: 9, client_msg_id: "a" });
  await settle();
  assert.deepEqual(seen.settled, [["a", 9]]);
});

test("a file is not kept beyond the page", async () => {
  const storage = memory();
  const { outbox } = outboxWith(storage, fakeClock(), [OFFLINE]);
  outbox.add({ ...text("a"), file: {} });
  await settle();
  assert.deepEqual(storage.keysOf(""), []);
  assert.equal(outbox.hasFilesWaiting, true);
});

test("a file that the server does not take is refused for good, a text may be tried again", async () => {
  const refusal = (status, code) => ({ isTransient: false, status, code, message: "no" });
  const { outbox } = outboxWith(memory(), fakeClock(), [
    refusal(413, "failed"),
    refusal(422, "file_too_large"),
    refusal(422, "window_closed"),
    refusal(422, "invalid"),
  ]);
  for (const id of ["a", "b", "c"]) outbox.add({ ...text(id), file: new File(["x"], id) });
  outbox.add(text("d"));
  await settle();
  await settle();
  await settle();
  assert.deepEqual(
    outbox.of(1).map((entry) => [entry.state, entry.error.is_final ?? false]),
    [
      ["refused", true],
      ["refused", true],
      ["refused", false],
      ["refused", false],
    ],
  );
});
