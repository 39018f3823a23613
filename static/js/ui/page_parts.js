// Parts of the page that features bring along: a script exports `addPart(place, store)`, which appends its element to `place`
// and returns a `Part`.

/**
 * Each is loaded by itself: one that fails must not take the others with it.
 * @param {string} addresses of scripts, parted by spaces
 * @param {HTMLElement} place
 * @param {import("./part.js").Watched<any>} store
 */
export function addParts(addresses, place, store) {
  for (const address of addresses.split(" ").filter(Boolean)) {
    import(address).then((script) => script.addPart(place, store)).catch(reportError);
  }
}
