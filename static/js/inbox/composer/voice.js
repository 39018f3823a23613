// Voice messages in the composer: the microphone's button, the recorder (loaded when it is asked for), what becomes of a recording.

import { lazily } from "../../ui/lazy.js";
import { HoldToTalk } from "./hold_to_talk.js";
import { recordingType } from "./microphone.js";

const recorder = lazily(() => import("./recorder.js"));

/**
 * @typedef {import("./recorder.js").Recorder} Recorder
 * @typedef {import("./attachments.js").Attachment} Attachment
 * @typedef {object} Wires
 * @property {() => boolean} mayRecord
 * @property {() => void} onSend
 * @property {(hadFocus: boolean) => void} onChange it began or ended
 */

export class Voice {
  /** @param {HTMLElement} button @param {Wires} wires */
  constructor(button, wires) {
    this.wires = wires;
    this.isSupported = recordingType() !== null;
    /** @type {Recorder | null} */
    this.recorder = null;
    this.isAsked = false; // and not taken back while the recorder was on its way
    /** What letting go would do, said as soon as the recorder is here. @type {"held" | "away" | "free"} */
    this.says = "free";
    /** Where the recorder's bar comes. */
    this.place = document.createComment("");
    button.addEventListener("click", () => void this.record());
    this.holding = new HoldToTalk(button, {
      start: () => void this.record(),
      send: () => wires.onSend(),
      drop: () => this.drop(),
      mark: (says) => this.mark(says),
    });
  }

  get isActive() {
    return this.recorder?.isActive ?? false;
  }

  get canSend() {
    return this.recorder?.canSend ?? false;
  }

  /** Long enough to be asked about before it is thrown away. */
  get isPrecious() {
    return this.recorder?.recording?.isPrecious ?? false;
  }

  async record() {
    if (!this.wires.mayRecord()) return;
    this.isAsked = true;
    await recorder(({ Recorder }) => {
      if (!this.isAsked) return;
      if (!this.recorder) {
        this.recorder = new Recorder(this.wires);
        this.place.replaceWith(this.recorder.node);
      }
      void this.recorder.start();
      this.recorder.hold(this.says);
    });
  }

  /** @param {"held" | "away" | "free"} says */
  mark(says) {
    this.says = says;
    this.recorder?.hold(says);
  }

  /** @returns {Promise<Attachment | null>} what was recorded; null: too short to be meant */
  async take() {
    const recorded = await this.recorder?.take();
    if (!recorded) return null;
    const { file, duration_ms } = recorded;
    return {
      file,
      kind: "audio",
      asDocument: false,
      caption: "",
      url: null,
      width: null,
      height: null,
      voice: { duration_ms },
    };
  }

  /** @param {() => void} go */
  mayLeave(go) {
    return this.recorder?.mayLeave(go) ?? true;
  }

  focus() {
    this.recorder?.focus();
  }

  drop() {
    this.isAsked = false;
    this.recorder?.drop();
  }
}
