// Fingers and mouse on a picture: pinch, wheel and double tap zoom; a drag moves a zoomed picture, a swipe turns to the next.

const SLACK = 8; // px before a touch becomes a drag
const FAR = 60; // px that turn to the next picture
const DOUBLE = 300; // ms between two taps

/**
 * @typedef {import("./zoom.js").Zoom} Zoom
 * @typedef {object} Wires
 * @property {() => boolean} canZoom
 * @property {() => void} draw the zoom has changed
 * @property {(dx: number | null) => void} drag how far the picture follows the finger; null: let go
 * @property {(by: -1 | 1) => void} step
 * @typedef {{ x: number, y: number }} Point from the middle of the stage
 */

export class Gestures {
  /** @param {HTMLElement} stage @param {Zoom} zoom @param {Wires} wires */
  constructor(stage, zoom, wires) {
    this.stage = stage;
    this.zoom = zoom;
    this.wires = wires;
    /** @type {Map<number, Point>} */
    this.fingers = new Map();
    /** @type {Point | null} */
    this.start = null;
    this.hasMoved = false;
    this.hasPinched = false; // the finger that is left over then neither swipes nor taps
    this.tap = { at: 0, x: 0, y: 0 };
    stage.addEventListener("pointerdown", (event) => this.down(event));
    stage.addEventListener("pointermove", (event) => this.move(event));
    for (const kind of /** @type {const} */ (["pointerup", "pointercancel"]))
      stage.addEventListener(kind, (event) => this.up(event));
    stage.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  /** @param {MouseEvent} event @returns {Point} */
  pointOf(event) {
    const box = this.stage.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  }

  /** @param {PointerEvent} event */
  down(event) {
    if (event.button !== 0 || (event.target instanceof Element && event.target.closest("button"))) return;
    const point = this.pointOf(event);
    this.fingers.set(event.pointerId, point);
    if (this.fingers.size === 1) {
      this.start = point;
      this.hasMoved = this.hasPinched = false;
    }
  }

  /** @param {PointerEvent} event */
  move(event) {
    const before = this.fingers.get(event.pointerId);
    if (!before || !this.start) return;
    const point = this.pointOf(event);
    if (!this.hasMoved && Math.hypot(point.x - this.start.x, point.y - this.start.y) < SLACK && this.fingers.size === 1) return;
    if (!this.hasMoved) this.stage.setPointerCapture(event.pointerId); // not before: a tap on a film's own controls stays theirs
    this.hasMoved = true;
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.fingers.set(event.pointerId, point);
    if (other) this.pinch(before, point, other);
    else if (this.zoom.isZoomed) {
      this.zoom.pan(point.x - before.x, point.y - before.y);
      this.wires.draw();
    } else if (this.isSwipe(event)) this.wires.drag(point.x - this.start.x);
  }

  /** @param {PointerEvent} event */
  isSwipe({ pointerType }) {
    return pointerType !== "mouse" && !this.zoom.isZoomed && !this.hasPinched;
  }

  /** @param {Point} before @param {Point} point @param {Point} other */
  pinch(before, point, other) {
    if (!this.wires.canZoom()) return;
    const [was, is] = [before, point].map((one) => Math.hypot(one.x - other.x, one.y - other.y));
    if (!was || !is) return;
    this.zoom.pan((point.x - before.x) / 2, (point.y - before.y) / 2);
    this.zoom.by(is / was, (point.x + other.x) / 2, (point.y + other.y) / 2);
    this.hasPinched = true;
    this.wires.drag(null);
    this.wires.draw();
  }

  /** @param {PointerEvent} event */
  up(event) {
    if (!this.fingers.delete(event.pointerId) || this.fingers.size || !this.start) return;
    const point = this.pointOf(event);
    const dx = point.x - this.start.x;
    this.start = null;
    if (event.type === "pointercancel") return this.wires.drag(null);
    if (!this.hasMoved) return this.tapped(point);
    if (!this.isSwipe(event)) return;
    this.wires.drag(null);
    if (Math.abs(dx) > FAR) this.wires.step(dx < 0 ? 1 : -1);
  }

  /** @param {Point} point */
  tapped(point) {
    const isSecond = Date.now() - this.tap.at < DOUBLE && Math.hypot(point.x - this.tap.x, point.y - this.tap.y) < 30;
    this.tap = { at: isSecond ? 0 : Date.now(), ...point };
    if (!isSecond || !this.wires.canZoom()) return;
    this.zoom.toggle(point.x, point.y);
    this.wires.draw();
  }

  /** @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    if (!this.wires.canZoom()) return;
    const { x, y } = this.pointOf(event);
    this.zoom.by(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), x, y); // ctrl: two fingers on a touch pad
    this.wires.draw();
  }
}
