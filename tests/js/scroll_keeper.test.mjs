import assert from "node:assert/strict";
import { test } from "node:test";

import { ScrollKeeper } from "../../static/js/inbox/thread/scroll_keeper.js";

/** A list of blocks, each with a height, scrolled like a browser does. */
class Column {
  constructor(heights) {
    this.blocks = heights.map((height, at) => ({ key: `k${at}`, height }));
    this.clientHeight = 100;
    this.top = 0;
  }
  get scrollHeight() {
    return this.blocks.reduce((sum, { height }) => sum + height, 0);
  }
  get scrollTop() {
    return this.top;
  }
  set scrollTop(value) {
    this.top = Math.max(0, Math.min(value, this.scrollHeight - this.clientHeight));
  }
  topOf(key) {
    let sum = 0;
    for (const block of this.blocks) {
      if (block.key === key) return sum - this.top;
      sum += block.height;
    }
    return null;
  }
  findAnchor() {
    const seen = this.blocks.find(({ key, height }) => this.topOf(key) + height > 0);
    return seen ? { key: seen.key, top: this.topOf(seen.key) } : null;
  }
}

function keeperOf(heights) {
  const column = new Column(heights);
  return { column, keeper: new ScrollKeeper(column, column) };
}

test("history that loads above moves nothing, also at the very top", () => {
  for (const at of [0, 130]) {
    const { column, keeper } = keeperOf(Array(20).fill(50));
    column.scrollTop = at;
    keeper.remember();
    const before = column.topOf("k3");
    column.blocks.unshift({ key: "old", height: 777 });
    keeper.restore();
    assert.equal(column.topOf("k3"), before);
  }
});

test("a picture that grows above what is read moves nothing", () => {
  const { column, keeper } = keeperOf(Array(20).fill(50));
  column.scrollTop = 420;
  keeper.remember();
  column.blocks[2].height = 300;
  keeper.restore();
  assert.equal(column.topOf("k8"), -20);
});

test("at the bottom it stays at the bottom, whatever grows", () => {
  const { column, keeper } = keeperOf(Array(20).fill(50));
  keeper.toBottom();
  column.blocks.push({ key: "new", height: 90 });
  column.blocks[0].height = 500;
  keeper.restore();
  assert.equal(keeper.fromBottom, 0);
});

test("a new message while scrolled up does not scroll", () => {
  const { column, keeper } = keeperOf(Array(20).fill(50));
  column.scrollTop = 300;
  keeper.remember();
  column.blocks.push({ key: "new", height: 90 });
  keeper.restore();
  assert.equal(column.scrollTop, 300);
  assert.equal(keeper.isPinned, false);
});

test("when the anchor is gone the next one takes over", () => {
  const { column, keeper } = keeperOf(Array(20).fill(50));
  column.scrollTop = 300;
  keeper.remember();
  column.blocks.splice(6, 1);
  keeper.restore();
  assert.equal(keeper.anchor.key, "k7");
});

test("a step that was scrolled but not remembered yet survives a page that arrives", () => {
  const { column, keeper } = keeperOf(Array(40).fill(50));
  column.scrollTop = 900;
  keeper.remember();
  column.scrollTop = 400; // the scroll event comes a frame later
  keeper.catchUp();
  column.blocks.unshift({ key: "old", height: 777 });
  keeper.restore();
  assert.equal(column.topOf("k8"), 0);
  assert.equal(keeper.isBehind, false);
});

test("what the keeper scrolls itself is not taken for a scroll by hand", () => {
  const { column, keeper } = keeperOf(Array(20).fill(50));
  keeper.toBottom();
  assert.equal(keeper.isBehind, false);
  keeper.hold("k3", 10);
  assert.equal(column.scrollTop, 140);
  assert.equal(keeper.isBehind, false);
  column.scrollTop -= 1;
  assert.equal(keeper.isBehind, true);
});
