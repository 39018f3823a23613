// What lies on top of the page (dialogs, pictures, the drawer) and the browser's Back: each layer is one step of the history, so
// Back closes the top one, as Escape does. The history moves a moment after it is asked to; only `agree` compares the two.

const PATIENCE = 500; // ms for a step that the browser may never take

/**
 * @typedef {{ close: () => void }} Layer
 * @typedef {Pick<History, "state" | "pushState" | "replaceState" | "go">} Steps
 */

export class Layers {
  /**
   * @param {Steps} history
   * @param {(run: () => void, ms: number) => any} [setTimer]
   */
  constructor(history, setTimer = (run, ms) => setTimeout(run, ms)) {
    this.history = history;
    this.setTimer = setTimer;
    /** @type {Layer[]} the top one last */
    this.open = [];
    /** A step back that was asked for and has not happened yet. @type {{ landed: Promise<void>, land: () => void } | null} */
    this.step = null;
    setTimer(() => this.agree(), 0); // reloaded on a layer's step: the layer is gone
  }

  /** How many layers the history believes in. */
  get depth() {
    return Number(this.history.state?.layer ?? 0);
  }

  /**
   * @param {() => void} close
   * @returns {() => void} to be called when it was closed by hand
   */
  add(close) {
    const layer = { close };
    this.open.push(layer);
    this.agree();
    return () => {
      const at = this.open.indexOf(layer);
      if (at < 0) return;
      this.open.splice(at, 1);
      this.setTimer(() => this.agree(), 0); // the next of a row of dialogs takes over its step
    };
  }

  /** Before the address changes: everything is closed and its steps are taken back. @returns {Promise<void>} */
  closeAll() {
    for (const layer of this.open.splice(0).reverse()) layer.close();
    this.agree();
    return this.step?.landed ?? Promise.resolve();
  }

  /** The browser went back or forward. */
  onPop() {
    if (this.step) return this.step.land();
    while (this.open.length > this.depth) this.open.pop()?.close();
    this.agree(); // forward to a layer of earlier: there is nothing to show
  }

  agree() {
    if (this.step) return; // asked again when it has landed
    const surplus = this.depth - this.open.length;
    for (let at = surplus; at < 0; at += 1) this.history.pushState({ ...this.history.state, layer: this.depth + 1 }, "");
    if (surplus > 0) this.stepBack(surplus);
  }

  /** @param {number} count */
  stepBack(count) {
    /** @type {() => void} */
    let resolve = () => {};
    /** @type {Promise<void>} */
    const landed = new Promise((done) => (resolve = done));
    const step = {
      landed,
      land: () => {
        this.step = null;
        this.agree();
        resolve();
      },
    };
    this.step = step;
    this.setTimer(() => {
      if (this.step !== step) return;
      this.history.replaceState({ ...this.history.state, layer: this.open.length }, "");
      step.land();
    }, PATIENCE);
    this.history.go(-count);
  }
}
