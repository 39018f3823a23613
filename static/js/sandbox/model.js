// What is on the phones, and which of them are shown. No DOM: tested in node.

/**
 * @typedef {object} Customer
 * @property {string} id
 * @property {string} name
 * @property {string} reached_by the phone number as people write it, or "@username"
 * @property {string} key as the inbox knows the person: "+852...", or the username
 * @property {number | null} wrote_at
 * @property {number} typing_until unix time until which the business seems to type
 * @property {number} unread
 */

/**
 * @typedef {object} Bubble
 * @property {string} wamid
 * @property {string} chat the customer's id
 * @property {boolean} mine written by the customer
 * @property {string} type
 * @property {string} text
 * @property {number} timestamp
 * @property {number} order
 * @property {number} version
 * @property {string} status
 * @property {string | null} media_id
 * @property {string | null} filename
 * @property {string | null} quoted
 * @property {string[]} buttons
 * @property {{ customer?: string, business?: string }} reactions
 * @property {boolean} edited
 * @property {boolean} deleted
 */

/**
 * @typedef {object} State
 * @property {boolean} [reset]
 * @property {number} version
 * @property {Customer[]} customers
 * @property {Bubble[]} bubbles
 * @property {{ name: string, phone: string }} business
 * @property {string[]} faults
 * @property {boolean} reachable
 */

const MOST_PHONES = 3;
const NEW = new Set(["accepted", "sent", "delivered"]);

export class Phones {
  version = 0;
  /** @type {Customer[]} newest first */
  customers = [];
  business = { name: "", phone: "" };
  /** @type {string[]} */
  faults = [];
  reachable = true;
  /** @type {string[]} ids in the order of choice */
  shown = [];
  /** @type {Map<string, Map<string, Bubble>>} */
  #chats = new Map();

  /**
   * Take an answer of /sandbox/api/state.
   * @param {State} state
   */
  apply(state) {
    if (state.reset) this.#chats.clear();
    this.version = state.version;
    this.customers = [...state.customers].reverse();
    this.business = state.business;
    this.faults = state.faults;
    this.reachable = state.reachable;
    for (const bubble of state.bubbles) this.#keep(bubble);
    this.shown = this.shown.filter((id) => this.customer(id));
  }

  /** @param {string} id */
  customer(id) {
    return this.customers.find((customer) => customer.id === id);
  }

  /**
   * Oldest first. What failed never reached the phone.
   * @param {string} id
   */
  chat(id) {
    const bubbles = [...(this.#chats.get(id)?.values() ?? [])].filter((bubble) => bubble.status !== "failed");
    return bubbles.sort((a, b) => a.timestamp - b.timestamp || a.order - b.order);
  }

  /**
   * @param {string} id
   * @param {string | null} wamid
   */
  bubble(id, wamid) {
    return wamid === null ? undefined : this.#chats.get(id)?.get(wamid);
  }

  /**
   * What the lock screen shows, newest first.
   * @param {string} id
   */
  unread(id) {
    return this.chat(id)
      .filter((bubble) => !bubble.mine && NEW.has(bubble.status))
      .reverse();
  }

  /**
   * Put a customer's phone on the screen: beside the others while there is room, else instead of the oldest choice.
   * @param {string} id
   * @param {number} slots
   */
  show(id, slots) {
    if (this.shown.slice(-slots).includes(id)) return;
    this.shown = [...this.shown.filter((one) => one !== id), id].slice(-MOST_PHONES);
  }

  /**
   * The ids on the screen. The first look: those who wrote last.
   * @param {number} slots
   */
  visible(slots) {
    const wanted = Math.min(slots, this.customers.length);
    const byActivity = [...this.customers].sort((a, b) => (b.wrote_at ?? 0) - (a.wrote_at ?? 0));
    for (const { id } of byActivity) {
      if (this.shown.length >= wanted) break;
      if (!this.shown.includes(id)) this.shown = [id, ...this.shown];
    }
    return this.shown.slice(-slots);
  }

  /** @param {Bubble} bubble */
  #keep(bubble) {
    const chat = this.#chats.get(bubble.chat) ?? new Map();
    chat.set(bubble.wamid, bubble);
    this.#chats.set(bubble.chat, chat);
  }
}
