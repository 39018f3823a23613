// What a bubble of the open chat can ask for.

import { t } from "../../lib/strings.js";
import * as api from "../../net/api.js";
import { toast } from "../../ui/toast.js";
import { showVersions } from "./message_dialogs.js";
import { nextVoice } from "./voice_deck.js";

/** @param {import("./thread.js").Thread} thread @returns {import("./message_view.js").Acts} */
export function messageActs(thread) {
  return {
    jumpTo: (quoted) => void thread.jumpTo(quoted),
    view: (message) => {
      const { list } = thread;
      void thread.view(message, { items: list.all(), older: list.older, newer: list.newer });
    },
    showVersions,
    settle: thread.wires.settle,
    retryMedia: (media) => void retryMedia(media),
    nextVoice: (id) => nextVoice(thread.list.all(), id),
    nameOf: (message) => thread.nameOf(message),
    quoteName: (direction, name) => name ?? (direction === "out" ? t("You") : (thread.chat?.name ?? "")),
    isGroup: () => thread.isGroup,
  };
}

/** @param {Media} media */
async function retryMedia(media) {
  try {
    await api.post(`/api/media/${media.id}/retry`);
  } catch (error) {
    toast(/** @type {Error} */ (error).message);
  }
}
