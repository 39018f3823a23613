import assert from "node:assert/strict";
import { test } from "node:test";

import { replyWindow } from "../../static/js/inbox/composer/reply_window.js";

const NOW = Date.UTC(2026, 10, 21, 12);
const chat = (ms, more = {}) => ({
  window_expires_at: ms === null ? null : new Date(NOW + ms).toISOString(),
  window_open: true,
  ...more,
});

test("an open window says how long, to the minute, and when to say it anew", () => {
  const open = replyWindow(chat(21 * 3600_000 + 57 * 60_000 + 20_000), NOW);
  assert.deepEqual([open.isOpen, open.left, open.isSoon], [true, "21 h 57 min", false]);
  assert.ok(open.nextChange > 20_000 && open.nextChange < 21_000);
});

test("the last hours are marked, and the end closes it whatever the server said last", () => {
  assert.equal(replyWindow(chat(2 * 3600_000), NOW).isSoon, true);
  assert.equal(replyWindow(chat(0), NOW).isOpen, false);
  assert.equal(replyWindow(chat(-5), NOW).isOpen, false);
});

test("without an end the server's word counts (groups have no window)", () => {
  assert.equal(replyWindow(chat(null), NOW).isOpen, true);
  assert.equal(replyWindow(chat(null, { window_open: false }), NOW).isOpen, false);
});
