import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { KeyedNodes } from "../../static/js/ui/keyed.js";
import { Part } from "../../static/js/ui/part.js";

/** A store with one key. */
function oneKey() {
  const listeners = new Set();
  return {
    tell: (what) => listeners.forEach((run) => run(what)),
    on(_key, run, signal) {
      listeners.add(run);
      signal.addEventListener("abort", () => listeners.delete(run));
    },
  };
}

test("a part that has ended hears neither the store nor the page nor the clock", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  const [store, page, heard] = [oneKey(), new EventTarget(), []];
  const part = new Part(/** @type {any} */ ({}), store);
  part.watch("chats", (what) => heard.push(what));
  part.listen(page, "online", (event) => heard.push(event.type));
  part.every(1000, () => heard.push("clock"));
  const happen = () => {
    store.tell("told");
    page.dispatchEvent(new Event("online"));
    mock.timers.tick(1000);
  };
  happen();
  part.end();
  happen();
  mock.timers.reset();
  assert.deepEqual(heard, ["told", "online", "clock"]);
});

/** As much of an element as KeyedNodes needs; it counts how often a node is put somewhere. */
function fakeParent() {
  const parent = {
    children: [],
    moves: 0,
    get firstElementChild() {
      return parent.children[0] ?? null;
    },
    insertBefore(node, place) {
      node.remove();
      parent.moves += 1;
      parent.children.splice(place ? parent.children.indexOf(place) : parent.children.length, 0, node);
    },
  };
  const node = (name) => ({
    name,
    remove() {
      const at = parent.children.indexOf(this);
      if (at >= 0) parent.children.splice(at, 1);
    },
    get nextElementSibling() {
      return parent.children[parent.children.indexOf(this) + 1] ?? null;
    },
  });
  return { parent, node };
}

test("nodes are made once a key, kept, dropped, and moved as little as possible", () => {
  const { parent, node } = fakeParent();
  const made = [];
  const rows = new KeyedNodes(parent, (name) => name, (name) => (made.push(name), { node: node(name), drawn: 0 })); // prettier-ignore
  const draw = (...names) => rows.draw(names, (row, _name, at) => Object.assign(row, { at, drawn: row.drawn + 1 }));
  const order = () => parent.children.map(({ name }) => name).join("");

  draw("a", "b", "c");
  assert.equal(order(), "abc");
  parent.moves = 0;
  draw("d", "a", "b", "c");
  assert.equal(order(), "dabc");
  assert.equal(parent.moves, 1, "the others stayed where they were");
  parent.moves = 0;
  draw("c", "a");
  assert.equal(order(), "ca");
  assert.equal(parent.moves, 1);
  assert.deepEqual(made, ["a", "b", "c", "d"]);
  assert.equal(rows.get("b"), null);
  assert.deepEqual([rows.get("a").at, rows.get("a").drawn], [1, 3]);
  rows.clear();
  assert.equal(order(), "");
});
