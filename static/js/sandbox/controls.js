// The bar above the phones: whose phone is shown, new customers, and errors on demand.

import { t } from "../lib/strings.js";
import { avatar } from "../ui/avatar.js";
import { el, need, refill } from "../ui/dom.js";
import { addCustomer, addFault, clearFaults, setReachable } from "./api.js";

/** @returns {Record<string, string>} */
const faultNames = () => ({
  busy: t("WhatsApp is busy: it tries again by itself"),
  refused: t("Refused at once: not on WhatsApp"),
  late: t("Accepted, then not delivered"),
  window: t("Accepted, then: more than 24 hours"),
  lost: t("Accepted, but the answer is lost"),
  unknown: t("The connection breaks, nobody knows"),
  slow: t("A slow answer (8 seconds)"),
  token: t("The access token is dead"),
});

export class Controls {
  #choose;
  #report;
  #key = "";

  /**
   * @param {ParentNode} root
   * @param {(id: string) => void} choose called with the customer to show
   * @param {(error: Error) => void} report
   */
  constructor(root, choose, report) {
    this.#choose = choose;
    this.#report = report;
    this.tabs = need(root, "[data-tabs]");
    this.fault = /** @type {HTMLSelectElement} */ (need(root, "[data-fault]"));
    this.waiting = need(root, "[data-waiting]");
    this.waitingNames = need(root, "[data-waiting-names]");
    this.unreachable = /** @type {HTMLInputElement} */ (need(root, "[data-unreachable]"));
    this.dialog = /** @type {HTMLDialogElement} */ (need(root, "[data-dialog]"));
    this.form = /** @type {HTMLFormElement} */ (need(root, "[data-new-customer]"));
    this.problem = need(root, "[data-problem]");
    for (const [value, text] of Object.entries(faultNames())) this.fault.append(el("option", { value }, text));
    this.fault.addEventListener("change", () => this.#addFault());
    this.unreachable.addEventListener("change", () => void setReachable(!this.unreachable.checked).catch(report));
    this.form.addEventListener("submit", (event) => this.#addCustomer(event));
    need(root, "[data-clear]").addEventListener("click", () => void clearFaults().catch(report));
    need(root, "[data-add]").addEventListener("click", () => this.dialog.showModal());
    need(root, "[data-cancel]").addEventListener("click", () => this.dialog.close());
  }

  /**
   * @param {import("./model.js").Phones} model
   * @param {string[]} visible
   */
  render(model, visible) {
    const names = faultNames();
    const waiting = model.faults.map((fault) => names[fault]).join(" · ");
    if (this.waitingNames.textContent !== waiting) this.waitingNames.textContent = waiting;
    this.waiting.hidden = !waiting;
    this.unreachable.checked = !model.reachable;
    const key = JSON.stringify([model.customers.map(({ id, unread }) => [id, unread]), visible]);
    if (key === this.#key) return;
    this.#key = key;
    this.#renderTabs(model.customers, visible);
  }

  /**
   * @param {import("./model.js").Customer[]} customers
   * @param {string[]} visible
   */
  #renderTabs(customers, visible) {
    const focused = [...this.tabs.children].indexOf(/** @type {Element} */ (document.activeElement));
    refill(
      this.tabs,
      customers.map((customer) => this.#makeTab(customer, visible.includes(customer.id))),
    );
    const again = this.tabs.children[focused];
    if (again instanceof HTMLElement) again.focus();
  }

  /**
   * @param {import("./model.js").Customer} customer
   * @param {boolean} pressed
   */
  #makeTab(customer, pressed) {
    const { name, unread } = customer;
    const attributes = {
      type: "button",
      "aria-label": unread ? t("{name}, {count} new", { name, count: unread }) : name,
      "aria-pressed": String(pressed),
      onclick: () => this.#choose(customer.id),
    };
    const face = avatar({ name, key: customer.key, size: "avatar-tiny" });
    const count = unread > 0 && el("span.pill", {}, String(unread));
    return el("button.phone-tab", attributes, face, el("span", { dir: "auto" }, name), count);
  }

  #addFault() {
    const fault = this.fault.value;
    this.fault.value = "";
    if (fault) addFault(fault).catch(this.#report);
  }

  /** @param {Event} event */
  async #addCustomer(event) {
    event.preventDefault();
    const fields = new FormData(this.form);
    const reach = String(fields.get("reach")).trim();
    const name = String(fields.get("name"));
    this.problem.textContent = "";
    try {
      const { id } = await addCustomer(/^[+\d]/.test(reach) ? { name, phone: reach } : { name, username: reach });
      this.form.reset();
      this.dialog.close();
      this.#choose(id);
    } catch (error) {
      this.problem.textContent = /** @type {Error} */ (error).message;
    }
  }
}
