// One voice message while it is made: how long it is, how loud it was, what to say of its length. The sound itself is elsewhere.

import { t } from "../../lib/strings.js";

const SHORTEST = 600; // ms; less is a slip of the finger
const PRECIOUS = 5_000; // longer ones are not thrown away without a question
// WhatsApp shows its play button up to 512 KB, which is about 2:50 at 24 kbit/s; what is larger comes as a file to download.
const PLAYS_UNTIL = 170_000;
const WARNS_FROM = PLAYS_UNTIL - 20_000;
const LONGEST = 900_000; // a microphone that somebody forgot
export const LEVELS = 40;

export class Recording {
  /** @param {() => number} now ms, never going back */
  constructor(now) {
    this.now = now;
    /** @type {"asking" | "recording" | "stopped"} asking: the person has not let us use the microphone yet */
    this.state = "asking";
    this.began = 0;
    this.length = 0;
    /** @type {number[]} loudness 0..1, the newest last */
    this.levels = new Array(LEVELS).fill(0);
  }

  begin() {
    if (this.state !== "asking") return;
    this.state = "recording";
    this.began = this.now();
  }

  stop() {
    if (this.state !== "recording") return;
    this.length = this.now() - this.began;
    this.state = "stopped";
  }

  /** @param {number} level 0..1 */
  hear(level) {
    this.levels = [...this.levels.slice(1), level];
  }

  /** @returns {number} ms */
  get elapsed() {
    return this.state === "recording" ? this.now() - this.began : this.length;
  }

  get canSend() {
    return this.state !== "asking" && this.elapsed >= SHORTEST;
  }

  get isPrecious() {
    return this.elapsed > PRECIOUS;
  }

  get isFull() {
    return this.elapsed >= LONGEST;
  }

  get isLong() {
    return this.elapsed >= WARNS_FROM;
  }

  /** What to say beside it, in words. */
  get note() {
    if (this.elapsed >= PLAYS_UNTIL) return t("Longer than 2:50: WhatsApp may show it as a file to download.");
    if (this.isLong) return t("After about 2:50 WhatsApp shows a file to download instead of a play button.");
    if (this.state === "asking") return t("Waiting for the microphone…");
    return this.state === "recording" ? t("Recording…") : t("Ready to send");
  }
}
