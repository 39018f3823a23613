import assert from "node:assert/strict";
import { test } from "node:test";

process.env.TZ = "Asia/Hong_Kong";
const { clock, dayLabel, duration, listTime, remaining, waited, waitedInWords } = await import("../../static/js/lib/time.js");

const NOW = Date.parse("2026-11-21T12:00:00+08:00"); // a Saturday
const ago = (days, hour = 9) =>
  new Date(Date.parse(`2026-11-21T${String(hour).padStart(2, "0")}:05:00+08:00`) - days * 86_400_000);

test("the list says HH:mm, Yesterday, the weekday, then the date", () => {
  assert.equal(listTime(ago(0), NOW), "09:05");
  assert.equal(listTime(ago(0, 0), NOW), "00:05");
  assert.equal(listTime(ago(1, 23), NOW), "Yesterday");
  assert.equal(listTime(ago(2), NOW), "Thursday");
  assert.equal(listTime(ago(6), NOW), "Sunday");
  assert.equal(listTime(ago(7), NOW), "14/11/2026");
  assert.equal(clock("2026-11-21T04:04:37Z"), "12:04");
});

test("the pill says Today, Yesterday, the weekday, then the whole date", () => {
  assert.deepEqual(
    [0, 1, 3, 30].map((days) => dayLabel(ago(days), NOW)),
    ["Today", "Yesterday", "Wednesday", "Thursday, 22 October 2026"],
  );
});

test("the reply window is never promised longer than it is", () => {
  assert.equal(remaining(21 * 3600_000 + 57 * 60_000 + 59_999), "21 h 57 min");
  assert.equal(remaining(60_000), "1 min");
  assert.equal(remaining(59_999), "less than a minute");
});

test("waiting is told in the largest unit that fits", () => {
  assert.deepEqual(
    [20_000, 5 * 60_000, 2 * 3600_000, 3 * 86_400_000].map((ms) => waited(NOW - ms, NOW)),
    ["", "5 min", "2 h", "3 d"],
  );
});

test("less than a minute of waiting is nothing to tell, in words neither", () => {
  assert.deepEqual(
    [59_999, 60_000, 3 * 3600_000].map((ms) => waitedInWords(NOW - ms, NOW)),
    ["", "waiting for 1 minute", "waiting for 3 hours"],
  );
});

test("durations have minutes and seconds", () => {
  assert.deepEqual([14_000, 61_499, 3_729_000].map(duration), ["0:14", "1:01", "1:02:09"]);
});
