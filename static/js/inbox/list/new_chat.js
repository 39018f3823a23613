// Writing to somebody who has not written: a phone number and a template. When the chat exists already, it opens.

import { prettyPhone, typedPhone } from "../../lib/phone.js";
import { t } from "../../lib/strings.js";
import * as api from "../../net/api.js";
import { newId } from "../../net/ids.js";
import { el } from "../../ui/dom.js";
import { openTemplatePicker } from "../composer/template_picker.js";

/** @param {(body: Record<string, unknown>) => Promise<void>} send to /api/send; the chat of that message is to be opened */
export function openNewChat(send) {
  const input = el("input.input", {
    id: "new-chat-phone",
    type: "tel",
    placeholder: "+852 5123 4567",
    autocomplete: "off",
    "aria-describedby": "new-chat-hint",
  });
  const rule = t("WhatsApp lets a business write first with a template only.");
  const hint = el("p.field-hint", { id: "new-chat-hint", role: "status" }, rule);
  const field = el(
    "div.field.new-chat-phone",
    {},
    el("label", { for: "new-chat-phone" }, t("Phone number with country code")),
    input,
    hint,
  );
  input.addEventListener("change", async () => {
    const phone = await read(input.value).catch(() => null); // why not is said when it is sent
    hint.textContent = phone ? t("Goes to {phone}.", { phone: prettyPhone(phone) }) : rule;
  });
  // The same number and template are the same message: a second click after a lost answer sends nothing twice.
  /** @type {Map<string, string>} */
  const ids = new Map();
  openTemplatePicker({
    title: t("New chat"),
    to: field,
    send: async ({ template }) => {
      const phone = await read(input.value).catch((error) => {
        input.setAttribute("aria-invalid", "true");
        input.focus();
        throw error;
      });
      input.removeAttribute("aria-invalid");
      const what = JSON.stringify([phone, template]);
      const id = ids.get(what) ?? newId();
      ids.set(what, id);
      await send({ phone, client_msg_id: id, type: "template", template });
    },
  });
  input.focus();
}

/**
 * Without "+" in front the server knows whether the shop has chosen a country, and how people dial there.
 * @param {string} typed
 * @returns {Promise<string>} "+85251234567"
 */
async function read(typed) {
  return typedPhone(typed) ?? (await api.get(`/api/phones?typed=${encodeURIComponent(typed)}`)).phone;
}
