import assert from "node:assert/strict";
import { test } from "node:test";

import { BARS, peaksOf } from "../../static/js/lib/peaks.js";
import { VoiceDeck, nextVoice } from "../../static/js/inbox/thread/voice_deck.js";
import { memory } from "./support.mjs";

const voice = (id, more = {}) => ({
  id,
  type: "audio",
  deleted_at: null,
  media: { id: id * 10, voice: true, state: "stored" },
  ...more,
});
const text = (id) => ({ id, type: "text", deleted_at: null, media: null });

test("the speed goes round and is kept for the next visit", () => {
  const storage = memory();
  const deck = new VoiceDeck(storage);
  const seen = [deck.speed];
  for (let step = 0; step < 3; step += 1) {
    deck.faster();
    seen.push(deck.speed);
  }
  assert.deepEqual(seen, [1, 1.5, 2, 1]);
  deck.faster();
  assert.equal(new VoiceDeck(storage).speed, 1.5);
});

test("a speed that nobody can choose is not believed", () => {
  const storage = memory();
  storage.save("inbox:voice-speed", 40);
  assert.equal(new VoiceDeck(storage).speed, 1);
});

test("each sound has a position of its own; one that was heard to its end begins anew", () => {
  const deck = new VoiceDeck(memory());
  deck.keep(1, 4.2, 10);
  deck.keep(2, 9.9, 10);
  deck.keep(3, 7, 0);
  assert.deepEqual(
    [1, 2, 3, 4].map((id) => deck.positionOf(id)),
    [4.2, 0, 7, 0],
  );
  deck.keep(1, 0, 10);
  assert.equal(deck.positionOf(1), 0);
});

test("only a voice message that follows directly is played on", () => {
  const row = [voice(1), voice(2, { direction: "out" }), text(3), voice(4)];
  assert.equal(nextVoice(row, 1)?.id, 2);
  assert.equal(nextVoice(row, 2), null);
  assert.equal(nextVoice(row, 4), null);
  assert.equal(nextVoice(row, 99), null);
  assert.equal(nextVoice([voice(1), { ...voice(2), id: null }], null), null);
});

test("a song, a deleted message and one that is not here yet end the row", () => {
  const others = [
    voice(2, { deleted_at: "2026-11-01T00:00:00Z" }),
    voice(2, { media: { id: 20, voice: false, state: "stored" } }),
    voice(2, { media: { id: 20, voice: true, state: "pending" } }),
  ];
  for (const other of others) assert.equal(nextVoice([voice(1), other], 1), null);
});

test("a sound becomes 64 bars, the loudest 255", () => {
  const samples = new Float32Array(64_000).map((_, at) => (at < 32_000 ? 0.1 : -0.4) * (at % 2 ? 1 : 0.999));
  const peaks = peaksOf(samples);
  assert.equal(peaks.length, BARS);
  assert.equal(Math.max(...peaks), 255);
  assert.ok(
    peaks.slice(0, 32).every((peak) => Math.abs(peak - 64) <= 1),
    peaks.join(),
  );
  assert.ok(peaks.every((peak) => Number.isInteger(peak)));
});

test("silence, almost nothing and nothing at all are flat", () => {
  for (const samples of [new Float32Array(64_000), new Float32Array(10), []])
    assert.deepEqual(peaksOf(samples), new Array(BARS).fill(0));
});
