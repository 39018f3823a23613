import assert from "node:assert/strict";
import { test } from "node:test";

import { fill, filledText, searchTemplates } from "../../static/js/lib/templates.js";

const template = {
  name: "booking_confirmed",
  language: "en",
  header: { format: "TEXT", text: "For {{1}}" },
  body: "Hello {{1}}, see {{2}}.",
  footer: "Bye",
  variables: [
    { key: "header:1", where: "header", placeholder: "1" },
    { key: "1", where: "body", placeholder: "1" },
    { key: "2", where: "body", placeholder: "2" },
  ],
};

test("each place takes the value of its own part", () => {
  assert.equal(filledText(template, { "header:1": "Sunday", 1: "Raj", 2: "you" }), "For Sunday\nHello Raj, see you.\nBye");
});

test("what is not filled in stays visible, and a value is never filled in again", () => {
  assert.equal(fill(template, "body", template.body, { 1: "{{2}}" }), "Hello {{2}}, see {{2}}.");
});

test("search finds names as they are read and as they are written", () => {
  for (const query of ["booking confirmed", "BOOKING_", "hello", "en", ""])
    assert.equal(searchTemplates([template], query).length, 1);
  assert.equal(searchTemplates([template], "kayak").length, 0);
});
