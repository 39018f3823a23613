// Which chat is open. The address says so: #chat=12, or ?chat=12 from outside; Back leads from a chat to the list.

import * as api from "../net/api.js";
import { layers } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";

/**
 * @typedef {import("./store.js").Store} Store
 * @typedef {object} Writing what somebody may be doing in the chat that is left
 * @property {boolean} isPrecious a recording would be lost
 * @property {(go: () => void) => boolean} mayLeave asks first where something would be lost; `go` when the person agrees
 * @property {() => void} focus
 */

export class Navigation {
  /** @param {HTMLElement} root @param {Store} store @param {Writing} writing */
  constructor(root, store, writing) {
    this.root = root;
    this.store = store;
    this.writing = writing;
    addEventListener("popstate", () => void this.openAddress());
  }

  async openAddress() {
    const { openId } = this.store;
    const fromQuery = new URLSearchParams(location.search).get("chat");
    const id = Number(/^#chat=(\d+)$/.exec(location.hash)?.[1] ?? fromQuery ?? 0);
    if (fromQuery) history.replaceState(null, "", `${location.pathname}${id ? `#chat=${id}` : ""}`);
    if (id !== (openId ?? 0) && this.writing.isPrecious) {
      history.pushState({ fromList: true }, "", `#chat=${openId}`); // the address steps forward again while the question is open
      await this.leave();
    } else if (id) await this.show(id);
    else this.showList();
  }

  /** @param {number} id */
  async open(id) {
    const { openId } = this.store;
    if (openId === id) {
      this.writing.focus();
      return;
    }
    if (!this.writing.mayLeave(() => void this.open(id))) return;
    await layers.closeAll();
    // From the list a step forward, so that Back returns to it; from chat to chat no pile of steps.
    if (openId === null) history.pushState({ fromList: true }, "", `#chat=${id}`);
    else history.replaceState(history.state, "", `#chat=${id}`);
    await this.show(id);
  }

  async leave() {
    if (!this.writing.mayLeave(() => void this.leave())) return;
    await layers.closeAll();
    if (history.state?.fromList) history.back();
    else {
      history.replaceState(null, "", location.pathname);
      this.showList();
    }
  }

  /** @param {number} id */
  async show(id) {
    const { store } = this;
    if (store.openId === id || !(store.chats.has(id) || (await this.bring(id)))) return;
    this.setClass(true);
    store.open(id);
    if (matchMedia("(pointer: fine)").matches) this.writing.focus();
  }

  showList() {
    if (this.store.openId === null) return;
    this.setClass(false);
    this.store.open(null);
  }

  /** @param {boolean} hasChat */
  setClass(hasChat) {
    for (const node of [this.root, document.body]) node.classList.toggle("has-chat", hasChat);
  }

  /** @param {number} id @returns {Promise<boolean>} */
  async bring(id) {
    const asked = this.store.moment();
    try {
      this.store.noteChats([(await api.get(`/api/chats/${id}`)).chat], asked);
      return true;
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
      history.replaceState(null, "", location.pathname);
      return false;
    }
  }
}
