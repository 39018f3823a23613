// Boots the inbox.

import { ApiError } from "../net/api.js";
import { account } from "../ui/account.js";
import { need } from "../ui/dom.js";
import { errorState, rowSkeletons } from "../ui/states.js";
import { openInbox } from "./page.js";

const root = need(document, "[data-inbox]");
const state = need(root, "[data-list-state]");

async function boot() {
  state.replaceChildren(rowSkeletons(9));
  try {
    const me = await account();
    await openInbox(root, me);
  } catch (error) {
    state.replaceChildren(errorState(/** @type {Error} */ (error), () => void boot()));
    if (!(error instanceof ApiError)) throw error;
  }
}

// A file dropped beside the conversation would replace the page with itself.
for (const kind of ["dragover", "drop"]) {
  document.addEventListener(kind, (event) => {
    const { dataTransfer } = /** @type {DragEvent} */ (event);
    if (event.defaultPrevented || !dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    dataTransfer.dropEffect = "none";
  });
}

void boot();
