// WhatsApp's markup and links as a tree of plain values. Pure and in linear time: texts come from strangers.
//
// A marker opens when no letter, digit or the same marker stands before it and no space after it; it closes when no space
// stands before it and no letter or digit after it. Code wins over other markers, a web address is one piece.

/**
 * @typedef {{ kind: "text", text: string } | { kind: "code", text: string } | { kind: "link", text: string, href: string }
 *   | { kind: "strong" | "em" | "s", children: Inline[] }} Inline
 * @typedef {{ kind: "line", children: Inline[] } | { kind: "quote" | "ul" | "ol", items: Inline[][], start?: number }
 *   | { kind: "pre", text: string }} Block
 * @typedef {{ marker: string, opens: boolean, closes: boolean, partner: number }} Marker
 * @typedef {Inline | Marker} Token
 */

/** @type {Record<string, "strong" | "em" | "s">} */
const MARKERS = { "*": "strong", _: "em", "~": "s" };
const WORD = /[\p{L}\p{N}]/u;
// An address ends at white space, quotes, and at CJK or full-width characters: people write on without a space there.
const ADDRESS = '[^\\s<>"`\\u2e80-\\u9fff\\uac00-\\ud7af\\uf900-\\ufaff\\ufe30-\\ufe4f\\uff00-\\uffef]{1,2000}';
const EMAIL = "(?<![\\w.%+-])[\\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\\.[A-Za-z0-9-]{1,63}){1,8}";
const PIECES = new RegExp(`\`([^\`\\n]+)\`|(?<![A-Za-z0-9])(?:https?://|www\\.)${ADDRESS}|${EMAIL}|[*_~]`, "giu");
const CLOSERS = /** @type {Record<string, string>} */ ({ ")": "(", "]": "[", "}": "{" });
const MOST_LINES = 5000;

/**
 * @param {string} text
 * @returns {Block[]}
 */
export function parse(text) {
  /** @type {Block[]} */
  const blocks = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf("```", at);
    const close = open < 0 ? -1 : text.indexOf("```", open + 4);
    const plain = close < 0 ? text.slice(at) : text.slice(at, open);
    if (plain) readLines(close < 0 ? plain : plain.replace(/\n$/, ""), blocks);
    if (close < 0) break;
    blocks.push({ kind: "pre", text: text.slice(open + 3, close).replace(/^\n|\n$/g, "") });
    at = close + 3;
    if (text[at] === "\n") at += 1;
  }
  return blocks;
}

/**
 * @param {string} text
 * @param {Block[]} blocks
 */
function readLines(text, blocks) {
  const lines = text.split("\n", MOST_LINES + 1);
  for (const line of lines.slice(0, MOST_LINES)) readLine(line, blocks);
  if (lines.length > MOST_LINES) {
    const rest = text.split("\n").slice(MOST_LINES).join("\n"); // nobody reads that far: kept, not dressed
    blocks.push({ kind: "line", children: [{ kind: "text", text: rest }] });
  }
}

/**
 * @param {string} line
 * @param {Block[]} blocks
 */
function readLine(line, blocks) {
  const listed = /^(?:(>) ?(?=\S)|([-*]) (?=\S)|(\d{1,3})\. (?=\S))/.exec(line);
  if (!listed) {
    blocks.push({ kind: "line", children: parseInline(line) });
    return;
  }
  const kind = listed[1] ? "quote" : listed[2] ? "ul" : "ol";
  const item = parseInline(line.slice(listed[0].length));
  const last = blocks.at(-1);
  if (last && last.kind === kind) last.items.push(item);
  else blocks.push(kind === "ol" ? { kind, items: [item], start: Number(listed[3]) } : { kind, items: [item] });
}

/**
 * One line. Exported for the previews, which have one line only.
 * @param {string} line
 * @returns {Inline[]}
 */
export function parseInline(line) {
  const tokens = tokenise(line);
  pair(tokens);
  return build(tokens, 0, tokens.length);
}

/**
 * @param {string} line
 * @returns {Token[]}
 */
function tokenise(line) {
  /** @type {Token[]} */
  const tokens = [];
  let done = 0;
  /** @param {number} until */
  const flush = (until) => {
    if (until > done) tokens.push({ kind: "text", text: line.slice(done, until) });
  };
  for (const match of line.matchAll(PIECES)) {
    const [found, code] = match;
    if (match.index < done) continue; // inside a piece that was cut shorter: already text
    if (found in MARKERS) {
      flush(match.index);
      tokens.push(markerAt(line, match.index));
      done = match.index + 1;
    } else if (code !== undefined) {
      if (!code.trim()) continue;
      flush(match.index);
      tokens.push({ kind: "code", text: code });
      done = match.index + found.length;
    } else {
      const link = readLink(found);
      if (!link) continue;
      flush(match.index);
      tokens.push(link);
      done = match.index + link.text.length;
      addMarkers(line, done, match.index + found.length, tokens);
      done = match.index + found.length;
    }
  }
  flush(line.length);
  return tokens;
}

/**
 * What was cut off the end of an address: punctuation, and markers that close something around it.
 * @param {string} line
 * @param {number} from
 * @param {number} until
 * @param {Token[]} tokens
 */
function addMarkers(line, from, until, tokens) {
  for (let at = from; at < until; at += 1) {
    const letter = /** @type {string} */ (line[at]);
    tokens.push(letter in MARKERS ? markerAt(line, at) : { kind: "text", text: letter });
  }
}

/**
 * @param {string} line
 * @param {number} at
 * @returns {Marker}
 */
function markerAt(line, at) {
  const marker = /** @type {string} */ (line[at]);
  const before = line[at - 1] ?? " ";
  const after = line[at + 1] ?? " ";
  return {
    marker,
    opens: !WORD.test(before) && before !== marker && !/\s/.test(after),
    closes: !/\s/.test(before) && !WORD.test(after) && before !== marker,
    partner: -1,
  };
}

/**
 * Match openers with closers. At most one marker of a kind is open at a time, so each step is constant.
 * @param {Token[]} tokens
 */
function pair(tokens) {
  /** @type {number[]} */
  const open = [];
  tokens.forEach((token, at) => {
    if (!("marker" in token)) return;
    const depth = open.findIndex((other) => /** @type {Marker} */ (tokens[other]).marker === token.marker);
    if (depth >= 0 && token.closes) {
      const opener = /** @type {number} */ (open[depth]);
      /** @type {Marker} */ (tokens[opener]).partner = at;
      token.partner = opener;
      open.length = depth; // what was opened inside and not closed stays text
    } else if (depth < 0 && token.opens) {
      open.push(at);
    }
  });
}

/**
 * @param {Token[]} tokens
 * @param {number} from
 * @param {number} until
 * @returns {Inline[]}
 */
function build(tokens, from, until) {
  /** @type {Inline[]} */
  const inlines = [];
  /** @param {string} text */
  const addText = (text) => {
    const last = inlines.at(-1);
    if (last?.kind === "text") last.text += text;
    else inlines.push({ kind: "text", text });
  };
  for (let at = from; at < until; at += 1) {
    const token = /** @type {Token} */ (tokens[at]);
    if (!("marker" in token)) {
      if (token.kind === "text") addText(token.text);
      else inlines.push(token);
    } else if (token.partner > at) {
      inlines.push({ kind: /** @type {"strong"} */ (MARKERS[token.marker]), children: build(tokens, at + 1, token.partner) });
      at = token.partner;
    } else {
      addText(token.marker);
    }
  }
  return inlines;
}

/**
 * @param {string} found
 * @returns {{ kind: "link", text: string, href: string } | null}
 */
function readLink(found) {
  const text = withoutTail(found);
  const isAddress = /^(?:https?:\/\/|www\.)/i.test(text);
  if (!isAddress) return { kind: "link", text, href: `mailto:${text}` };
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    const isWeb = url.protocol === "http:" || url.protocol === "https:";
    return isWeb && /[^.]\.[^.]/.test(url.hostname) ? { kind: "link", text, href: url.href } : null;
  } catch {
    return null;
  }
}

/**
 * The sentence's punctuation is not the address's; a closing bracket is when its opening one is inside.
 * @param {string} found
 */
function withoutTail(found) {
  /** @type {Record<string, number>} */
  const count = {};
  for (const letter of found) if ("()[]{}".includes(letter)) count[letter] = (count[letter] ?? 0) + 1;
  let end = found.length;
  for (; end > 0; end -= 1) {
    const letter = /** @type {string} */ (found[end - 1]);
    const opener = CLOSERS[letter];
    if (opener) {
      if ((count[letter] ?? 0) <= (count[opener] ?? 0)) break;
      count[letter] = (count[letter] ?? 1) - 1;
    } else if (!".,;:!?'*_~…".includes(letter)) break;
  }
  return found.slice(0, end);
}

const segmenter = "Segmenter" in Intl ? new Intl.Segmenter() : null;
const ONLY_EMOJI =
  /^(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|[\u200d\ufe0f\u20e3\s]|[\u{e0020}-\u{e007f}])+$/u;

/**
 * 1 to 3 when the text is nothing but so many emoji, else 0.
 * @param {string} text
 */
export function emojiCount(text) {
  const trimmed = text.trim();
  if (!trimmed || trimmed.length > 60 || !ONLY_EMOJI.test(trimmed) || !segmenter) return 0;
  const count = [...segmenter.segment(trimmed)].filter(({ segment }) => segment.trim()).length;
  return count <= 3 ? count : 0;
}
