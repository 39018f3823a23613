// Keeps what somebody reads where it is while the list around it changes: history loads above, pictures arrive, bubbles grow.
// At the bottom it stays at the bottom. The browser's own anchoring is off: it fails at scrollTop 0, and Safari has none.

const NEAR = 40; // px from the bottom that still count as "at the bottom"

/**
 * @typedef {object} Scroller
 * @property {number} scrollTop
 * @property {number} scrollHeight
 * @property {number} clientHeight
 *
 * @typedef {object} Ground what the keeper measures by; in the browser, bounding boxes
 * @property {() => { key: string, top: number } | null} findAnchor the first message in sight, `top` px below the list's upper edge
 * @property {(key: string) => number | null} topOf where that message is now; null when it is gone
 */

export class ScrollKeeper {
  /**
   * @param {Scroller} scroller
   * @param {Ground} ground
   */
  constructor(scroller, ground) {
    this.scroller = scroller;
    this.ground = ground;
    this.isPinned = true;
    /** @type {{ key: string, top: number } | null} */
    this.anchor = null;
    /** px: the place as last remembered or set; any other one is from a scroll nobody has looked at yet */
    this.lastTop = 0;
  }

  get fromBottom() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    return scrollHeight - clientHeight - scrollTop;
  }

  /** After somebody scrolled: remember what is in sight. */
  remember() {
    this.isPinned = this.fromBottom <= NEAR;
    this.anchor = this.isPinned ? null : this.ground.findAnchor();
    this.lastTop = this.scroller.scrollTop;
  }

  /** Somebody scrolled and it was not remembered yet. */
  get isBehind() {
    return this.scroller.scrollTop !== this.lastTop;
  }

  /** Before anything changes: the scroll event comes a frame late, and restoring from before it would undo the scroll. */
  catchUp() {
    if (this.isBehind) this.remember();
  }

  /** After anything changed size or place: put it back. */
  restore() {
    if (this.isPinned) {
      this.toBottom();
      return;
    }
    if (!this.anchor) return;
    const top = this.ground.topOf(this.anchor.key);
    if (top === null) this.anchor = this.ground.findAnchor();
    else if (Math.abs(top - this.anchor.top) >= 0.5) this.scroller.scrollTop += top - this.anchor.top;
    this.lastTop = this.scroller.scrollTop;
  }

  toBottom() {
    this.isPinned = true;
    this.anchor = null;
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.lastTop = this.scroller.scrollTop;
  }

  /** Hold this message at this place from now on. @param {string} key @param {number} top */
  hold(key, top) {
    this.isPinned = false;
    this.anchor = { key, top };
    this.restore();
  }
}
