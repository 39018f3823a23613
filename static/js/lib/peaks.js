// A sound as a row of bars: how loud each part of it is.

export const BARS = 64;
const STEP = 4; // of the samples, every fourth is looked at: at 8 kHz that is still 2,000 a second

/**
 * @param {ArrayLike<number>} samples -1 to 1
 * @returns {number[]} BARS whole numbers 0 to 255, the loudest bar 255; silence is all 0
 */
export function peaksOf(samples) {
  const loudness = Array.from({ length: BARS }, (_, bar) => {
    const [from, until] = [Math.floor((bar * samples.length) / BARS), Math.floor(((bar + 1) * samples.length) / BARS)];
    let peak = 0;
    for (let at = from; at < until; at += STEP) peak = Math.max(peak, Math.abs(samples[at] ?? 0));
    return peak;
  });
  const most = Math.max(...loudness);
  return loudness.map((peak) => (most > 0.001 ? Math.round((peak / most) * 255) : 0));
}
