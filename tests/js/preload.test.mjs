import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** What a module imports, and what those import; lazy `import()` is not the first screen's. */
function reach(path, seen = new Set()) {
  if (seen.has(path)) return seen;
  seen.add(path);
  const text = readFileSync(join(ROOT, "static/js", path), "utf8");
  for (const [, from] of text.matchAll(/^(?:import|export)\b[^;]*?from\s+"(\.[^"]+)"/gms)) reach(normalize(join(dirname(path), from)), seen);
  return seen;
}

test("the inbox page names every module of its first screen, and no other", () => {
  const template = readFileSync(join(ROOT, "templates/inbox.html"), "utf8");
  const [, list] = /set modules = \[([^\]]*)\]/.exec(template);
  const named = [...list.matchAll(/"([^"]+)"/g)].map(([, name]) => `${name}.js`);
  const wanted = [...reach("shell.js", reach("main.js"))].filter((path) => path !== "main.js" && path !== "shell.js");
  assert.deepEqual(named.sort(), wanted.sort());
});
