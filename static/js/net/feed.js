// The live feed: a WebSocket as the hint, GET /api/updates as the truth. Every change is handed on once, in order, whichever
// of the two brought it; a lost connection is made good by asking again from the last known seq.

const POLL = { alone: 3000, hidden: 15_000, besideSocket: 25_000, afterError: 15_000 }; // ms
const RECONNECT = { first: 1000, most: 30_000 };
const STEADY = 5000; // a socket that lived so long was a good one: the back-off begins anew

/**
 * @typedef {object} Wires what the feed needs from the browser; tests bring their own
 * @property {(since: number) => Promise<FeedAnswer | null>} poll null: nothing changed
 * @property {(since: number) => WebSocket} openSocket
 * @property {(frame: Frame) => void} onFrame its changes are those that were not handed on before
 * @property {() => void} onReset the log does not reach back: load everything anew
 * @property {(state: "live" | "polling" | "down") => void} onState
 * @property {() => boolean} [isHidden]
 * @property {(run: () => void, ms: number) => any} [setTimer]
 * @property {(timer: any) => void} [clearTimer]
 * @property {() => number} [random] 0..1, for the jitter
 */

export class Feed {
  /** @param {Wires} wires */
  constructor(wires) {
    this.wires = {
      isHidden: () => false,
      setTimer: (/** @type {() => void} */ run, /** @type {number} */ ms) => setTimeout(run, ms),
      clearTimer: (/** @type {any} */ timer) => clearTimeout(timer),
      random: Math.random,
      ...wires,
    };
    this.seq = 0;
    /** @type {WebSocket | null} */
    this.socket = null;
    this.isOpen = false;
    this.tries = 0;
    this.failures = 0;
    this.isPolling = false;
    this.isStopped = true;
    this.state = "";
    /** @type {Record<string, any>} */
    this.timers = {};
  }

  /** @param {number} seq what the page has loaded already contains everything up to here */
  start(seq) {
    this.seq = seq;
    this.isStopped = false;
    this.connect();
    this.pollIn(POLL.alone);
  }

  stop() {
    this.isStopped = true;
    for (const timer of Object.values(this.timers)) this.wires.clearTimer(timer);
    this.dropSocket();
  }

  /** The network is back, the page is shown again: do not wait for a timer. */
  hurry() {
    if (this.isStopped) return;
    if (!this.socket) {
      this.tries = 0;
      this.connect();
    }
    void this.poll();
  }

  connect() {
    if (this.isStopped || this.socket) return;
    this.wires.clearTimer(this.timers.reconnect);
    let socket;
    try {
      socket = this.wires.openSocket(this.seq);
    } catch {
      this.reconnectLater();
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      this.isOpen = true;
      this.failures = 0;
      this.timers.steady = this.wires.setTimer(() => (this.tries = 0), STEADY);
      this.pollIn(POLL.besideSocket);
      this.tell();
    };
    socket.onmessage = (event) => this.take(JSON.parse(event.data));
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.dropSocket();
      this.reconnectLater();
      void this.poll(); // what the socket did not say any more
      this.tell();
    };
  }

  dropSocket() {
    const { socket } = this;
    this.socket = null;
    this.isOpen = false;
    this.wires.clearTimer(this.timers.steady);
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  reconnectLater() {
    if (this.isStopped) return;
    const ceiling = Math.min(RECONNECT.first * 2 ** this.tries, RECONNECT.most);
    this.tries += 1;
    this.wires.clearTimer(this.timers.reconnect);
    this.timers.reconnect = this.wires.setTimer(() => this.connect(), ceiling * (0.5 + this.wires.random() / 2));
  }

  /** @param {number} ms */
  pollIn(ms) {
    this.wires.clearTimer(this.timers.poll);
    if (!this.isStopped) this.timers.poll = this.wires.setTimer(() => void this.poll(), ms);
  }

  async poll() {
    if (this.isStopped || this.isPolling) return;
    this.isPolling = true;
    this.wires.clearTimer(this.timers.poll);
    let more = false;
    try {
      const answer = await this.wires.poll(this.seq);
      this.failures = 0;
      if (answer) {
        more = Boolean(answer.more);
        this.take(answer);
      }
    } catch {
      this.failures += 1;
    }
    this.isPolling = false;
    this.tell();
    if (more) void this.poll();
    else this.pollIn(this.pause());
  }

  pause() {
    if (this.isOpen) return POLL.besideSocket;
    if (this.wires.isHidden()) return POLL.hidden;
    return Math.min(POLL.alone * 2 ** Math.min(this.failures, 3), POLL.afterError);
  }

  /** @param {FeedAnswer} answer */
  take(answer) {
    if (this.isStopped) return;
    if (answer.reset) {
      this.seq = answer.seq; // may be lower than ours: a backup was restored
      this.wires.onReset();
      return;
    }
    const changes = answer.changes.filter((change) => change.seq > this.seq);
    this.seq = Math.max(this.seq, answer.seq);
    if (changes.length) this.wires.onFrame({ ...answer, changes }); // the rows of an answer that was overtaken are old ones
  }

  tell() {
    const state = this.isOpen ? "live" : this.failures > 1 ? "down" : "polling";
    if (state === this.state) return;
    this.state = state;
    this.wires.onState(state);
  }
}
