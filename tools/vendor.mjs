// Copies what the browser needs from node_modules into static/vendor, patched for our policy, with licences and checksums.
//   node tools/vendor.mjs           writes
//   node tools/vendor.mjs --check   fails on any difference or extra file
// A patch must match exactly once, so an upgrade that moves the code fails loudly instead of silently.

import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const MODULES = join(ROOT, "node_modules");
const TARGET = join(ROOT, "static", "vendor");

// The picker under `require-trusted-types-for 'script'` and `style-src 'self'` (its issue 401).
const PICKER_PATCHES = [
  [
    "function parseTemplate (htmlString) {",
    "// The templates are this file's own literals, never data.\nconst trustedTemplates = globalThis.trustedTypes?.createPolicy('emoji-picker', { createHTML: html => html });\n\nfunction parseTemplate (htmlString) {",
  ],
  [
    "  template.innerHTML = htmlString;",
    "  template.innerHTML = trustedTemplates ? trustedTemplates.createHTML(htmlString) : htmlString;",
  ],
  ["    parentNode.innerHTML = '';", "    parentNode.textContent = '';"],
  [
    "        targetNode.setAttribute(attributeName, newValue);",
    "        if (attributeName === 'style') targetNode.style.cssText = newValue;\n        else targetNode.setAttribute(attributeName, newValue);",
  ],
  [
    "    const style = document.createElement('style');\n    style.textContent = baseStyles + EXTRA_STYLES;\n    this.shadowRoot.appendChild(style);",
    "    const sheet = new CSSStyleSheet();\n    sheet.replaceSync(baseStyles + EXTRA_STYLES);\n    this.shadowRoot.adoptedStyleSheets = [sheet];",
  ],
];

/** Keys that the picker reads; the rest of each entry is weight. */
const EMOJI_KEYS = ["annotation", "emoji", "emoticon", "group", "order", "shortcodes", "tags", "version", "skins"];

const FILES = [
  {
    module: "emoji-picker-element",
    from: "picker.js",
    to: "emoji-picker/picker.js",
    change: (text) => patch(text, PICKER_PATCHES),
  },
  { module: "emoji-picker-element", from: "database.js", to: "emoji-picker/database.js" },
  { module: "emoji-picker-element", from: "LICENSE", to: "emoji-picker/LICENSE" },
  { module: "emoji-picker-element-data", from: "en/cldr-native/data.json", to: "emoji-picker/en.json", change: trimEmoji },
  { module: "emoji-picker-element-data", from: "LICENSE", to: "emoji-picker/LICENSE.data" },
];

/**
 * @param {string} text
 * @param {[string, string][]} patches
 */
function patch(text, patches) {
  return patches.reduce((done, [before, after]) => {
    const count = done.split(before).length - 1;
    if (count !== 1) throw new Error(`A patch matches ${count} times instead of once:\n${before}`);
    return done.replace(before, () => after);
  }, text);
}

/** @param {string} text */
function trimEmoji(text) {
  const entries = JSON.parse(text).map((entry) =>
    Object.fromEntries(EMOJI_KEYS.filter((key) => key in entry).map((key) => [key, entry[key]])),
  );
  return `${JSON.stringify(entries)}\n`;
}

/** @returns {Promise<Map<string, string>>} path below static/vendor -> text */
async function build() {
  const built = new Map();
  const packages = {};
  for (const { module, from, to, change } of FILES) {
    const text = await readFile(join(MODULES, module, from), "utf8");
    const made = change ? change(text) : text;
    built.set(to, made);
    const { version, license } = JSON.parse(await readFile(join(MODULES, module, "package.json"), "utf8"));
    packages[module] ??= { version, license, files: {} };
    packages[module].files[to] = createHash("sha256").update(made).digest("hex");
  }
  built.set("vendor.json", `${JSON.stringify(packages, null, 2)}\n`);
  return built;
}

/** @returns {Promise<string[]>} paths below static/vendor */
async function present() {
  const entries = await readdir(TARGET, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(TARGET, join(entry.parentPath, entry.name)));
}

/** @param {Map<string, string>} built @returns {Promise<string[]>} what is wrong */
async function differences(built) {
  const wrong = (await present()).filter((path) => !built.has(path)).map((path) => `${path} does not belong there`);
  for (const [path, text] of built) {
    const there = await readFile(join(TARGET, path), "utf8").catch(() => null);
    if (there !== text) wrong.push(there === null ? `${path} is missing` : `${path} differs`);
  }
  return wrong;
}

/** @param {Map<string, string>} built */
async function write(built) {
  await rm(TARGET, { recursive: true, force: true });
  for (const [path, text] of built) {
    await mkdir(dirname(join(TARGET, path)), { recursive: true });
    await writeFile(join(TARGET, path), text);
  }
}

const built = await build();
if (process.argv.includes("--check")) {
  const wrong = await differences(built);
  for (const line of wrong) console.error(`static/vendor: ${line}`);
  if (wrong.length) process.exit(1);
} else {
  await write(built);
}
