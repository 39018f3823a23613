// Staff: add, change, disable, reset a password. What one may not do is not offered; the server decides all the same.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { faceClass, initials } from "../ui/avatar.js";
import { el, need } from "../ui/dom.js";
import { toast } from "../ui/toast.js";
import { when } from "./dates.js";
import { field, openDialog } from "./dialog.js";
import { PagedList } from "./list.js";

/** @typedef {Api.StaffMember} Member */

const ROLES = () => ({ agent: t("Agent"), admin: t("Admin"), owner: t("Owner") });

export class Staff {
  /**
   * @param {HTMLElement} root
   * @param {{ id: number, role: string }} me
   */
  constructor(root, me) {
    this.root = root;
    this.me = me;
    this.list = new PagedList(need(root, "[data-list]"), {
      path: "/api/staff",
      key: "staff",
      label: t("Members of staff"),
      empty: t("Nobody yet."),
      row: (member) => this.row(member),
    });
    root.querySelector("[data-add]")?.addEventListener("click", () => this.add());
    this.list.load();
  }

  /** @param {Member} member */
  row(member) {
    const edit =
      this.mayManage(member.role) &&
      el(
        "button.button.button-small",
        {
          type: "button",
          "data-edit": member.id,
          "aria-label": t("Change {name}", { name: member.name }),
          onclick: () => this.edit(member),
        },
        t("Change"),
      );
    return el(
      "li",
      { class: "flex items-center gap-3 py-2" },
      el("span.avatar.avatar-small", { "aria-hidden": "true", class: faceClass(member.name) }, initials(member.name)),
      el(
        "div",
        { class: "min-w-0 flex-1" },
        el(
          "div",
          { class: "flex flex-wrap items-center gap-2" },
          el("strong", { dir: "auto" }, member.name),
          el("span.tag.tag-quiet", {}, ROLES()[/** @type {"agent"} */ (member.role)]),
          member.id === this.me.id && el("span.tag.tag-good", {}, t("You")),
          member.disabled && el("span.tag.tag-bad", {}, t("Disabled")),
        ),
        el("div.field-hint", { class: "truncate" }, member.email),
        el("div.field-hint", {}, t("Last seen: {when}", { when: when(member.last_seen_at) })),
      ),
      edit,
    );
  }

  /** Owners manage everybody, admins agents. @param {string} role */
  mayManage(role) {
    return this.me.role === "owner" || (this.me.role === "admin" && role === "agent");
  }

  add() {
    const name = el("input.input", { name: "name", maxlength: 100, autocomplete: "off", required: true });
    const email = el("input.input", { name: "email", type: "email", maxlength: 254, autocomplete: "off", required: true });
    const password = passwordInput(true);
    openDialog({
      title: t("Add somebody"),
      action: t("Add"),
      body: [
        field(t("Name"), name),
        field(t("E-mail address"), email, t("They sign in with it; nothing is ever sent there.")),
        field(t("Role"), this.roleSelect("agent")),
        field(t("First password"), password, t("Tell it to them yourself; they can change it under Settings.")),
        suggestion(password),
      ],
      send: async (values) => {
        const { staff } = await api.post("/api/staff", values);
        toast(t("{name} can sign in now.", { name: staff.name }));
        await this.list.load();
      },
    });
  }

  /** @param {Member} member */
  edit(member) {
    const isMe = member.id === this.me.id;
    const name = el("input.input", { name: "name", value: member.name, maxlength: 100, autocomplete: "off", required: true });
    const password = passwordInput(false);
    const others = [
      field(t("Role"), this.roleSelect(member.role), t("A new role signs them out everywhere.")),
      field(
        t("New password"),
        password,
        t("Leave it empty to keep the old one. A new one signs them out everywhere and ends their API tokens."),
      ),
      suggestion(password),
    ];
    const dialog = openDialog({
      title: t("Change {name}", { name: member.name }),
      action: t("Save"),
      body: [
        field(t("Name"), name),
        ...(isMe ? [el("p.field-hint", {}, t("Your own role is for another owner to change."))] : others),
      ],
      extra: isMe ? [] : [this.toggle(member, () => dialog.close())],
      send: async (values) => {
        const change = isMe
          ? { name: values.name }
          : { name: values.name, role: values.role, ...(values.password && { password: values.password }) };
        await this.change(member, change, t("Saved."));
      },
    });
  }

  /**
   * @param {Member} member
   * @param {() => void} done
   */
  toggle(member, done) {
    const disabled = !member.disabled;
    const said = disabled
      ? t("{name} is signed out and cannot sign in.", { name: member.name })
      : t("{name} can sign in again.", { name: member.name });
    const run = () => this.change(member, { disabled }, said).then(done, (error) => toast(error.message));
    return el(
      "button.button",
      { type: "button", class: disabled ? "mr-auto button-danger" : "mr-auto", onclick: run },
      disabled ? t("Disable") : t("Enable"),
    );
  }

  /**
   * @param {Member} member
   * @param {object} change
   * @param {string} said
   */
  async change(member, change, said) {
    await api.patch(`/api/staff/${member.id}`, change);
    toast(said);
    await this.list.load();
    const again = this.root.querySelector(`[data-edit="${member.id}"]`);
    setTimeout(() => /** @type {HTMLElement | null} */ (again)?.focus()); // after the dialog gave it back to a row that is gone
  }

  /** @param {string} chosen */
  roleSelect(chosen) {
    const roles = Object.entries(ROLES()).filter(([role]) => this.mayManage(role));
    return el(
      "select.input",
      { name: "role" },
      ...roles.map(([role, label]) => el("option", { value: role, selected: role === chosen }, label)),
    );
  }
}

/** Readable, for it is read out to somebody. @param {boolean} required */
function passwordInput(required) {
  return el("input.input", {
    name: "password",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    minlength: 8,
    maxlength: 256,
    required,
  });
}

/** @param {HTMLInputElement} input */
function suggestion(input) {
  const fill = () => {
    input.value = randomPassword();
    input.focus();
  };
  return el("p.field-hint", {}, el("button.text-button", { type: "button", onclick: fill }, t("Make one up")));
}

/** Sixteen letters and digits without look-alikes: about 80 bits. */
export function randomPassword() {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const limit = 256 - (256 % letters.length); // above it some letters would come more often
  let made = "";
  while (made.length < 16) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32)))
      if (byte < limit && made.length < 16) made += letters[byte % letters.length];
  }
  return made.replace(/(.{4})(?=.)/g, "$1-");
}
