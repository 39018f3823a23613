import assert from "node:assert/strict";
import { test } from "node:test";

import { prettyPhone, typedPhone } from "../../static/js/lib/phone.js";

test("numbers are grouped after their country code, and no digit is lost", () => {
  assert.equal(prettyPhone("+85251234567"), "+852 5123 4567");
  assert.equal(prettyPhone("15550100123"), "+1 555 010 0123");
  assert.equal(prettyPhone(null), "");
  for (const digits of [
    "447700900123",
    "4915123456789",
    "33612345678",
    "8613812345678",
    "6591234567",
    "1234567",
    "912345678901234",
  ]) {
    assert.equal(prettyPhone(digits).replace(/\D/g, ""), digits);
  }
});

test("a number to write to needs its + or 00: without it, it may be a stranger's in another country", () => {
  for (const typed of ["+852 5123 4567", "00852-5123-4567", "＋８５２ ５１２３４５６７", "(+852) 51234567"])
    assert.equal(typedPhone(typed), "+85251234567");
  for (const typed of ["5123 4567", "85251234567", "+12", "+1234567890123456", "", "ask Mei"])
    assert.equal(typedPhone(typed), null);
});
