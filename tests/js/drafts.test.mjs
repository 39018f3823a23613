import assert from "node:assert/strict";
import { test } from "node:test";

import { Drafts } from "../../static/js/inbox/composer/drafts.js";
import { memory } from "./support.mjs";

test("a draft survives a reload, for its person and chat only", () => {
  const storage = memory();
  new Drafts(storage, 1).put(7, { text: " hello " });
  assert.equal(new Drafts(storage, 1).textOf(7), "hello");
  assert.equal(new Drafts(storage, 1).of(8), null);
  assert.equal(new Drafts(storage, 2).of(7), null);
});

test("an empty draft leaves nothing behind, a quote alone is kept", () => {
  const storage = memory();
  const drafts = new Drafts(storage, 1);
  drafts.put(7, { text: "x" });
  drafts.put(7, { text: "", quoted: null });
  assert.deepEqual(storage.keysOf(""), []);
  drafts.put(7, { text: "", quoted: { wamid: "w" } });
  assert.equal(drafts.of(7).quoted.wamid, "w");
});

test("what another tab wrote is taken over", () => {
  const storage = memory();
  const drafts = new Drafts(storage, 1);
  storage.save("inbox:1:draft:7", { text: "from the other tab" });
  assert.equal(drafts.reread("inbox:1:draft:7"), 7);
  assert.equal(drafts.textOf(7), "from the other tab");
  assert.equal(drafts.reread("something else"), null);
});
