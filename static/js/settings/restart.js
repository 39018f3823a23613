// After a change of the connection the program starts afresh: wait until it answers again, then load the page anew.

import * as api from "../lib/api.js";
import { t } from "../lib/strings.js";
import { toast } from "../lib/toast.js";

const BEFORE_ASKING = 1500; // ms: the old process no longer takes calls then
const BETWEEN = 500;
const MOST_TRIES = 60;

/**
 * @param {"now" | "by_hand"} restart
 * @param {() => void} [reload]
 * @returns {Promise<void>}
 */
export async function awaitRestart(restart, reload = () => location.reload()) {
  if (restart === "by_hand") {
    toast(t("Saved. Restart the program now: it cannot do so by itself here."));
    return;
  }
  toast(t("Saved. The inbox starts afresh, this takes a moment…"));
  await pause(BEFORE_ASKING);
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    try {
      await api.get("/healthz");
      return reload();
    } catch {
      await pause(BETWEEN);
    }
  }
  toast(t("The inbox does not answer. Look at its log."));
}

/** @param {number} ms */
const pause = (ms) => new Promise((done) => setTimeout(done, ms));
