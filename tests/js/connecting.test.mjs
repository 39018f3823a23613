import assert from "node:assert/strict";
import { test } from "node:test";

import { progressOf } from "../../static/js/settings/checklist.js";
import { freshProcess } from "../../static/js/settings/restart.js";

const step = (/** @type {"done" | "todo" | "warn" | "bad" | "optional"} */ state) => ({
  name: state,
  title: "",
  state,
  words: "",
  hints: [],
});

test("what is left of the checklist counts what must be done, not what may be", () => {
  assert.equal(progressOf([step("done"), step("optional"), step("warn")]), "Everything that is needed is done.");
  assert.equal(progressOf([step("done"), step("bad"), step("optional")]), "One step is left.");
  assert.equal(progressOf([step("todo"), step("bad"), step("done")]), "2 steps are left.");
});

test("a page that waits for the restart is not taken in by the old process", async () => {
  const answers = ["old", "old", null, "new", "never asked"];
  const ask = async () => {
    const run = answers.shift();
    if (!run) throw new Error("no connection");
    return { run };
  };
  assert.equal(await freshProcess("old", { ask, pause: async () => {} }), true);
  assert.deepEqual(answers, ["never asked"]);
  assert.equal(await freshProcess("old", { ask: async () => ({ run: "old" }), pause: async () => {} }), false);
});
