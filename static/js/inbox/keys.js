// Keys that work anywhere on the page: Escape steps back one thing at a time, typing goes to the composer.

/** @typedef {import("./inbox.js").Inbox} Inbox */

/** @param {Inbox} inbox */
export function listenToKeys(inbox) {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isModal()) return;
    if (event.key === "Escape") escape(inbox, event);
    else if (event.altKey && (event.key === "ArrowDown" || event.key === "ArrowUp")) openNeighbour(inbox, event);
    else if ((event.ctrlKey || event.metaKey) && event.altKey && event.key === "/") {
      event.preventDefault();
      inbox.listView.search.focus();
    } else if (isTyping(event)) inbox.composer.focus();
  });
}

function isModal() {
  return document.querySelector("dialog[open], :popover-open") !== null;
}

/** Recording, quote, search, panel, chat: the nearest thing goes first. @param {Inbox} inbox @param {KeyboardEvent} event */
function escape(inbox, event) {
  if (event.isComposing) return;
  event.preventDefault();
  if (inbox.composer.recorder.isActive) inbox.composer.recorder.mayLeave(() => {});
  else if (inbox.composer.quoted) inbox.composer.dropQuote();
  else if (inbox.listView.search.value) inbox.listView.clearSearch();
  else if (!inbox.details.close() && inbox.chatId !== null) void inbox.leaveChat();
}

/** @param {Inbox} inbox @param {KeyboardEvent} event */
function openNeighbour(inbox, event) {
  const chat = inbox.listView.neighbour(event.key === "ArrowDown" ? 1 : -1);
  if (!chat) return;
  event.preventDefault();
  void inbox.openChat(chat.id);
}

/** @param {KeyboardEvent} event */
function isTyping(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || [...event.key].length !== 1 || event.key === " ") return false;
  const at = document.activeElement;
  return !(at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement || at instanceof HTMLSelectElement);
}
