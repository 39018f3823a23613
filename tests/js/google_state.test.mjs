import assert from "node:assert/strict";
import { test } from "node:test";

import {
  askedFor,
  gigabytes,
  lacksPermission,
  namesOf,
  progressOf,
  roomOf,
  troubleOf,
} from "../../static/js/settings/google_state.js";

const GB = 1024 ** 3;

/** A sound state, changed as told. */
function google({ drive = {}, ...more } = {}) {
  return {
    kind: "user",
    state: "connected",
    message: null,
    email: "ona@example.com",
    client: { id: "42", from_environment: false },
    redirect_uri: "https://inbox.example.com/auth/google/callback",
    switches: { archive: true, backups: false, public_links: false, prune_days: 0, links_for: "admin" },
    parts: { drive: { wanted: true, granted: true }, sheet: { wanted: false, granted: false } },
    drive: { folder_url: null, trouble: null, reason: null, link: null, used: null, limit: null, level: null, ...drive },
    ...more,
  };
}

test("all is well, or nobody is connected: nothing is said", () => {
  assert.equal(troubleOf(google()), null);
  assert.equal(troubleOf(google({ state: "not_connected" })), null);
});

test("each trouble names its one way out", () => {
  const ways = (more) => troubleOf(google(more))?.way;
  assert.equal(ways({ state: "needs_reconnect", message: "Again." }), "connect");
  assert.equal(ways({ parts: { drive: { wanted: true, granted: false } } }), "connect");
  assert.equal(ways({ drive: { trouble: "folder", reason: "Gone." } }), "folder");
  assert.equal(ways({ drive: { trouble: "config", reason: "Off.", link: "https://console.cloud.google.com/x" } }), "link");
  assert.equal(ways({ drive: { trouble: "config", reason: "Role." } }), "retry");
  assert.equal(ways({ drive: { trouble: "quota" } }), "retry");
  assert.equal(ways({ drive: { trouble: "away" } }), null);
});

test("what Drive lacks is nobody's business while nothing is kept there", () => {
  const off = { archive: false, backups: false, public_links: false, prune_days: 0, links_for: "admin" };
  assert.equal(troubleOf(google({ switches: off, drive: { trouble: "quota" } })), null);
});

test("storage warns at 80 and alarms at 95 percent", () => {
  assert.equal(troubleOf(google({ drive: { level: "nearly_full" } }))?.isBad, false);
  assert.equal(troubleOf(google({ drive: { level: "almost_full" } }))?.isBad, true);
});

test("a permission that was not ticked is noticed only where it is wanted", () => {
  assert.equal(lacksPermission(google()), false);
  assert.equal(lacksPermission(google({ parts: { sheet: { wanted: true, granted: false } } })), true);
});

test("what Google will ask for is what is switched on", () => {
  assert.equal(askedFor(google()), "files that the inbox makes itself");
  const both = { drive: { wanted: true, granted: false }, sheet: { wanted: true, granted: false } };
  assert.equal(askedFor(google({ parts: both })), "files that the inbox makes itself, reading your Sheets");
});

test("room and progress in words", () => {
  assert.equal(roomOf({ used: 12.35 * GB, limit: 15 * GB }), "12.3 GB of 15.0 GB used");
  assert.equal(roomOf({ used: 5 * GB, limit: null }), "5.0 GB used, no limit");
  assert.equal(roomOf({ used: null, limit: null }), null);
  assert.equal(gigabytes(2048 * GB), "2048 GB");
  assert.equal(progressOf({ waiting: 0, done: 12, dead: 0 }), "12 files in Drive");
  assert.equal(progressOf({ waiting: 3, done: 12, dead: 1 }), "12 files in Drive, 3 waiting, 1 given up");
});

test("the names say how many, how old, and what was wrong", () => {
  const now = Date.parse("2026-11-21T09:05:10Z");
  const read = { count: 1204, read_at: "2026-11-21T09:00:00Z", problem: null };
  assert.match(namesOf(read, now), /^1.?204 names, read 5 min ago$/);
  assert.match(namesOf(read, Date.parse(read.read_at) + 20_000), /names, read just now$/);
  assert.match(namesOf({ ...read, problem: "Google is away." }, now + 3 * 3600_000), /read 3 h ago. Google is away.$/);
  assert.equal(namesOf({ count: 0, read_at: null, problem: null }), "They are read within a minute.");
  assert.equal(namesOf({ count: 0, read_at: null, problem: "Switched off." }), "Switched off.");
});
