// How large a picture is shown and which part of it: fitted into its room at 1, held at its edges when it is larger.
// Points are measured from the middle of the room, in px.

const MOST = 6;
const MOST_FITTED = 2; // a small picture is not blown up beyond this
const HALF_STEP = 2.5; // what a double click does

export class Zoom {
  constructor() {
    this.room = { width: 0, height: 0 };
    this.fitted = { width: 0, height: 0 };
    this.scale = 1;
    this.x = 0;
    this.y = 0;
  }

  reset() {
    this.scale = 1;
    this.x = this.y = 0;
  }

  /**
   * @param {{ width: number, height: number }} room
   * @param {{ width: number, height: number } | null} picture its own size; null: not known yet, it takes all the room
   */
  fit(room, picture) {
    this.room = room;
    const { width, height } = picture ?? room;
    const by = Math.min(room.width / width, room.height / height, picture ? MOST_FITTED : 1);
    this.fitted = { width: width * by, height: height * by };
    this.pan(0, 0);
  }

  get isZoomed() {
    return this.scale > 1.01;
  }

  /**
   * Larger or smaller; what lies under the point stays there.
   * @param {number} factor
   * @param {number} [x]
   * @param {number} [y]
   */
  by(factor, x = 0, y = 0) {
    const scale = Math.min(Math.max(this.scale * factor, 1), MOST);
    const ratio = scale / this.scale;
    this.scale = scale;
    this.x = x - (x - this.x) * ratio;
    this.y = y - (y - this.y) * ratio;
    this.pan(0, 0);
  }

  /** @param {number} [x] @param {number} [y] */
  toggle(x, y) {
    if (this.isZoomed) this.reset();
    else this.by(HALF_STEP, x, y);
  }

  /** @param {number} dx @param {number} dy */
  pan(dx, dy) {
    const spare = (/** @type {"width" | "height"} */ side) =>
      Math.max(0, (this.fitted[side] * this.scale - this.room[side]) / 2);
    const [mostX, mostY] = [spare("width"), spare("height")];
    this.x = Math.min(Math.max(this.x + dx, -mostX), mostX);
    this.y = Math.min(Math.max(this.y + dy, -mostY), mostY);
  }
}
