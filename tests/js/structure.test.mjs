import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const JS = join(dirname(fileURLToPath(import.meta.url)), "../../static/js");

/** Lowest first: a module imports from its own folder and from lower ones. What stands in no folder is a page's entry. */
const LAYERS = ["lib", "net", "ui", "inbox", "settings", "sandbox", ""];
const PAGES = ["inbox", "settings", "sandbox"];

/** @param {string} path within static/js @param {string} text */
function wrongImports(path, text) {
  const own = folderOf(path);
  return [...text.matchAll(/\bfrom\s+"(\.[^"]+)"|\bimport\(?\s*"(\.[^"]+)"/g)]
    .map(([, from, lazy]) => normalize(join(dirname(path), from ?? lazy)))
    .filter((target) => {
      const other = folderOf(target);
      return LAYERS.indexOf(other) > LAYERS.indexOf(own) || (other !== own && PAGES.includes(own) && PAGES.includes(other));
    });
}

/** @param {string} path */
const folderOf = (path) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "");

const files = readdirSync(JS, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".js"))
  .map((entry) => relative(JS, join(entry.parentPath, entry.name)));

test("every folder has its layer", () => {
  assert.ok(files.length > 50);
  assert.deepEqual(
    [...new Set(files.map(folderOf))].filter((folder) => !LAYERS.includes(folder)),
    [],
  );
});

test("modules import from their own folder and from lower ones", () => {
  const wrong = files.flatMap((path) =>
    wrongImports(path, readFileSync(join(JS, path), "utf8")).map((target) => `${path} imports ${target}`),
  );
  assert.deepEqual(wrong, []);
});

test("a helper that builds nodes, a page that reaches into another one and a lazy import upwards are found", () => {
  assert.deepEqual(wrongImports("lib/time.js", 'import { el } from "../ui/dom.js";'), ["ui/dom.js"]);
  assert.deepEqual(wrongImports("settings/main.js", 'import {\n  Thread,\n} from "../inbox/thread/thread.js";'), [
    "inbox/thread/thread.js",
  ]);
  assert.deepEqual(wrongImports("net/feed.js", 'const later = import("../inbox/main.js");'), ["inbox/main.js"]);
  assert.deepEqual(wrongImports("inbox/thread/thread.js", 'import { t } from "../../lib/strings.js";'), []);
});
