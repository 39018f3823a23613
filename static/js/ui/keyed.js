// The nodes of a list, one for each key: kept while their key stays, and moved as little as possible, since a node that is moved
// or made anew loses focus, scroll and playback.

/**
 * @template T
 * @template {{ node: Element }} V
 */
export class KeyedNodes {
  /**
   * @param {Element} parent holds these nodes alone
   * @param {(item: T) => number | string} keyOf
   * @param {(item: T) => V} make
   */
  constructor(parent, keyOf, make) {
    this.parent = parent;
    this.keyOf = keyOf;
    this.make = make;
    /** @type {Map<number | string, V>} */
    this.views = new Map();
  }

  /** @param {number | string} key */
  get(key) {
    return this.views.get(key) ?? null;
  }

  /**
   * @param {T[]} items in order, each key once
   * @param {(view: V, item: T, at: number) => void} update
   */
  draw(items, update) {
    const wanted = new Set(items.map(this.keyOf));
    for (const [key, view] of this.views) {
      if (wanted.has(key)) continue;
      view.node.remove();
      this.views.delete(key);
    }
    let place = this.parent.firstElementChild;
    for (const [at, item] of items.entries()) {
      const key = this.keyOf(item);
      const view = this.views.get(key) ?? this.make(item);
      this.views.set(key, view);
      update(view, item, at);
      if (view.node === place) place = view.node.nextElementSibling;
      else this.parent.insertBefore(view.node, place);
    }
  }

  clear() {
    for (const { node } of this.views.values()) node.remove();
    this.views.clear();
  }
}
