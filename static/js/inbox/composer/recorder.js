// The bar in the composer's place while a voice message is made: record, stop, listen, then send or cancel.

import { t } from "../../lib/strings.js";
import { duration } from "../../lib/time.js";
import { confirm } from "../../ui/dialog.js";
import { el, svg } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { toast } from "../../ui/toast.js";
import { pauseSound } from "../thread/voice_player.js";
import { openMicrophone, recordingType, refusalWords } from "./microphone.js";
import { LEVELS, Recording } from "./recording.js";

const EVERY = 100; // ms between two looks at the level
const TALLEST = 26; // px
/** @type {Record<string, string>} */
const ENDINGS = { "audio/ogg": "ogg", "audio/webm": "webm", "audio/mp4": "m4a" };

/** @typedef {{ onSend: () => void, onChange: (hadFocus: boolean) => void }} Hooks `onChange`: it began or ended */

export class Recorder {
  /** @param {Hooks} hooks */
  constructor(hooks) {
    this.hooks = hooks;
    this.type = recordingType();
    /** @type {Recording | null} */
    this.recording = null;
    /** @type {import("./microphone.js").Capture | null} */
    this.capture = null;
    /** @type {HTMLAudioElement | null} what was recorded, to be heard before it is sent */
    this.preview = null;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
    this.held = ""; // said instead of the note while a finger holds the microphone
    /** @param {BeforeUnloadEvent} event */
    this.beforeUnload = (event) => {
      if (this.recording?.isPrecious) event.preventDefault();
    };
    this.cancelButton = el(
      "button.icon-button",
      { type: "button", "aria-label": t("Cancel"), title: t("Cancel"), onclick: () => this.drop() },
      icon("trash"),
    );
    this.mainButton = el("button.icon-button", { type: "button", onclick: () => this.act() });
    this.sendButton = el(
      "button.send-button",
      { type: "button", "aria-label": t("Send"), title: t("Send"), onclick: () => hooks.onSend() },
      icon("send"),
    );
    this.time = el("span.recorder-time", { role: "timer" });
    this.bars = Array.from({ length: LEVELS }, (_, index) => svg("rect", { x: index * 4, width: 2.5, rx: 1.25 }));
    this.note = el("span.recorder-note", { role: "status" });
    this.node = el(
      "div.recorder",
      { role: "group", "aria-label": t("Voice message"), hidden: true },
      this.note,
      this.cancelButton,
      el("span.recorder-dot", { "aria-hidden": "true" }),
      this.time,
      svg(
        "svg",
        {
          class: "recorder-bars",
          viewBox: `0 0 ${LEVELS * 4} ${TALLEST + 2}`,
          preserveAspectRatio: "none",
          "aria-hidden": "true",
        },
        ...this.bars,
      ),
      this.mainButton,
      this.sendButton,
    );
  }

  get isActive() {
    return this.recording !== null;
  }

  get canSend() {
    return this.recording?.canSend ?? false;
  }

  focus() {
    if (!this.node.contains(document.activeElement)) this.mainButton.focus({ preventScroll: true });
  }

  async start() {
    if (this.recording || !this.type) return;
    const recording = new Recording(() => performance.now());
    this.recording = recording;
    addEventListener("beforeunload", this.beforeUnload);
    pauseSound();
    this.node.hidden = false;
    this.draw();
    this.hooks.onChange(false);
    this.focus();
    try {
      const capture = await openMicrophone(this.type, () => this.recording === recording && this.stop());
      if (this.recording !== recording) return void capture.finish(); // cancelled while the browser asked
      this.capture = capture;
      recording.begin();
      this.timer = setInterval(() => this.tick(), EVERY);
      this.draw();
    } catch (cause) {
      if (this.recording !== recording) return;
      this.drop();
      toast(refusalWords(cause));
    }
  }

  /** While a finger holds the microphone: what letting go would do. @param {"held" | "away" | "free"} says */
  hold(says) {
    this.held = says === "free" ? "" : says === "away" ? t("Let go to delete it") : t("Let go to send, slide away to delete");
    this.node.classList.toggle("is-away", says === "away");
    this.draw();
  }

  tick() {
    if (!this.recording || !this.capture) return;
    this.recording.hear(this.capture.level());
    if (this.recording.isFull) this.stop();
    else this.draw();
  }

  /** The button in the middle: stop, then play and pause. */
  act() {
    if (this.recording?.state === "recording" && this.recording.canSend) this.stop();
    else if (this.recording?.state === "stopped") void this.listen();
  }

  stop() {
    if (this.recording?.state !== "recording") return;
    this.recording.stop();
    clearInterval(this.timer);
    void this.capture?.finish();
    this.draw();
  }

  async listen() {
    const { recording, capture } = this;
    if (this.preview && !this.preview.paused) return this.preview.pause();
    const sound = await capture?.finish();
    if (!sound || this.recording !== recording) return;
    if (!this.preview) {
      this.preview = new Audio(URL.createObjectURL(sound));
      for (const event of ["play", "pause", "timeupdate", "ended"]) this.preview.addEventListener(event, () => this.draw());
    }
    pauseSound();
    this.preview.play().catch(() => toast(t("This browser cannot play the recording.")));
  }

  /**
   * What was recorded, taken out; the bar is free again at once. Null: too short to be meant.
   * @returns {Promise<{ file: File, duration_ms: number } | null>}
   */
  async take() {
    const { recording, capture } = this;
    if (!recording?.canSend || !capture) return null;
    recording.stop();
    const done = capture.finish();
    this.drop();
    const sound = await done;
    const ending = ENDINGS[sound.type.split(";")[0] ?? ""] ?? "webm";
    return { file: new File([sound], `voice.${ending}`, { type: sound.type }), duration_ms: Math.round(recording.elapsed) };
  }

  /** Let go of everything: the microphone, the sound, the bar. */
  drop() {
    if (!this.recording) return;
    const hadFocus = this.node.contains(document.activeElement);
    clearInterval(this.timer);
    void this.capture?.finish();
    if (this.preview) {
      this.preview.pause();
      URL.revokeObjectURL(this.preview.src);
    }
    this.recording = this.capture = this.preview = null;
    removeEventListener("beforeunload", this.beforeUnload);
    this.node.hidden = true;
    this.hooks.onChange(hadFocus);
  }

  /**
   * Leaving drops a short recording; a longer one is asked about first.
   * @param {() => void} go what to do when the person agrees
   * @returns {boolean} nothing stands in the way
   */
  mayLeave(go) {
    const { recording } = this;
    if (recording?.isPrecious) {
      const run = () => {
        if (this.recording === recording) this.drop();
        go();
      };
      confirm({ title: t("Delete the recording?"), text: t("The voice message has not been sent."), yes: t("Delete"), run });
      return false;
    }
    this.drop();
    return true;
  }

  draw() {
    const { recording, preview } = this;
    if (!recording) return;
    const isPlaying = preview !== null && !preview.paused;
    const [glyph, label] =
      recording.state !== "stopped" ? ["stop", t("Stop")] : isPlaying ? ["pause", t("Pause")] : ["play", t("Play")];
    if (this.mainButton.title !== label) {
      this.mainButton.title = label;
      this.mainButton.setAttribute("aria-label", label);
      this.mainButton.replaceChildren(icon(glyph));
    }
    this.sendButton.disabled = !recording.canSend;
    this.node.classList.toggle("is-recording", recording.state === "recording");
    this.time.textContent = duration(preview && preview.currentTime > 0 ? preview.currentTime * 1000 : recording.elapsed);
    this.note.classList.toggle("is-long", recording.isLong);
    const note = this.held || recording.note;
    if (this.note.textContent !== note) this.note.textContent = note; // read out once, not ten times a second
    this.bars.forEach((bar, index) => {
      const height = Math.max(3, (recording.levels[index] ?? 0) * TALLEST);
      bar.setAttribute("height", String(height));
      bar.setAttribute("y", String((TALLEST + 2 - height) / 2));
    });
  }
}
