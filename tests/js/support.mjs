// A storage and a clock for the tests of the models.

/** localStorage in a Map; values travel as JSON, as in the browser. */
export function memory() {
  const kept = new Map();
  return {
    load: (key) => JSON.parse(kept.get(key) ?? "null"),
    save: (key, value) => (value === null ? kept.delete(key) : kept.set(key, JSON.stringify(value))),
    keysOf: (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
  };
}

/** Timers that run when told to: `await clock.pass(1000)`. */
export function fakeClock() {
  let now = 0;
  let timers = [];
  return {
    now: () => now,
    setTimer(run, ms) {
      const timer = { at: now + ms, run };
      timers.push(timer);
      return timer;
    },
    clearTimer(timer) {
      timers = timers.filter((other) => other !== timer);
    },
    async pass(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        timers.sort((a, b) => a.at - b.at);
        if (!timers.length || timers[0].at > end) break;
        const timer = timers.shift();
        now = timer.at;
        timer.run();
        await settle();
      }
      now = end;
    },
  };
}

/** Let every promise that can go on go on. */
export async function settle() {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
