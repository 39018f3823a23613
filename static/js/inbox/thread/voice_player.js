// Voice messages and other sound: play, seek, speed, and on to the next voice message. One <audio> for the page, so that only
// one plays, and goes on playing while its bubble is scrolled away and drawn again.

import { BARS } from "../../lib/peaks.js";
import { t } from "../../lib/strings.js";
import { duration } from "../../lib/time.js";
import { el, svg } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { whenSeen } from "../../ui/in_sight.js";
import { browserStorage } from "../../ui/storage.js";
import { toast } from "../../ui/toast.js";
import { VoiceDeck } from "./voice_deck.js";
import { makeWaveform } from "./waveforms.js";

const HEIGHT = 28; // of the drawing, as in media.css
const LOWEST = 3;

/**
 * @typedef {(messageId: number | null) => Message | null} Follow which voice message comes directly after that one
 * @typedef {{ media: Media, messageId: number | null, follow: Follow }} Playing
 */

const deck = new VoiceDeck(browserStorage);
/** @type {HTMLAudioElement | null} */
let sound = null;
/** @type {Playing | null} */
let playing = null;
/** @type {Map<number, Player>} the players in the page, by media id */
const players = new Map();

class Player {
  /** @param {Media} media @param {number | null} messageId @param {Follow} follow */
  constructor(media, messageId, follow) {
    this.media = media;
    this.messageId = messageId;
    this.follow = follow;
    this.length = (media.duration_ms ?? 0) / 1000;
    this.button = el("button.play-button", { type: "button", onclick: () => this.toggle() });
    this.bars = svg("svg", {
      class: "sound-bars",
      viewBox: `0 0 ${BARS * 4} ${HEIGHT}`,
      preserveAspectRatio: "none",
      "aria-hidden": "true",
    });
    this.seek = el("input.sound-seek", {
      type: "range",
      min: 0,
      step: "any",
      "aria-label": t("Position"),
      oninput: () => this.jump(Number(this.seek.value)),
    });
    this.seek.addEventListener("keydown", (event) => this.onKey(event));
    this.time = el("span.sound-time");
    this.speed = el("button.speed-button", { type: "button", onclick: faster });
    this.node = el(
      "div.voice",
      {},
      this.button,
      el("div.sound-middle", {}, el("div.sound-track", {}, this.bars, this.seek), this.time),
      this.speed,
    );
    this.drawBars(media.peaks);
    this.show();
    if (media.voice) whenSeen(this.node, () => this.askForWaveform());
  }

  get isCurrent() {
    return playing?.media.id === this.media.id;
  }

  toggle() {
    if (this.isCurrent && sound && !sound.paused) return sound.pause();
    play(this);
    this.askForWaveform({ first: true });
  }

  /** @param {{ first?: boolean }} [how] */
  askForWaveform(how) {
    if (!how?.first && /** @type {any} */ (navigator).connection?.saveData) return;
    const { media } = this;
    makeWaveform({ media, isWanted: () => this.node.isConnected, show: (peaks) => showPeaks({ ...media, peaks }) }, how);
  }

  /** @param {number} seconds */
  jump(seconds) {
    const at = Math.min(Math.max(seconds, 0), this.length);
    if (this.isCurrent && sound) sound.currentTime = at;
    else deck.keep(this.media.id, at, this.length);
    this.showTime();
  }

  /** Steps that one can hear; the browser's own would be a hundredth of the whole. @param {KeyboardEvent} event */
  onKey(event) {
    const step = this.length > 60 ? 5 : 1;
    const by = { ArrowLeft: -step, ArrowDown: -step, ArrowRight: step, ArrowUp: step }[event.key];
    if (by === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.jump(this.at + by);
  }

  get at() {
    return this.isCurrent && sound ? sound.currentTime : deck.positionOf(this.media.id);
  }

  show() {
    const isPlaying = this.isCurrent && sound !== null && !sound.paused;
    if (this.isCurrent && sound && Number.isFinite(sound.duration) && sound.duration > 0) this.length = sound.duration;
    this.button.setAttribute("aria-label", isPlaying ? t("Pause") : this.media.voice ? t("Play the voice message") : t("Play"));
    this.button.replaceChildren(icon(isPlaying ? "pause" : "play"));
    this.speed.textContent = `${deck.speed}×`;
    this.speed.setAttribute("aria-label", t("Speed {speed}×", { speed: deck.speed }));
    this.seek.max = String(this.length || 1);
    this.seek.disabled = this.length === 0;
    this.showTime();
  }

  showTime() {
    const { at, length } = this;
    this.seek.value = String(at);
    this.seek.setAttribute(
      "aria-valuetext",
      t("{at} of {length}", { at: duration(at * 1000), length: duration(length * 1000) }),
    );
    this.time.textContent = duration((at > 0 ? at : length) * 1000);
    const done = length ? (at / length) * BARS : 0;
    [...this.bars.children].forEach((bar, index) => bar.classList.toggle("is-done", index < done));
  }

  /** Flat until the sound has been heard by somebody; the place is the same. @param {number[] | null | undefined} peaks */
  drawBars(peaks) {
    const shape = peaks ?? new Array(BARS).fill(0);
    this.bars.replaceChildren(
      ...shape.map((loudness, index) => {
        const height = Math.max(LOWEST, (loudness / 255) * (HEIGHT - 2));
        return svg("rect", { x: index * 4, y: (HEIGHT - height) / 2, width: 2.5, height, rx: 1.25 });
      }),
    );
  }
}

/** @param {Playing} wanted */
function play(wanted) {
  const audio = theSound();
  if (playing?.media.id !== wanted.media.id) {
    keepPosition();
    const before = playing;
    playing = wanted;
    audio.src = wanted.media.url;
    audio.currentTime = deck.positionOf(wanted.media.id);
    if (before) players.get(before.media.id)?.show();
  }
  audio.playbackRate = deck.speed;
  audio.play().catch((error) => {
    if (error.name !== "AbortError") toast(t("This browser cannot play this file. Download it instead.")); // aborted: another one was started
  });
}

function keepPosition() {
  if (playing && sound) deck.keep(playing.media.id, sound.currentTime, sound.duration || 0);
}

const current = () => (playing ? players.get(playing.media.id) : undefined);

function theSound() {
  if (sound) return sound;
  sound = new Audio();
  sound.preload = "metadata";
  for (const event of ["play", "pause", "loadedmetadata"]) sound.addEventListener(event, () => current()?.show());
  sound.addEventListener("timeupdate", () => current()?.showTime());
  sound.addEventListener("play", glide);
  sound.addEventListener("ended", ended);
  return sound;
}

/** The browser tells the time four times a second; in a short message that is five bars at once. */
function glide() {
  current()?.showTime();
  if (sound && !sound.paused) requestAnimationFrame(glide);
}

function ended() {
  const before = playing;
  if (!sound || !before) return;
  keepPosition();
  playing = null;
  players.get(before.media.id)?.show();
  const next = before.follow(before.messageId);
  if (!next?.media) return;
  deck.positions.delete(next.media.id); // played on, it begins at its beginning
  play({ media: next.media, messageId: next.id, follow: before.follow });
  current()?.askForWaveform({ first: true });
}

function faster() {
  deck.faster();
  if (sound) sound.playbackRate = deck.speed;
  for (const player of players.values()) player.show();
}

/** Before something else is heard or recorded. */
export function pauseSound() {
  sound?.pause();
}

/** Leave the chat: silence, and where one was is known when it is opened again. */
export function stopSound() {
  keepPosition();
  sound?.pause();
  playing = null;
  players.clear();
}

/** A colleague's browser has made the picture of this sound, or ours has. @param {Media} media */
export function showPeaks(media) {
  const player = players.get(media.id);
  if (!player) return;
  player.media = media;
  player.drawBars(media.peaks);
  player.showTime();
}

/**
 * @param {Media} media
 * @param {number | null} messageId
 * @param {Follow} follow
 */
export function voicePlayer(media, messageId, follow) {
  const player = new Player(media, messageId, follow);
  players.set(media.id, player);
  return player.node;
}
