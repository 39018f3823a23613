// localStorage that may be blocked or full: then the page works, and only forgets.

/**
 * @param {string} key
 * @returns {any} the parsed value, null when there is none
 */
export function load(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {unknown} value null removes
 */
export function save(key, value) {
  try {
    if (value === null || value === undefined) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Blocked or full: see above.
  }
}

/**
 * @param {string} prefix
 * @returns {string[]}
 */
export function keysOf(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [];
  }
}

/** What models get: the three verbs, replaceable by a Map in tests. */
export const browserStorage = { load, save, keysOf };
