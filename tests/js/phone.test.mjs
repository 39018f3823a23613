import assert from "node:assert/strict";
import { test } from "node:test";

import { prettyPhone } from "../../static/js/lib/phone.js";

test("numbers are grouped after their country code, and no digit is lost", () => {
  assert.equal(prettyPhone("+85251234567"), "+852 5123 4567");
  assert.equal(prettyPhone("15550100123"), "+1 555 010 0123");
  assert.equal(prettyPhone(null), "");
  for (const digits of ["447700900123", "4915123456789", "33612345678", "8613812345678", "6591234567", "1234567", "912345678901234"]) {
    assert.equal(prettyPhone(digits).replace(/\D/g, ""), digits);
  }
});
