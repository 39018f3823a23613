import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const JS = join(dirname(fileURLToPath(import.meta.url)), "../../static/js");

/** Lowest first: a module imports from its own folder and from lower ones. What stands in no folder is a page's entry. */
const LAYERS = ["lib", "words", "net", "ui", "inbox", "settings", "sandbox", ""];
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

const read = (path) => readFileSync(join(JS, path), "utf8");

/** Addresses that a module makes from where it lies: no import, so nothing else sees that the module has moved. */
const addresses = (path, text) =>
  [...text.matchAll(/new URL\(\s*"(\.[^"]+)",\s*import\.meta\.url/g)].map(([, to]) => normalize(join(JS, dirname(path), to)));

test("an address made from where a module lies leads to something", () => {
  const found = files.flatMap((path) => addresses(path, read(path)));
  assert.ok(found.length > 0);
  assert.deepEqual(
    found.filter((target) => !existsSync(target)),
    [],
  );
  const [planted] = addresses("inbox/composer/emoji.js", 'new URL("../../vendor/emoji-picker/", import.meta.url)');
  assert.ok(!existsSync(planted));
});
const TESTS = dirname(fileURLToPath(import.meta.url));

/** @param {Map<string, string>} scripts path -> text @param {string} others where else a name may be used */
function unusedExports(scripts, others) {
  return [...scripts].flatMap(([path, text]) => {
    const names = [...text.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)].map(([, name]) => name);
    const isUsed = (name) =>
      new RegExp(`\\b${name}\\b`).test(others) ||
      [...scripts].some(([other, its]) => other !== path && new RegExp(`\\b${name}\\b`).test(its));
    return names.filter((name) => !isUsed(name)).map((name) => `${path}: ${name}`);
  });
}

test("what a module exports is used elsewhere", () => {
  const tests = readdirSync(TESTS).map((name) => readFileSync(join(TESTS, name), "utf8"));
  assert.deepEqual(unusedExports(new Map(files.map((path) => [path, read(path)])), tests.join("\n")), []);
  const planted = new Map([
    ["lib/a.js", "export const used = 1;\nexport function nobodyAsks() {}\n"],
    ["lib/b.js", 'import { used } from "./a.js";\n'],
  ]);
  assert.deepEqual(unusedExports(planted, ""), ["lib/a.js: nobodyAsks"]);
});

/** What is translated is found by reading the code, so its words stand there as they are. */
const WORDLESS = /\b(?:t\((?!\s*")|plural\((?!\s*[^",]+,\s*"[^"]*",\s*"))/g;

test("every text that is translated is written out where it is asked for", () => {
  const wordless = files.filter((path) => path !== "lib/strings.js" && read(path).match(WORDLESS));
  assert.deepEqual(wordless, []);
  for (const call of ["t(label)", "t(`Sent ${name}`)", "plural(count, one, many)"])
    assert.match(call, new RegExp(WORDLESS.source));
  for (const call of ['t("Sent")', 'plural(count, "{count} file", "{count} files")'])
    assert.doesNotMatch(call, new RegExp(WORDLESS.source));
});
