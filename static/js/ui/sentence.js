// A sentence with nodes in its places, so that a translation may put them where its language wants them.

/**
 * `sentence(t("Reply window closes in {left}"), { left: el("b", {}, "2 h") })`.
 * @param {string} text with its `{name}` places
 * @param {Record<string, Node>} nodes
 * @returns {(Node | string)[]}
 */
export function sentence(text, nodes) {
  return text
    .split(/\{(\w+)\}/)
    .map((piece, at) => (at % 2 ? (nodes[piece] ?? `{${piece}}`) : piece))
    .filter((piece) => piece !== "");
}
