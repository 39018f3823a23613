// On a touch screen: hold the microphone and speak, let go to send, slide away to throw it away. A tap is left to the click.

const HOLD = 300; // ms before a touch is more than a tap
const AWAY = 80; // px that throw the recording away

/**
 * @typedef {object} Wires
 * @property {() => void} start
 * @property {() => void} send what is too short (or waits for the person's leave to record) goes on as after a tap
 * @property {() => void} drop
 * @property {(says: "held" | "away" | "free") => void} mark what letting go would do, to be shown
 */

export class HoldToTalk {
  /** @param {HTMLElement} button @param {Wires} wires */
  constructor(button, wires) {
    this.button = button;
    this.wires = wires;
    /** The finger that holds. @type {{ id: number, x: number, y: number } | null} */
    this.finger = null;
    this.isAway = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} until the touch is more than a tap */
    this.timer = undefined;
    button.addEventListener("pointerdown", (event) => this.down(event));
    button.addEventListener("contextmenu", (event) => this.finger && event.preventDefault()); // a long press asks for it
    // On the window: the button is hidden while the bar stands in its place.
    addEventListener("pointermove", (event) => this.move(event));
    addEventListener("pointerup", (event) => this.up(event));
    addEventListener("pointercancel", (event) => this.up(event));
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.pointerType === "mouse" || this.finger) return;
    this.finger = { id: event.pointerId, x: event.clientX, y: event.clientY };
    this.isAway = false;
    this.timer = setTimeout(() => this.hold(), HOLD);
  }

  hold() {
    this.timer = undefined;
    this.wires.start();
    this.wires.mark("held");
  }

  /** @param {PointerEvent} event */
  move({ pointerId, clientX, clientY }) {
    if (!this.finger || pointerId !== this.finger.id || this.timer) return;
    const isAway = Math.hypot(clientX - this.finger.x, clientY - this.finger.y) > AWAY;
    if (isAway === this.isAway) return;
    this.isAway = isAway;
    this.wires.mark(isAway ? "away" : "held");
  }

  /** @param {PointerEvent} event */
  up({ pointerId, type }) {
    if (!this.finger || pointerId !== this.finger.id) return;
    this.finger = null;
    if (this.timer) {
      clearTimeout(this.timer); // a tap
      this.timer = undefined;
      return;
    }
    this.wires.mark("free");
    if (this.isAway) this.wires.drop();
    else if (type === "pointerup") this.wires.send();
  }
}
