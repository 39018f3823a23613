import assert from "node:assert/strict";
import { test } from "node:test";

import { Layers } from "../../static/js/ui/layers.js";
import { fakeClock } from "./support.mjs";

/** A history whose steps happen later, as a browser's do. */
function browser(first = null) {
  const entries = [first];
  let at = 0;
  const clock = fakeClock();
  const history = {
    get state() {
      return entries[at];
    },
    pushState: (state) => entries.splice((at += 1), entries.length, state),
    replaceState: (state) => (entries[at] = state),
    go: (by) => clock.setTimer(() => move(by), 10),
  };
  const layers = new Layers(history, clock.setTimer);
  function move(by) {
    at += by;
    layers.onPop();
  }
  return { layers, history, clock, move, place: () => [at, entries.length] };
}

/** A layer that notes when it is closed. */
function layer(layers, name, closed) {
  return layers.add(() => closed.push(name));
}

test("Back closes the top layer, one at a time", () => {
  const { layers, move, place } = browser({ fromList: true });
  const closed = [];
  layer(layers, "drawer", closed);
  layer(layers, "dialog", closed);
  assert.deepEqual(place(), [2, 3]);
  move(-1);
  assert.deepEqual(closed, ["dialog"]);
  move(-1);
  assert.deepEqual(closed, ["dialog", "drawer"]);
  assert.equal(place()[0], 0);
});

test("closed by hand, its step is taken back and nothing else closes", async () => {
  const { layers, clock, place, history } = browser({ fromList: true });
  const closed = [];
  layer(layers, "drawer", closed);
  layer(layers, "dialog", closed)();
  await clock.pass(100);
  assert.deepEqual([place()[0], closed, history.state], [1, [], { fromList: true, layer: 1 }]);
});

test("the next of a row of dialogs takes over the step", async () => {
  const { layers, clock, place } = browser();
  const release = layer(layers, "first", []);
  release();
  layer(layers, "second", []);
  await clock.pass(100);
  assert.deepEqual(place(), [1, 2]);
});

test("before the address changes everything is closed and the history is where it was", async () => {
  const { layers, clock, place } = browser();
  const closed = [];
  layer(layers, "drawer", closed);
  layer(layers, "dialog", closed);
  const done = layers.closeAll().then(() => closed.push(`at ${place()[0]}`));
  await clock.pass(100);
  await done;
  assert.deepEqual(closed, ["dialog", "drawer", "at 0"]);
});

test("forward to a layer of earlier shows nothing and steps back", async () => {
  const { layers, clock, move, place } = browser();
  layer(layers, "dialog", [])();
  await clock.pass(100);
  move(1);
  await clock.pass(100);
  assert.equal(place()[0], 0);
});

test("a step that the browser never takes is given up", async () => {
  const { layers, clock, history } = browser({ layer: 1 });
  history.go = () => {};
  await clock.pass(1000);
  assert.deepEqual(history.state, { layer: 0 });
  await layers.closeAll();
});
