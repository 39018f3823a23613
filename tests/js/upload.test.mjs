import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { upload } from "../../static/js/net/upload.js";
import { settle } from "./support.mjs";

/** As much of XMLHttpRequest as an upload uses; `requests` are those that were made. */
const requests = [];
class FakeRequest extends EventTarget {
  upload = new EventTarget();
  open() {}
  setRequestHeader() {}
  getResponseHeader() {
    return null;
  }
  send() {
    requests.push(this);
  }
  abort() {
    this.dispatchEvent(new Event("abort"));
  }
}
const progress = (loaded, total) => Object.assign(new Event("progress"), { lengthComputable: true, loaded, total });

beforeEach(() => {
  requests.length = 0;
  globalThis.XMLHttpRequest = FakeRequest;
});
afterEach(() => delete globalThis.XMLHttpRequest);

test("an upload tells how far it has come and what the server said", async () => {
  const shares = [];
  const { done } = upload(null, (share) => shares.push(share));
  const [request] = requests;
  request.upload.dispatchEvent(progress(1, 4));
  Object.assign(request, { status: 201, response: { message: { id: 7 } } }).dispatchEvent(new Event("load"));
  assert.deepEqual(await done, { message: { id: 7 } });
  assert.deepEqual(shares, [0.25]);
});

test("cancelled on its way, nothing is sent", async () => {
  const { done, cancel } = upload(null, () => {});
  const refused = assert.rejects(done, { code: "cancelled" });
  assert.equal(cancel(), true);
  await refused;
});

test("once all bytes have left, it is for the server to say what became of them", async () => {
  const { done, cancel } = upload(null, () => {});
  const [request] = requests;
  request.upload.dispatchEvent(new Event("load"));
  assert.equal(cancel(), false);
  await settle();
  Object.assign(request, { status: 201, response: { message: { id: 7 } } }).dispatchEvent(new Event("load"));
  assert.deepEqual(await done, { message: { id: 7 } });
});
