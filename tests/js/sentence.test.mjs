import assert from "node:assert/strict";
import { test } from "node:test";

import { sentence } from "../../static/js/ui/sentence.js";

test("nodes stand where the sentence wants them, in any language", () => {
  const left = /** @type {any} */ ({ bold: "2 h" });
  assert.deepEqual(sentence("Closes in {left}.", { left }), ["Closes in ", left, "."]);
  assert.deepEqual(sentence("{left} bis Schluss", { left }), [left, " bis Schluss"]);
  assert.deepEqual(sentence("No place, {other}", { left }), ["No place, ", "{other}"]);
});
