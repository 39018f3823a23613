// Every text that people see goes through `t` or `plural`, so that languages can come without a retrofit.

/** @type {Record<string, string>} English -> the language shown; English is its own key. */
const catalogue = {};

/**
 * The text in the language shown, with its `{name}` places filled.
 * @param {string} text
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(text, values) {
  const shown = catalogue[text] ?? text;
  return values ? shown.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place)) : shown;
}

/**
 * `plural(2, "{count} new message", "{count} new messages")`.
 * @param {number} count
 * @param {string} one
 * @param {string} many
 * @param {Record<string, string | number>} [values]
 */
export function plural(count, one, many, values) {
  return t(count === 1 ? one : many, { count, ...values });
}
