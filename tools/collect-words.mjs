// The texts of t() and plural() in the scripts, as JSON: {messages: [{one, many?, file, line}], problems: ["file:line: ..."]}.
// Called by tools/extract-words. A text that is not written out in the call cannot be collected: that is a problem.
import { readFileSync } from "node:fs";
import { parse } from "espree";

const found = { messages: [], problems: [] };

/** @param {any} node A literal, or literals joined by `+`; undefined for anything else. */
function text(node) {
  if (node?.type === "Literal" && typeof node.value === "string") return node.value;
  if (node?.type === "BinaryExpression" && node.operator === "+") {
    const [left, right] = [text(node.left), text(node.right)];
    return left === undefined || right === undefined ? undefined : left + right;
  }
  return undefined;
}

/** @param {any} node @param {string} file */
function visit(node, file) {
  if (!node || typeof node.type !== "string") return;
  if (node.type === "CallExpression" && node.callee.type === "Identifier") call(node, file);
  for (const child of Object.values(node)) {
    for (const one of Array.isArray(child) ? child : [child]) if (one && typeof one === "object") visit(one, file);
  }
}

/** @param {any} node @param {string} file */
function call(node, file) {
  const places = new Map([
    ["t", [0]],
    ["plural", [1, 2]],
  ]).get(node.callee.name);
  if (!places) return;
  const [one, many] = places.map((place) => text(node.arguments[place]));
  const line = node.loc.start.line;
  if (one === undefined || (places.length > 1 && many === undefined)) {
    found.problems.push(`${file}:${line}: the text of ${node.callee.name}() must be written out`);
  } else found.messages.push({ one, many, file, line });
}

for (const file of process.argv.slice(2)) {
  if (file.endsWith("lib/strings.js")) continue; // it defines them
  visit(parse(readFileSync(file, "utf8"), { ecmaVersion: "latest", sourceType: "module", loc: true }), file);
}
process.stdout.write(JSON.stringify(found));
