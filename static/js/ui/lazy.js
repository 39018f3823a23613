// Modules that the first screen does not need. They come when the browser has nothing else to do, or when they are asked for,
// whichever is first: so nobody waits for them, and nobody waits for the page because of them.

import { t } from "../lib/strings.js";
import { toast } from "./toast.js";

/**
 * @template M
 * @param {() => Promise<M>} load such as `() => import("./tray.js")`
 * @returns {<T>(use: (module: M) => T) => Promise<T | undefined>} says so when the module cannot be fetched
 */
export function lazily(load) {
  /** @type {Promise<M> | null} */
  let asked = null;
  const get = () => (asked ??= load());
  const fetchQuietly = () => void get().catch(() => (asked = null));
  whenIdle(fetchQuietly);
  return async (use) => {
    let module;
    try {
      module = await get();
    } catch {
      asked = null;
      toast(t("This could not be loaded"));
      return undefined;
    }
    return use(module);
  };
}

/** After the page has loaded, in a pause. Safari has no word for a pause. @param {() => void} run */
function whenIdle(run) {
  const soon = () =>
    "requestIdleCallback" in globalThis ? requestIdleCallback(run, { timeout: 5000 }) : setTimeout(run, 1000);
  if (document.readyState === "complete") soon();
  else addEventListener("load", soon, { once: true });
}
