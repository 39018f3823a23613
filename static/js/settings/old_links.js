// Links of before, when all settings were one page: /settings#google leads to /settings/google.

/** @param {HTMLElement} root the page with the list of pages */
export function followOldLink(root) {
  const anchor = location.hash.slice(1);
  const links = /** @type {HTMLAnchorElement[]} */ ([...root.querySelectorAll("[data-anchors]")]);
  const found = anchor && links.find((link) => link.dataset.anchors?.split(" ").includes(anchor));
  if (found && location.pathname === "/settings") location.replace(found.href);
}
