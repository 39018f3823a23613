// The picture of a voice message: made once, by the first browser that plays it or has it in sight with nothing else to do,
// and kept by the server for all others. One at a time, and never while somebody scrolls past.

import { peaksOf } from "../../lib/peaks.js";
import * as api from "../../net/api.js";

const LARGEST = 2_000_000; // bytes
const LONGEST = 15 * 60_000; // ms; the server keeps none of a longer sound
const RATE = 8000; // Hz: a minute of it takes 2 MB

/** @typedef {{ media: Media, isWanted: () => boolean, show: (peaks: number[]) => void }} Task */

/** @type {Set<number>} media ids that need no second try */
const tried = new Set();
/** @type {Task[]} */
const queue = [];
let isBusy = false;

/**
 * @param {Task} task `isWanted`: still in the page when its turn comes
 * @param {{ first?: boolean }} [how] first: somebody listens to it now
 */
export function makeWaveform(task, { first = false } = {}) {
  const { media } = task;
  if (media.peaks || tried.has(media.id) || (media.size ?? 0) > LARGEST || (media.duration_ms ?? 0) > LONGEST) return;
  if (first) queue.unshift(task);
  else queue.push(task);
  if (!isBusy) next();
}

function next() {
  const task = queue.shift();
  isBusy = task !== undefined;
  if (!task) return;
  whenIdle(() => {
    if (tried.has(task.media.id) || !task.isWanted()) return next();
    tried.add(task.media.id);
    void make(task).finally(next);
  });
}

/** @param {Task} task */
async function make({ media, show }) {
  try {
    const bytes = await (await fetch(media.url)).arrayBuffer();
    const heard = await new OfflineAudioContext(1, 1, RATE).decodeAudioData(bytes);
    const peaks = peaksOf(heard.getChannelData(0));
    show(peaks);
    const kept = await api.post(`/api/media/${media.id}/peaks`, { peaks });
    show(kept.media.peaks);
  } catch {
    // A format that plays but cannot be looked into, or no line to the server: the even bars stay, or ours.
  }
}

/** @param {() => void} run */
function whenIdle(run) {
  if ("requestIdleCallback" in window) requestIdleCallback(run, { timeout: 3000 });
  else setTimeout(run, 300); // Safari
}
