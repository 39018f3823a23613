// The style sheets: raw values are refused, every class is used, templates and scripts name no raw value either.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import stylelint from "stylelint";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILT = ["static/css/app.css", "static/css/sandbox.css"];

/** @returns {string[]} the files below a folder that end so, as paths from the root */
function files(folder, ending) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(ROOT, join(entry.parentPath ?? entry.path, entry.name)));
}
const read = (path) => readFileSync(join(ROOT, path), "utf8");
const sources = files("static/css", ".css").filter((path) => !BUILT.includes(path));

/** @returns {Promise<string[]>} the rules that a declaration breaks in a sheet of a part */
async function faults(declaration, file = "static/css/ui/planted.css") {
  const { results } = await stylelint.lint({
    code: `.planted {\n  ${declaration}\n}\n`,
    codeFilename: join(ROOT, file),
    cwd: ROOT,
  });
  return results.flatMap((result) => result.warnings.map((warning) => warning.rule));
}

for (const declaration of [
  "color: #00806a;",
  "color: red;",
  "background: rgb(0 0 0 / 50%);",
  "background: var(--teal-600);",
  "border: 1px solid light-dark(var(--color-line), var(--color-ink));",
  "font-size: 13px;",
  "font-size: 0.8rem;",
  "font: 600 13px/1.2 var(--font-sans);",
  "font-weight: 600;",
  "font-family: Arial;",
  "line-height: 1.4;",
  "padding: 3px var(--spacing-2);",
  "padding: 0.5em;",
  "margin: -5px;",
  "width: calc(100% - 12px);",
  "--planted: 4px;",
  "border-radius: 8px;",
  "box-shadow: 0 1px 2px black;",
  "transition: opacity 200ms;",
  "z-index: 7;",
  "@media (max-width: 699px) { color: inherit; }",
]) {
  test(`refused outside the tokens: ${declaration}`, async () => {
    assert.notDeepEqual(await faults(declaration), []);
  });
}

for (const declaration of [
  "padding: 0 1px 2px;",
  "margin: -2px calc(-1 * var(--spacing-1));",
  "width: min(50%, calc(100vw - var(--spacing-6)));",
  "max-height: calc(6lh + 22dvh);",
  "grid-template-columns: minmax(0, 1fr);",
  "border: 1px solid color-mix(in srgb, var(--color-ink) 8%, transparent);",
  "color: currentColor;",
  "font: inherit;",
  "transform: rotate(1turn);",
]) {
  test(`free everywhere: ${declaration}`, async () => {
    assert.deepEqual(await faults(declaration), []);
  });
}

test("raw values stand in tokens.css", async () => {
  assert.deepEqual(await faults("--color-planted: #00806a; --spacing-planted: 0.3rem;", "static/css/tokens.css"), []);
});

test("templates and scripts use names of the tokens, not raw values in brackets", () => {
  const raw = /[\w-]+-\[[^\]\s]*(?:#[0-9a-f]{3,8}\b|rgb|\d(?:px|r?em|ms)\b)[^\]\s]*\]/gi;
  assert.deepEqual("p-[13px] text-[#fff] m-[0.3rem]".match(raw)?.length, 3);
  const found = [...files("templates", ".html"), ...files("static/js", ".js")].flatMap((path) =>
    (read(path).match(raw) ?? []).map((use) => `${path}: ${use}`),
  );
  assert.deepEqual(found, []);
});

test("every class of a style sheet is used by a template or a script", () => {
  const text = [...files("templates", ".html"), ...files("static/js", ".js")].map(read).join("\n");
  const words = new Set(text.match(/[\w-]+/g));
  const made = ["face-", "who-", "file-", "is-emoji-", "tag-", "banner-", "is-"]; // ends that scripts compute
  const starts = made.filter((start) => text.includes(`${start}\${`));
  const classes = sources.flatMap((path) =>
    [
      ...read(path)
        .replace(/\/\*[\s\S]*?\*\//g, "")
        .matchAll(/\.([a-z][\w-]*)(?=[^{};]*\{)/g),
    ].map(([, name]) => name),
  );
  assert.ok(classes.length > 200, "the sheets were read");
  const unused = [...new Set(classes)].filter((name) => !words.has(name) && !starts.some((start) => name.startsWith(start)));
  assert.deepEqual(unused, []);
});

test("every token is used, by its name or as a utility", () => {
  const sheets = sources.map(read).join("\n");
  const pages = [...files("templates", ".html"), ...files("static/js", ".js")].map(read).join("\n");
  const isUsed = (name) => {
    const utility = name.replace(/^--(?:[a-z]+|z-index|font-weight|background-image)-/, "").replace("_", ".");
    const asUtility = new RegExp(`[\\w]-${utility.replace(".", "\\.")}(?![\\w.-])`);
    return sheets.includes(`var(${name})`) || asUtility.test(pages) || sheets.includes(`@variant max-${utility} `);
  };
  const names = [...read("static/css/tokens.css").matchAll(/^\s+(--(?!default-)[\w-]+):/gm)].map(([, name]) => name);
  assert.ok(names.length > 150, "the tokens were read");
  assert.equal(isUsed("--color-planted"), false);
  assert.deepEqual(
    names.filter((name) => !isUsed(name)),
    [],
  );
});

test("every sheet of a part is built into one of the two that are served", () => {
  const entries = ["app", "sandbox"].map((name) => read(`static/css/${name}.src.css`)).join("\n");
  const parts = sources.filter((path) => !path.endsWith(".src.css"));
  assert.deepEqual(
    parts.filter((path) => !entries.includes(`"./${relative("static/css", path)}"`)),
    [],
  );
});
