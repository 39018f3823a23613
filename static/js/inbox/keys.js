// Keys that work anywhere on the page: Escape steps back one thing at a time, typing goes to the composer.

/**
 * @typedef {object} Parts
 * @property {import("./store.js").Store} store
 * @property {import("./navigation.js").Navigation} navigation
 * @property {import("./list/chat_list_view.js").ChatListView} list
 * @property {import("./composer/composer.js").Composer} composer
 * @property {import("./details/details.js").Details} details
 */

/** @param {Parts} parts */
export function listenToKeys(parts) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isModal()) return;
    if (event.key === "Escape") escape(parts, event);
    else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) openNeighbour(parts, event);
    else if ((event.ctrlKey || event.metaKey) && event.altKey && event.key === "/") {
      event.preventDefault();
      parts.list.search.focus();
    } else if (isTyping(event)) parts.composer.focus();
  });
}

function isModal() {
  return document.querySelector("dialog[open], :popover-open") !== null;
}

/** Recording, quote, search, panel, chat: the nearest thing goes first. @param {Parts} parts @param {KeyboardEvent} event */
function escape({ store, navigation, list, composer, details }, event) {
  if (event.isComposing) return;
  event.preventDefault();
  if (composer.isRecording) composer.mayLeave(() => {});
  else if (composer.quoted) composer.dropQuote();
  else if (list.search.value) list.clearSearch();
  else if (!details.close() && store.openId !== null) void navigation.leave();
}

/** @param {Parts} parts @param {KeyboardEvent} event */
function openNeighbour({ list, navigation }, event) {
  const chat = list.neighbour(event.key === "ArrowDown" ? 1 : -1);
  if (!chat) return;
  event.preventDefault();
  void navigation.open(chat.id);
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || [...event.key].length !== 1 || event.key === " ") return false;
  const at = document.activeElement;
  return !(at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement);
}
