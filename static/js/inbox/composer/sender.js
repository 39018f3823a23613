// Sending: a bubble at once, the server's copy when it comes, the reason when it is refused.

import { t } from "../../lib/strings.js";
import * as api from "../../net/api.js";
import { ApiError } from "../../net/api.js";
import { newId } from "../../net/ids.js";
import { upload } from "../../net/upload.js";
import { browserStorage } from "../../ui/storage.js";
import { toast } from "../../ui/toast.js";
import { Outbox } from "./outbox.js";

const PICTURES_KEPT = 20;

/**
 * @typedef {import("../store.js").Store} Store
 * @typedef {import("./outbox.js").Entry} Entry
 * @typedef {object} Wires
 * @property {(chatId: number) => void} refetch the row of the chat
 * @property {() => void} chooseTemplate for the open chat
 */

export class Sender {
  /** @param {Store} store @param {Wires} wires */
  constructor(store, wires) {
    this.store = store;
    this.wires = wires;
    this.life = new AbortController();
    /** @type {Map<string, string>} pictures from this computer, shown on when the server's copy comes: nothing flickers */
    this.pictures = new Map();
    /** @type {Map<string, () => boolean>} */
    this.cancels = new Map();
    /** @type {Map<string, number>} */
    this.progress = new Map();
    this.outbox = new Outbox(browserStorage, store.me.user.id, {
      post: (entry) => this.post(entry),
      onChange: (entry) => {
        this.show(entry);
        store.touch("unsent", entry.conversation_id);
      },
      onSettled: (entry, message) => this.settled(entry, message),
      onRemoved: (entry) => {
        this.forgetPicture(entry.client_msg_id);
        store.touch("dropped", `c:${entry.client_msg_id}`);
        store.touch("unsent", entry.conversation_id);
      },
    });
    store.on("messages", (messages) => this.settleAll(messages), this.life.signal);
    addEventListener("beforeunload", (event) => {
      if (this.outbox.hasFilesWaiting) event.preventDefault(); // a file on its way up cannot survive the page
    });
  }

  /** The feed may be faster than the answer, and another tab may have posted it. @param {Set<Message>} messages */
  settleAll(messages) {
    for (const message of messages) if (message.id !== null) this.outbox.settle(message);
  }

  /** @param {Entry} entry */
  show(entry) {
    this.store.applyFrame({ messages: [this.bubbleOf(entry)] });
  }

  /** What was typed for a chat and has not left, oldest first. @param {number} chatId */
  unsentOf(chatId) {
    return this.outbox.of(chatId).map((entry) => this.bubbleOf(entry));
  }

  /** @param {Entry} entry @returns {Message} */
  bubbleOf(entry) {
    const status = entry.state === "refused" ? "refused" : entry.file ? "uploading" : "local";
    return { ...entry.message, status, error: entry.error, progress: this.progress.get(entry.client_msg_id) };
  }

  /** @param {Chat} chat @param {string} text @param {Quoted | null} quoted */
  sendText(chat, text, quoted) {
    this.add(chat, { type: "text", text, quoted }, { type: "text", text, ...quoteFields(quoted) });
  }

  /** @param {Chat} chat @param {import("./template_picker.js").Choice} choice */
  sendTemplate(chat, { template, text, buttons }) {
    this.add(
      chat,
      { type: "template", text, quoted: null, payload: { template: { buttons } } },
      { type: "template", template },
    );
  }

  /**
   * @param {Chat} chat
   * @param {import("./attachments.js").Attachment} attachment
   * @param {Quoted | null} quoted
   */
  sendFile(chat, { file, caption, kind, asDocument, url, width, height, voice }, quoted) {
    /** @type {Media} */
    const media = {
      id: 0,
      url: "",
      thumbnail_url: null,
      mime_type: file.type || "application/octet-stream",
      filename: voice ? t("Voice message") : file.name,
      size: file.size,
      state: "pending",
      voice: Boolean(voice),
      animated: false,
      width,
      height,
      duration_ms: voice?.duration_ms ?? null,
      inline: false,
      error: null,
    };
    const fields = {
      caption,
      ...(asDocument ? { as_document: "1" } : {}),
      ...(voice ? { voice: "1" } : {}),
      ...quoteFields(quoted),
    };
    this.add(chat, { type: kind, text: caption, quoted, media, local_url: url ?? "" }, fields, file);
  }

  /**
   * @param {Chat} chat
   * @param {Partial<Message>} shown
   * @param {Record<string, unknown>} body
   * @param {File} [file]
   */
  add(chat, shown, body, file) {
    const id = newId(); // once a click: whatever is repeated afterwards is repeated with this id
    const { user } = this.store.me;
    const quoted = shown.quoted ?? null;
    /** @type {Message} */
    const message = {
      id: null,
      conversation_id: chat.id,
      wamid: null,
      client_msg_id: id,
      direction: "out",
      type: "text",
      text: "",
      media: null,
      payload: null,
      context: quoted ? { wamid: quoted.wamid, message_id: quoted.message_id } : null,
      quoted,
      forwarded: 0,
      reactions: [],
      timestamp: new Date().toISOString(),
      status: "local",
      error: null,
      edited_at: null,
      deleted_at: null,
      sender: { id: user.id, name: user.name },
      contact: null,
      origin: "user",
      delivered_twice: false,
      times: {},
      revisions: [],
      ...shown,
    };
    if (shown.local_url) this.keepPicture(id, shown.local_url);
    this.outbox.add({
      client_msg_id: id,
      lane: `chat:${chat.id}`,
      conversation_id: chat.id,
      body: { conversation_id: chat.id, ...body },
      message,
      ...(file ? { file } : {}),
    });
    this.store.touch("answered", chat.id);
  }

  /** @param {Entry} entry @returns {Promise<Message>} */
  async post(entry) {
    const asked = this.store.moment();
    const body = { ...entry.body, client_msg_id: entry.client_msg_id };
    const message = entry.file ? await this.postFile(entry, entry.file) : (await api.post("/api/send", body)).message;
    this.store.applyAnswer({ messages: [message] }, asked);
    return message;
  }

  /** @param {Entry} entry @param {File} file @returns {Promise<Message>} */
  async postFile(entry, file) {
    const id = entry.client_msg_id;
    await stillThere(file);
    if (!this.outbox.entries.has(id)) throw new ApiError(400, "cancelled", t("Cancelled.")); // while we looked
    const form = new FormData();
    for (const [key, value] of Object.entries(entry.body)) form.set(key, String(value));
    form.set("client_msg_id", id);
    form.set("file", file, file.name);
    const { done, cancel } = upload(form, (share) => {
      this.progress.set(id, Math.round(share * 100) / 100);
      this.show(entry);
    });
    this.cancels.set(id, cancel);
    try {
      return (await done).message;
    } finally {
      this.cancels.delete(id);
    }
  }

  /** @param {Entry} entry @param {Message} message */
  settled(entry, message) {
    this.progress.delete(entry.client_msg_id);
    if (this.store.feed !== "live") this.wires.refetch(message.conversation_id); // a live feed brings it
  }

  /** @param {string} id @param {string} url */
  keepPicture(id, url) {
    this.pictures.set(id, url);
    const settled = [...this.pictures.keys()].filter((one) => one !== id && !this.outbox.entries.has(one));
    for (const old of settled.slice(0, Math.max(0, settled.length - PICTURES_KEPT))) this.forgetPicture(old);
  }

  /** @param {string} id */
  forgetPicture(id) {
    const url = this.pictures.get(id);
    if (url) URL.revokeObjectURL(url);
    this.pictures.delete(id);
  }

  /** A picture that was sent from here is shown from here. @param {Message} message @returns {Message} */
  dress(message) {
    const url = message.client_msg_id ? this.pictures.get(message.client_msg_id) : undefined;
    return url ? { ...message, local_url: url } : message;
  }

  /**
   * What somebody chose below a message that did not leave.
   * @param {Message} message
   * @param {"retry" | "discard" | "template" | "cancel"} act
   */
  async settle(message, act) {
    const local = message.id === null ? message.client_msg_id : null;
    if (act === "template") return this.wires.chooseTemplate();
    if (local) {
      if (act === "retry") return this.outbox.retry(local);
      if (this.cancels.get(local)?.() === false)
        return toast(t("It has left this computer already and can no longer be cancelled."));
      this.outbox.discard(local);
      return undefined;
    }
    const asked = this.store.moment();
    try {
      const answer = await api.post(`/api/messages/${message.id}/${act === "retry" ? "retry" : "discard"}`);
      this.store.applyAnswer({ messages: [answer.message] }, asked);
    } catch (cause) {
      const error = /** @type {import("../../net/api.js").ApiError} */ (cause);
      if (error.code === "window_closed")
        toast(error.message, { label: t("Choose a template"), run: () => this.wires.chooseTemplate() });
      else toast(error.message);
    }
    return undefined;
  }
}

/** @param {Quoted | null} quoted */
const quoteFields = (quoted) => (quoted ? { context_wamid: quoted.wamid } : {});

/**
 * A browser tells of a file that was changed or moved meanwhile as if the line were broken, and it would be tried for ever.
 * @param {File} file
 */
async function stillThere(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
  } catch {
    throw new ApiError(422, "file_gone", t("This file was changed or moved on this computer. Attach it again."));
  }
}
