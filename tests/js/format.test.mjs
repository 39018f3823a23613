import assert from "node:assert/strict";
import { test } from "node:test";

import { emojiCount, parse, parseInline } from "../../static/js/lib/format.js";

/** "b(x)" for bold and so on: short to compare. */
function show(inlines) {
  const letters = { strong: "b", em: "i", s: "s" };
  return inlines
    .map((one) => {
      if (one.kind === "text") return one.text;
      if (one.kind === "code") return `c(${one.text})`;
      if (one.kind === "link") return `a(${one.text})`;
      return `${letters[one.kind]}(${show(one.children)})`;
    })
    .join("");
}
const line = (text) => show(parseInline(text));

test("bold, italic, struck and code are read, also inside each other", () => {
  assert.equal(line("*b* _i_ ~s~ `c`"), "b(b) i(i) s(s) c(c)");
  assert.equal(line("*a _b ~c~_ d*"), "b(a i(b s(c)) d)");
  assert.equal(line("(*b*), *b*!"), "(b(b)), b(b)!");
});

test("markers inside words and with spaces stay text", () => {
  for (const text of ["2*3*4", "snake_case_name", "* no *", "**", "a * b * c", "*open", "~", "***", "_ x_"])
    assert.equal(line(text), text);
});

test("a marker that is not closed leaves the others alone", () => {
  assert.equal(line("*a _b* c_"), "b(a _b) c_");
});

test("code wins over other markers", () => {
  assert.equal(line("`*a*` *`b`*"), "c(*a*) b(c(b))");
});

test("an address is one piece and loses the sentence's punctuation", () => {
  assert.equal(line("see https://a.example/x_y_z*w*."), "see a(https://a.example/x_y_z*w)*.");
  assert.equal(line("(https://a.example/b_(c))"), "(a(https://a.example/b_(c)))");
  assert.equal(line("*https://a.example*"), "b(a(https://a.example))");
  assert.equal(line("www.a.example, ok"), "a(www.a.example), ok");
  assert.equal(line("去https://a.example/路上"), "去a(https://a.example/)路上");
  assert.equal(line("網址：https://a.example/x，好"), "網址：a(https://a.example/x)，好");
  assert.equal(line("mail ana@a.example!"), "mail a(ana@a.example)!");
});

test("only http, https and mailto become links", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "http://",
    "https://localhost",
    "file:///etc/passwd",
    "ftp://a.example",
  ]) {
    assert.equal(line(text), text);
  }
  assert.equal(parseInline("www.a.example")[0].href, "https://www.a.example/");
});

test("quotes, lists and blocks of code are blocks", () => {
  const kinds = parse("hi\n> a\n> b\n- x\n* y\n1. one\n2. two\n```\ncode\n```\nbye").map((block) => block.kind);
  assert.deepEqual(kinds, ["line", "quote", "ul", "ol", "pre", "line"]);
  assert.deepEqual(parse("3. c")[0], { kind: "ol", start: 3, items: [[{ kind: "text", text: "c" }]] });
  assert.deepEqual(
    parse("a ```b``` c").map((block) => block.kind),
    ["line", "pre", "line"],
  );
});

test("every character that is no marker is still there", () => {
  const letters = (value) => {
    if (Array.isArray(value)) return value.map(letters).join("");
    return typeof value === "string" ? value : letters(value.text ?? value.children ?? value.items);
  };
  for (const text of ["a\n\n  b * c", "2*3 http://a.b/c) > q ` x", "_a b* ~", "> ", "1.x", "``` open", "\t*\n*"]) {
    assert.equal(letters(parse(text)), text.replaceAll("\n", ""));
  }
});

test("only few emoji alone are shown large", () => {
  assert.equal(emojiCount("😀"), 1);
  assert.equal(emojiCount("👨‍👩‍👧 🇭🇰 👍🏽"), 3);
  for (const text of ["", "a😀", "😀😀😀😀", "123", "#"]) assert.equal(emojiCount(text), 0);
});

const many = (piece, size = 60_000) => piece.repeat(Math.ceil(size / piece.length));
const HOSTILE = {
  openers: many(" *a"),
  closers: many("a* "),
  "mixed markers": many("*_~"),
  stars: many("*"),
  "back-ticks": many("`"),
  "three back-ticks": many("```"),
  "odd back-ticks": many("``a"),
  http: many("http://"),
  at: many("a@"),
  dots: many("a."),
  quotes: many("> "),
  "quoted lines": many("> a\n"),
  "list lines": many("1. a\n"),
  brackets: `https://a.b/${many("(")}${many(")")}`,
  word: many("a"),
  mixture: many("*a _b ~c `d http://e.f/(g "),
};

for (const [name, text] of Object.entries(HOSTILE)) {
  // The processor's time, not the clock's, and far from what it takes: a busy machine fails nothing, a square of the length does.
  test(`60,000 characters of ${name} take no square of the time`, () => {
    const before = process.cpuUsage();
    parse(text);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 3_000_000, `${(user + system) / 1000} ms`);
  });
}
