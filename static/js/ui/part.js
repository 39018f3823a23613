// A part of a page: its element, what it is told of, and everything it listens to ended by one signal.

/**
 * @template {string} Key
 * @typedef {{ on: (key: Key, run: (what: Set<any>) => void, signal: AbortSignal) => void }} Watched the page's store
 */

/** @template {Watched<any>} S */
export class Part {
  /** @param {HTMLElement} root @param {S} store */
  constructor(root, store) {
    this.root = root;
    this.store = store;
    this.life = new AbortController();
  }

  /** Aborted when the part goes. */
  get signal() {
    return this.life.signal;
  }

  /**
   * Told of what has changed in the store, see `Store.on`.
   * @param {Parameters<S["on"]>[0]} key
   * @param {(what: Set<any>) => void} run
   */
  watch(key, run) {
    this.store.on(key, run, this.signal);
  }

  /**
   * @param {EventTarget} target
   * @param {string} type
   * @param {(event: any) => void} run
   * @param {AddEventListenerOptions} [options]
   */
  listen(target, type, run, options) {
    target.addEventListener(type, run, { ...options, signal: this.signal });
  }

  /** @param {number} ms @param {() => void} run */
  every(ms, run) {
    const timer = setInterval(run, ms);
    this.signal.addEventListener("abort", () => clearInterval(timer));
  }

  end() {
    this.life.abort();
  }
}
