// Message templates: filled in as people type, searched.

const PLACE = /\{\{\s*([0-9A-Za-z_]{1,100})\s*\}\}/g;

/**
 * The text of one part with its places filled; an empty one stays visible as it is. In one pass: a value that looks like a
 * place stays as it is.
 * @param {MessageTemplate} template
 * @param {string} where "header", "body", "button:0"
 * @param {string} text
 * @param {Record<string, string>} values by key
 */
export function fill(template, where, text, values) {
  return text.replace(PLACE, (place, name) => {
    const here = template.variables.find((one) => one.where === where && one.placeholder === name);
    const variable = here ?? template.variables.find((one) => one.placeholder === name);
    return (variable && values[variable.key]) || place;
  });
}

/**
 * What the customer will read, for the bubble that is shown before the server has answered.
 * @param {MessageTemplate} template
 * @param {Record<string, string>} values
 */
export function filledText(template, values) {
  const header = template.header?.format === "TEXT" ? fill(template, "header", template.header.text, values) : "";
  return [header, fill(template, "body", template.body, values), template.footer ?? ""].filter(Boolean).join("\n");
}

/**
 * @param {MessageTemplate[]} templates
 * @param {string} query
 */
export function searchTemplates(templates, query) {
  const wanted = query.trim().toLowerCase();
  return templates.filter(
    (one) =>
      !wanted || `${one.name.replaceAll("_", " ")} ${one.name} ${one.body} ${one.language}`.toLowerCase().includes(wanted),
  );
}
