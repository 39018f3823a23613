// After a change of the connection the program starts afresh: wait until a fresh process answers, then load the page anew.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";

const BETWEEN = 500; // ms
const MOST_TRIES = 60;

/**
 * @param {HTMLElement} place where to say so
 * @param {"now" | "by_hand"} restart
 * @param {string} run of the process that is to end
 */
export async function awaitRestart(place, restart, run) {
  const say = (/** @type {string} */ words) => refill(place, el("p.banner", { role: "status" }, words));
  if (restart === "by_hand") {
    say(t("Saved. Restart the program now: it cannot do so by itself here."));
    return;
  }
  say(t("Saved. The inbox starts afresh, this takes a moment…"));
  if (await freshProcess(run)) location.reload();
  else say(t("Saved, but the inbox does not answer. Look at its log, or restart it."));
}

/**
 * True as soon as another process answers; the old one still does for a moment, on connections that are open.
 * @param {string} run
 * @param {{ ask?: () => Promise<{ run: string }>, pause?: (ms: number) => Promise<unknown> }} [how]
 */
export async function freshProcess(run, { ask = () => api.get("/api/numbers"), pause = sleep } = {}) {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    await pause(BETWEEN);
    const now = await ask().catch(() => null);
    if (now && now.run !== run) return true;
  }
  return false;
}

/** @param {number} ms */
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
