// What is only worth doing once somebody can see it: one observer for the page.

/** @type {WeakMap<Element, () => void>} */
const waiting = new WeakMap();
/** @type {IntersectionObserver | null} */
let observer = null;

/**
 * Runs once, when the node comes near the screen. A node that leaves the page unseen is forgotten with it.
 * @param {Element} node
 * @param {() => void} run
 */
export function whenSeen(node, run) {
  observer ??= new IntersectionObserver(look, { rootMargin: "200px" });
  waiting.set(node, run);
  observer.observe(node);
}

/** @param {IntersectionObserverEntry[]} entries */
function look(entries) {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    observer?.unobserve(target);
    waiting.get(target)?.();
    waiting.delete(target);
  }
}
