// Many changes about one thing are one fetch; a change that comes while the fetch is in the air is one more. So the page ends
// with what the server has last, and a burst costs as many calls as there are things, not as many as there were changes.

const AGAIN = 2000; // ms after a call that got no answer

/**
 * @template T
 */
export class FetchQueue {
  /**
   * @param {(id: number) => Promise<T>} fetch rejects with `isTransient` when it may be asked again
   * @param {(value: T, id: number) => void} onValue
   * @param {{ parallel?: number, setTimer?: (run: () => void, ms: number) => any }} [options]
   */
  constructor(fetch, onValue, { parallel = 4, setTimer = (run, ms) => setTimeout(run, ms) } = {}) {
    this.fetch = fetch;
    this.onValue = onValue;
    this.parallel = parallel;
    this.setTimer = setTimer;
    /** @type {Set<number>} */
    this.waiting = new Set();
    /** @type {Set<number>} */
    this.inAir = new Set();
    /** @type {Set<number>} in the air, and overtaken by what came another way */
    this.stale = new Set();
  }

  /** @param {number} id */
  ask(id) {
    this.waiting.add(id);
    this.go();
  }

  /** It came another way, and newer than a call that is on its way may have it. @param {number} id */
  supersede(id) {
    this.waiting.delete(id);
    if (this.inAir.has(id)) this.stale.add(id);
  }

  go() {
    for (const id of this.waiting) {
      if (this.inAir.size >= this.parallel) return;
      if (this.inAir.has(id)) continue;
      this.waiting.delete(id);
      this.inAir.add(id);
      void this.bring(id);
    }
  }

  /** @param {number} id */
  async bring(id) {
    try {
      const value = await this.fetch(id); // one call an id at a time: answers cannot overtake one another
      if (!this.stale.has(id)) this.onValue(value, id);
    } catch (error) {
      if (/** @type {{ isTransient?: boolean }} */ (error).isTransient && !this.stale.has(id))
        this.setTimer(() => this.ask(id), AGAIN);
    } finally {
      this.inAir.delete(id);
      this.stale.delete(id);
      this.go();
    }
  }
}
