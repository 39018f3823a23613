// What stands in place of chats where there are none.

import { t } from "../../lib/strings.js";
import { emptyState } from "../../ui/states.js";

/**
 * @param {import("./chat_list.js").ChatList} list
 * @param {{ clearSearch: () => void, showAll: () => void }} acts
 */
export function emptyList({ query, filter }, { clearSearch, showAll }) {
  if (query) {
    const text = t("Nobody with “{query}” in the name or number.", { query });
    return emptyState({
      icon: "search",
      title: t("Nothing found"),
      text,
      action: { label: t("Clear the search"), run: clearSearch },
    });
  }
  if (filter === "all") {
    return emptyState({
      icon: "chat",
      title: t("No chats yet"),
      text: t("As soon as a customer writes, the chat appears here."),
    });
  }
  const title = filter === "unread" ? t("All is read") : t("Nobody is waiting");
  return emptyState({ icon: "check", title, action: { label: t("Show all chats"), run: showAll } });
}
