import assert from "node:assert/strict";
import { test } from "node:test";

import { words } from "../../static/js/ui/form.js";
import { randomPassword } from "../../static/js/settings/staff.js";

test("a refusal that names a time to wait is shown with it", () => {
  assert.equal(words({ message: "Too many tries.", retryAfter: 30 }), "Too many tries. (30 seconds)");
  assert.equal(words({ message: "Too many tries.", retryAfter: 900 }), "Too many tries. (15 minutes)");
  assert.equal(words(new Error("No.")), "No.");
});

test("a made-up password is long, never twice the same, and has no letters that look alike", () => {
  const made = new Set(Array.from({ length: 200 }, randomPassword));
  assert.equal(made.size, 200);
  for (const password of made) assert.match(password, /^([a-hjkmnp-z2-9]{4}-){3}[a-hjkmnp-z2-9]{4}$/);
});
