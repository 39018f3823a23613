// What must be done once, and may fail for want of an answer: it is repeated until it has succeeded.

const PAUSES = [2, 5, 15, 30]; // seconds before the next try; the last one for ever

export class Retry {
  /**
   * @param {() => Promise<unknown>} run rejects with `isTransient` when it may be tried again
   * @param {AbortSignal} signal ends it
   * @param {{ setTimer?: (run: () => void, ms: number) => any }} [wires] tests bring their own
   */
  constructor(run, signal, { setTimer = (again, ms) => setTimeout(again, ms) } = {}) {
    this.run = run;
    this.setTimer = setTimer;
    this.attempts = 0; // each makes the ones before it void
    this.failures = 0;
    this.isWaiting = false;
    signal.addEventListener("abort", () => this.cancel(), { once: true });
  }

  /** From now on: what is on its way began too early. */
  start() {
    this.failures = 0;
    void this.attempt();
  }

  /** The line is back: what has failed does not wait for its timer. */
  hurry() {
    if (this.isWaiting) void this.attempt();
  }

  /** It need not be done any more. */
  cancel() {
    this.attempts += 1;
    this.isWaiting = false;
  }

  async attempt() {
    this.cancel();
    const mine = this.attempts;
    try {
      await this.run();
    } catch (error) {
      if (mine !== this.attempts) return;
      const { isTransient } = /** @type {{ isTransient?: boolean }} */ (error);
      if (isTransient) this.wait();
      else if (isTransient === undefined) reportError(error); // a mistake of ours; what the server refuses it would refuse again
    }
  }

  wait() {
    const mine = this.attempts;
    const seconds = PAUSES[Math.min(this.failures, PAUSES.length - 1)] ?? 0;
    this.failures += 1;
    this.isWaiting = true;
    this.setTimer(() => mine === this.attempts && void this.attempt(), seconds * 1000);
  }
}
