// Voice messages and other sound: play, seek, speed. One <audio> for the page, so that only one plays, and goes on playing
// while its bubble is scrolled away and drawn again.

import { el, svg } from "../lib/dom.js";
import { icon } from "../lib/icons.js";
import { t } from "../lib/strings.js";
import { duration } from "../lib/time.js";
import { toast } from "../lib/toast.js";

const SPEEDS = [1, 1.5, 2];
const BARS = 40;
const LARGEST_TO_DRAW = 2_000_000; // bytes; longer ones play without a picture of the sound

/** @type {HTMLAudioElement | null} */
let sound = null;
/** @type {number | null} */
let playingId = null;
let speed = 1;
/** @type {Map<number, Player>} the players in the page, by media id */
const players = new Map();
/** @type {Map<number, number[]>} loudness 0..1 of each bar, once heard */
const shapes = new Map();

class Player {
  /** @param {Media} media */
  constructor(media) {
    this.media = media;
    this.length = (media.duration_ms ?? 0) / 1000;
    this.button = el("button.play-button", { type: "button", onclick: () => this.toggle() });
    this.bars = svg("svg", { class: "sound-bars", viewBox: `0 0 ${BARS * 4} 28`, preserveAspectRatio: "none", "aria-hidden": "true" });
    this.seek = el("input.sound-seek", { type: "range", min: 0, max: 1000, value: 0, "aria-label": t("Position") });
    this.seek.addEventListener("input", () => this.jump());
    this.time = el("span.sound-time", {}, duration(this.length * 1000));
    this.speed = el("button.speed-button", { type: "button", onclick: () => faster() });
    this.node = el("div.voice", {}, this.button,
      el("div.sound-middle", {}, el("div.sound-track", {}, this.bars, this.seek), this.time), this.speed);
    this.drawBars();
    this.show();
  }

  get isCurrent() {
    return playingId === this.media.id && sound !== null;
  }

  toggle() {
    if (this.isCurrent && sound && !sound.paused) sound.pause();
    else this.play();
  }

  play() {
    const audio = theSound();
    if (playingId !== this.media.id) {
      const before = playingId;
      playingId = this.media.id;
      audio.src = this.media.url;
      if (Number(this.seek.value) > 0 && this.length) audio.currentTime = (Number(this.seek.value) / 1000) * this.length;
      if (before !== null) players.get(before)?.show();
    }
    audio.playbackRate = speed;
    audio.play().catch(() => toast(t("This browser cannot play this file. Download it instead.")));
    void this.hear();
  }

  jump() {
    const at = Number(this.seek.value) / 1000;
    if (this.isCurrent && sound) sound.currentTime = at * this.length;
    this.show();
  }

  show() {
    const isPlaying = this.isCurrent && sound !== null && !sound.paused;
    if (this.isCurrent && sound && Number.isFinite(sound.duration) && sound.duration > 0) this.length = sound.duration;
    const at = this.isCurrent && sound ? sound.currentTime : (Number(this.seek.value) / 1000) * this.length;
    this.button.setAttribute("aria-label", isPlaying ? t("Pause") : this.media.voice ? t("Play the voice message") : t("Play"));
    this.button.replaceChildren(icon(isPlaying ? "pause" : "play"));
    if (this.isCurrent) this.seek.value = String(this.length ? Math.round((at / this.length) * 1000) : 0);
    this.seek.setAttribute("aria-valuetext", duration(at * 1000));
    this.time.textContent = duration((at > 0 ? at : this.length) * 1000);
    this.speed.textContent = `${speed}×`;
    this.speed.setAttribute("aria-label", t("Speed {speed}×", { speed }));
    const done = this.length ? at / this.length : 0;
    [...this.bars.children].forEach((bar, index) => bar.classList.toggle("is-done", index / BARS < done));
  }

  drawBars() {
    const shape = shapes.get(this.media.id) ?? new Array(BARS).fill(0.1);
    this.bars.replaceChildren(...shape.map((loudness, index) => {
      const height = Math.max(3, loudness * 26);
      return svg("rect", { x: index * 4, y: (28 - height) / 2, width: 2.5, height, rx: 1.25 });
    }));
  }

  /** The picture of the sound, once, when somebody first plays it: never while scrolling. */
  async hear() {
    if (shapes.has(this.media.id) || (this.media.size ?? 0) > LARGEST_TO_DRAW) return;
    shapes.set(this.media.id, new Array(BARS).fill(0.1));
    try {
      const bytes = await (await fetch(this.media.url)).arrayBuffer();
      const heard = await new OfflineAudioContext(1, 1, 16_000).decodeAudioData(bytes);
      shapes.set(this.media.id, loudnessOf(heard.getChannelData(0)));
      players.get(this.media.id)?.drawBars();
      players.get(this.media.id)?.show();
    } catch {
      // A format that plays but cannot be looked into: the even bars stay.
    }
  }
}

/** @param {Float32Array} samples */
function loudnessOf(samples) {
  const step = Math.max(1, Math.floor(samples.length / BARS));
  const peaks = Array.from({ length: BARS }, (_, bar) => {
    let peak = 0;
    for (let at = bar * step; at < (bar + 1) * step && at < samples.length; at += 8) peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    return peak;
  });
  const most = Math.max(...peaks, 0.01);
  return peaks.map((peak) => peak / most);
}

function theSound() {
  if (sound) return sound;
  sound = new Audio();
  sound.preload = "metadata";
  const show = () => (playingId === null ? undefined : players.get(playingId)?.show());
  for (const event of ["play", "pause", "timeupdate", "loadedmetadata", "ended"]) sound.addEventListener(event, show);
  sound.addEventListener("ended", () => {
    if (sound) sound.currentTime = 0;
    show();
  });
  return sound;
}

function faster() {
  speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
  if (sound) sound.playbackRate = speed;
  for (const player of players.values()) player.show();
}

/** Before something else is heard or recorded. */
export function pauseSound() {
  sound?.pause();
}

/** Leave the chat: silence. */
export function stopSound() {
  sound?.pause();
  playingId = null;
  players.clear();
}

/**
 * @param {Media} media
 * @param {number | null} messageId
 */
export function voicePlayer(media, messageId) {
  const player = new Player(media);
  players.set(media.id, player);
  player.node.dataset.of = String(messageId ?? "");
  return player.node;
}
