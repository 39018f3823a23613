// DOM nodes built by code: the page's policy allows no HTML strings, and text can then never become markup.

const SVG = "http://www.w3.org/2000/svg";

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * `el("button.icon-button", { "aria-label": "Send", onclick: send }, icon("send"))`.
 * A value of null, undefined or false leaves the attribute out; true sets it empty; `on...` adds a listener.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K | `${K}.${string}`} selector tag name and classes
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(selector, attributes = {}, ...children) {
  const [tag, ...classes] = selector.split(".");
  const node = /** @type {any} */ (document.createElement(/** @type {string} */ (tag)));
  if (classes.length) node.className = classes.join(" ");
  setAttributes(node, attributes);
  append(node, children);
  return node;
}

/**
 * @param {Element} node
 * @param {Record<string, any>} attributes
 */
function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) node.removeAttribute(name);
    else if (name.startsWith("on") && typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (name === "class") node.classList.add(...String(value).split(/\s+/).filter(Boolean));
    else node.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * @param {ParentNode} node
 * @param {(Child | Child[])[]} children
 */
export function append(node, children) {
  for (const child of children.flat()) if (child !== null && child !== undefined && child !== false) node.append(child);
}

/**
 * Empty the node and fill it anew.
 * @template {Element} T
 * @param {T} node
 * @param {...(Child | Child[])} children
 * @returns {T}
 */
export function refill(node, ...children) {
  node.replaceChildren();
  append(node, children);
  return node;
}

/**
 * The wanted nodes in the wanted order, moving as few as possible: a moved node loses focus and playback.
 * @param {Element} parent
 * @param {Element[]} nodes
 */
export function arrange(parent, nodes) {
  const kept = new Set(nodes);
  for (const node of [...parent.children]) if (!kept.has(node)) node.remove();
  let place = parent.firstElementChild;
  for (const node of nodes) {
    if (node === place) place = node.nextElementSibling;
    else parent.insertBefore(node, place);
  }
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {...Element} children
 */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * The one element that must be there; a page without it is a mistake of ours.
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function need(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`The page has no ${selector}`);
  return /** @type {HTMLElement} */ (found);
}

const LATE = 100; // ms: no frame comes any more, the page has just been hidden

/** Before the screen is drawn next; at once in a page that nobody sees, which is not drawn. @param {() => void} run */
export function onNextFrame(run) {
  if (document.hidden) return run();
  let isDone = false;
  const once = () => {
    if (!isDone) run();
    isDone = true;
  };
  requestAnimationFrame(once);
  setTimeout(once, LATE);
  return undefined;
}

/**
 * A function that runs once in the next frame however often it is asked to.
 * @param {() => void} run
 */
export function oncePerFrame(run) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      run();
    });
  };
}
