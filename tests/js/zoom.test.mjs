import assert from "node:assert/strict";
import { test } from "node:test";

import { Zoom } from "../../static/js/inbox/viewer/zoom.js";

const ROOM = { width: 800, height: 600 };

function fitted(picture) {
  const zoom = new Zoom();
  zoom.fit(ROOM, picture);
  return zoom;
}

test("a picture is fitted into its room, a small one is not blown up", () => {
  assert.deepEqual(fitted({ width: 4000, height: 2000 }).fitted, { width: 800, height: 400 });
  assert.deepEqual(fitted({ width: 1000, height: 3000 }).fitted, { width: 200, height: 600 });
  assert.deepEqual(fitted({ width: 40, height: 30 }).fitted, { width: 80, height: 60 });
  assert.deepEqual(fitted(null).fitted, ROOM);
});

test("what lies under the pointer stays there", () => {
  const zoom = fitted({ width: 4000, height: 3000 });
  zoom.by(2, 100, -50);
  assert.equal(zoom.scale, 2);
  assert.deepEqual([zoom.x, zoom.y], [-100, 50]); // the point was at (100, -50) of the picture, now at twice that, moved back
});

test("a picture cannot be pushed out of its room, nor made smaller than it, nor larger than sixfold", () => {
  const zoom = fitted({ width: 4000, height: 3000 });
  zoom.by(2);
  zoom.pan(10_000, -10_000);
  assert.deepEqual([zoom.x, zoom.y], [400, -300]);
  zoom.by(100);
  assert.equal(zoom.scale, 6);
  zoom.by(0.001);
  assert.deepEqual([zoom.scale, zoom.x + 0, zoom.y + 0, zoom.isZoomed], [1, 0, 0, false]);
});

test("a low picture moves sideways only, as long as it is lower than the room", () => {
  const zoom = fitted({ width: 4000, height: 500 });
  zoom.by(2);
  zoom.pan(50, 50);
  assert.deepEqual([zoom.x, zoom.y], [50, 0]);
});

test("two taps zoom in where they fell, two more out again", () => {
  const zoom = fitted({ width: 4000, height: 3000 });
  zoom.toggle(200, 100);
  assert.ok(zoom.isZoomed);
  zoom.toggle(0, 0);
  assert.deepEqual([zoom.scale, zoom.x], [1, 0]);
});

test("a turned phone keeps the zoom and finds its edges again", () => {
  const zoom = fitted({ width: 4000, height: 3000 });
  zoom.by(2);
  zoom.pan(400, 300);
  zoom.fit({ width: 600, height: 800 }, { width: 4000, height: 3000 });
  assert.deepEqual([zoom.scale, zoom.x, zoom.y], [2, 300, 50]);
});
