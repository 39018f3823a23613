// Every text that people see goes through `t` or `plural`, written out in the call: tools/extract-words collects them.
// Other languages are modules of static/js/words, which call `speak` before the page's own scripts run.

/** @type {Record<string, string | string[]>} English -> the language shown; of a plural, English's first form -> all forms. */
let catalogue = {};
let tag = "en-GB"; // as <html lang> says it
/** @type {(count: number) => number} Which form of a plural. */
let form = (count) => Number(count !== 1);

/**
 * @param {string} language
 * @param {Record<string, string | string[]>} texts
 * @param {(count: number) => number} whichForm
 */
export function speak(language, texts, whichForm) {
  [tag, catalogue, form] = [language, texts, whichForm];
}

/** The language shown, for Intl. */
export const language = () => tag;

/**
 * The text in the language shown, with its `{name}` places filled.
 * @param {string} text
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(text, values) {
  const shown = catalogue[text] ?? text;
  return filled(typeof shown === "string" ? shown : text, values);
}

/**
 * `plural(2, "{count} new message", "{count} new messages")`.
 * @param {number} count
 * @param {string} one
 * @param {string} many
 * @param {Record<string, string | number>} [values]
 */
export function plural(count, one, many, values) {
  const forms = catalogue[one];
  const shown = Array.isArray(forms) ? forms[form(count)] : undefined;
  return filled(shown ?? (count === 1 ? one : many), { count, ...values });
}

/** @param {string} text @param {Record<string, string | number>} [values] */
function filled(text, values) {
  return values ? text.replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place)) : text;
}
