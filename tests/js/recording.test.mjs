import assert from "node:assert/strict";
import { test } from "node:test";

import { LEVELS, Recording } from "../../static/js/inbox/composer/recording.js";

/** A recording that has run for so many milliseconds. */
function after(ms) {
  let now = 1_000;
  const recording = new Recording(() => now);
  recording.begin();
  now += ms;
  return { recording, pass: (more) => (now += more) };
}

test("nothing is recorded while the browser asks for the microphone", () => {
  let now = 0;
  const recording = new Recording(() => now);
  now = 60_000;
  assert.deepEqual([recording.state, recording.elapsed, recording.canSend, recording.isPrecious], ["asking", 0, false, false]);
  recording.stop();
  assert.equal(recording.state, "asking");
  recording.begin();
  now += 700;
  assert.deepEqual([recording.state, recording.elapsed, recording.canSend], ["recording", 700, true]);
});

test("the clock stands still once it is stopped, and does not begin again", () => {
  const { recording, pass } = after(1_500);
  recording.stop();
  pass(10_000);
  recording.stop();
  recording.begin();
  assert.deepEqual([recording.state, recording.elapsed], ["stopped", 1_500]);
});

test("a slip of the finger cannot be sent", () => {
  assert.equal(after(599).recording.canSend, false);
  assert.equal(after(600).recording.canSend, true);
});

test("what is longer than five seconds is asked about before it is dropped", () => {
  assert.equal(after(5_000).recording.isPrecious, false);
  assert.equal(after(5_001).recording.isPrecious, true);
});

test("it says in time that WhatsApp's play button ends at about 2:50", () => {
  const { recording, pass } = after(149_999);
  assert.deepEqual([recording.isLong, recording.note], [false, "Recording…"]);
  pass(1);
  assert.equal(recording.isLong, true);
  assert.match(recording.note, /After about 2:50/);
  pass(20_000);
  assert.match(recording.note, /Longer than 2:50/);
  recording.stop();
  assert.match(recording.note, /Longer than 2:50/);
});

test("a forgotten microphone stops after a quarter of an hour", () => {
  assert.equal(after(899_999).recording.isFull, false);
  assert.equal(after(900_000).recording.isFull, true);
});

test("the newest levels are kept, and only so many", () => {
  const { recording } = after(0);
  for (let level = 0; level <= LEVELS; level += 1) recording.hear(level / LEVELS);
  assert.equal(recording.levels.length, LEVELS);
  assert.deepEqual([recording.levels[0], recording.levels.at(-1)], [1 / LEVELS, 1]);
});
