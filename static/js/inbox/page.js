// The inbox: makes its parts and gives each what it needs of the others. What they know in common is in the store.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { Refetcher } from "../net/refetcher.js";
import { need } from "../ui/dom.js";
import { lazily } from "../ui/lazy.js";
import { browserStorage } from "../ui/storage.js";
import { Attention } from "./attention.js";
import { Banner } from "./banner.js";
import { Composer } from "./composer/composer.js";
import { Drafts } from "./composer/drafts.js";
import { Sender } from "./composer/sender.js";
import { Details } from "./details/details.js";
import { listenToKeys } from "./keys.js";
import { ChatListView } from "./list/chat_list_view.js";
import { Navigation } from "./navigation.js";
import { Reading } from "./reading.js";
import { Store } from "./store.js";
import { Sync } from "./sync.js";
import { MessagePages } from "./thread/message_pages.js";
import { Thread } from "./thread/thread.js";
import { ThreadHead } from "./thread/thread_head.js";

const templatePicker = lazily(() => import("./composer/template_picker.js"));
const newChat = lazily(() => import("./list/new_chat.js"));

/**
 * @param {HTMLElement} root
 * @param {Me} me
 */
export async function openInbox(root, me) {
  const store = new Store(me, new Drafts(browserStorage, me.user.id));
  const refetcher = new Refetcher((frame) => store.applyFrame(frame));
  const refetch = (/** @type {number} */ chatId) => {
    refetcher.chat(chatId);
    refetcher.counts();
  };
  const chooseTemplate = () => void openPicker(store, sender);
  const sender = new Sender(store, { refetch, chooseTemplate });
  const unsentOf = (/** @type {number} */ chatId) => sender.unsentOf(chatId);
  const pages = new MessagePages(unsentOf, (id) => refetcher.messages.ask(id));
  const reading = new Reading(root, store, pages);

  const open = (/** @type {number} */ chatId) => void navigation.open(chatId);
  const pane = need(root, "[data-thread]");
  const list = new ChatListView(root, store, { open, unsentOf });
  const head = new ThreadHead(need(pane, "[data-thread-head]"), store, {
    leave: () => void navigation.leave(),
    toggleDetails: () => details.toggle(),
  });
  const composer = new Composer(
    need(pane, "[data-composer]"),
    store,
    { sender, chooseTemplate, focusLastAnswer: () => thread.focusLastAnswer() },
    pane,
  );
  const thread = new Thread(pane, store, {
    pages,
    reading,
    settle: (message, act) => void sender.settle(message, act),
    dress: (message) => sender.dress(message),
    quote: (message, name) => composer.quoteMessage(message, name),
    uncover: () => details.uncover(),
  });
  const details = new Details(need(root, "[data-details]"), store, root, {
    thread,
    refetch,
    focusBack: () => head.person.focus(),
  });
  const navigation = new Navigation(root, store, composer);
  const sync = new Sync(store, refetcher, () => sender.outbox.hurry());
  const banner = new Banner(need(document, "[data-banner]"), store);
  new Attention(root, store, reading, open);

  listenToKeys({ store, navigation, list, composer, details });
  followTabs(store);
  const { signal } = reading;
  store.on("reply", () => root.classList.toggle("can-reply", store.canReply), signal); // bubbles offer Reply only while one can
  need(root, "[data-new-chat]").addEventListener("click", () => void openNewChat(store, navigation));

  const listed = list.load();
  await navigation.openAddress();
  await thread.opened;
  await listed;
  // From the seq that the account's answer told: what changed while the page was loading is fetched again.
  sync.feed.start(me.seq);
  sender.outbox.resume();
  void refetcher.count();
  void banner.refresh();
  root.dataset.ready = "true";
}

/** @param {Store} store @param {Sender} sender */
async function openPicker(store, sender) {
  const { chat } = store;
  if (!chat) return;
  const title = t("Send a template to {name}", { name: chat.name });
  await templatePicker(({ openTemplatePicker }) =>
    openTemplatePicker({ title, send: (choice) => sender.sendTemplate(chat, choice) }),
  );
}

/** @param {Store} store @param {Navigation} navigation */
function openNewChat(store, navigation) {
  return newChat((module) =>
    module.openNewChat(async (body) => {
      const asked = store.moment();
      const { message } = await api.post("/api/send", body);
      store.applyAnswer({ messages: [message] }, asked);
      await navigation.open(message.conversation_id);
    }),
  );
}

/** Another tab wrote a draft. @param {Store} store */
function followTabs(store) {
  addEventListener("storage", ({ key }) => {
    const chatId = key ? store.drafts.reread(key) : null;
    if (chatId !== null) store.touch("drafts", chatId);
  });
}
