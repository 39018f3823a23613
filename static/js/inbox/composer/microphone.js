// The microphone: which recordings this browser can make, one of them in mono, and how loud it is just now.

import { t } from "../../lib/strings.js";

const BITS = 24_000; // a second: speech in Opus is clear at that, and three minutes stay below WhatsApp's 512 KB
const TYPES = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4;codecs=opus", "audio/mp4"];

/** What to record, the nearest to WhatsApp's Ogg first; null: this browser (or a page without https) cannot. */
export function recordingType() {
  if (typeof MediaRecorder === "undefined" || typeof AudioContext === "undefined" || !navigator.mediaDevices) return null;
  return TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? null;
}

/**
 * Rejects with the browser's DOMException, see `refusalWords`.
 * @param {string} type
 * @param {() => void} onLost it ended by itself: unplugged, or no longer allowed
 */
export async function openMicrophone(type, onLost) {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
  try {
    return new Capture(stream, type, onLost);
  } catch (cause) {
    for (const track of stream.getTracks()) track.stop();
    throw cause;
  }
}

export class Capture {
  /** @param {MediaStream} stream @param {string} type @param {() => void} onLost */
  constructor(stream, type, onLost) {
    this.context = new AudioContext();
    // Microphones come as stereo whatever one asks for, and WhatsApp refuses a voice message in stereo.
    const mono = new MediaStreamAudioDestinationNode(this.context, { channelCount: 1, channelCountMode: "explicit" });
    this.analyser = new AnalyserNode(this.context, { fftSize: 8192 }); // 170 ms: whoever looks ten times a second misses nothing
    this.samples = new Float32Array(this.analyser.fftSize);
    this.source = new MediaStreamAudioSourceNode(this.context, { mediaStream: stream });
    this.source.connect(mono);
    this.source.connect(this.analyser);
    this.recorder = new MediaRecorder(mono.stream, { mimeType: type, audioBitsPerSecond: BITS });
    /** @type {Promise<Blob>} */
    this.sound = new Promise((resolve) => {
      /** @type {Blob[]} */
      const pieces = [];
      this.recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
      this.recorder.addEventListener("stop", () => {
        for (const track of stream.getTracks()) track.stop();
        void this.context.close();
        resolve(new Blob(pieces, { type: this.recorder.mimeType || type }));
        onLost();
      });
    });
    for (const track of stream.getTracks()) track.addEventListener("ended", onLost);
    void this.context.resume(); // Safari starts it asleep
    this.recorder.start();
  }

  /** How loud it is, 0..1, as ears have it: a quiet voice shows. */
  level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    return Math.sqrt(
      Math.min(
        1,
        this.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0),
      ),
    );
  }

  /** Ends it (once) and lets the microphone go. @returns {Promise<Blob>} */
  finish() {
    if (this.recorder.state !== "inactive") this.recorder.stop();
    return this.sound;
  }
}

/** @param {unknown} cause */
export function refusalWords(cause) {
  const { name = "" } = /** @type {{ name?: string }} */ (cause);
  if (name === "NotAllowedError" || name === "SecurityError")
    return t("The microphone is blocked. Allow it for this page in the browser's address bar, then try again.");
  if (name === "NotFoundError") return t("No microphone was found. Connect one and try again.");
  if (name === "NotReadableError" || name === "AbortError")
    return t("The microphone does not answer. Another program may be using it.");
  return t("This browser could not record.");
}
