// Files before they are sent: a large look at one, its caption, a row of all of them.

import { plural, t } from "../../lib/strings.js";
import { openDialog } from "../../ui/dialog.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { toast } from "../../ui/toast.js";
import { Tray } from "./attachments.js";
import { fileInput, takeDropped, takePasted } from "./file_intake.js";
import { preparePicture } from "./pictures.js";
import { TrayFile } from "./tray_file.js";
import { TrayStrip } from "./tray_strip.js";

/**
 * @typedef {object} Options
 * @property {string} name of the chat
 * @property {string} draft what has been typed and not gone out yet: the first caption
 * @property {(attachments: import("./attachments.js").Attachment[], isDraftUsed: boolean) => void} send
 * @property {() => void} onClose
 */

/** @param {File[]} files @param {Options} options */
export function openTray(files, options) {
  /** @type {TrayView | null} */
  let view = null;
  const tray = new Tray({ draft: options.draft, prepare: preparePicture, onChange: () => view?.draw() });
  const open = () => {
    view = new TrayView(tray, options, (isSent) => {
      view = null;
      if (!isSent && tray.wouldLose) askBeforeLosing(tray, open, options.onClose);
      else options.onClose();
    });
    view.draw();
    view.focus();
  };
  tellNoRoom(tray.add(files));
  open();
}

/**
 * Escape and Back cannot be held up: so the question comes after, and the way back is whole.
 * @param {Tray} tray @param {() => void} reopen @param {() => void} onClose
 */
function askBeforeLosing(tray, reopen, onClose) {
  const dialog = openDialog({
    title: plural(tray.items.length, "Discard the file?", "Discard {count} files?"),
    body: [el("p", {}, t("The captions that you wrote will be lost too."))],
    foot: [
      el("button.button", { type: "button", autofocus: true, onclick: () => dialog.close() }, t("Keep")),
      el("button.button.button-danger", { type: "button", onclick: () => dialog.close("discard") }, t("Discard")),
    ],
    onClose: () => (dialog.returnValue === "discard" ? onClose() : reopen()),
  });
}

/** @param {number} count of files */
function tellNoRoom(count) {
  if (count) toast(plural(count, "One file too many: 30 can go at once.", "{count} files too many: 30 can go at once."));
}

class TrayView {
  /** @param {Tray} tray @param {Options} options @param {(isSent: boolean) => void} onClose */
  constructor(tray, options, onClose) {
    this.tray = tray;
    this.options = options;
    this.isSent = false;
    const add = (/** @type {File[]} */ files) => tellNoRoom(tray.add(files));
    const input = fileInput(add);
    this.strip = new TrayStrip(tray, () => input.click());
    this.file = new TrayFile(tray, { move: (step) => this.strip.move(step), send: () => this.send() });
    this.sendButton = el("button.button.button-primary", { type: "button", onclick: () => this.send() });
    this.dialog = openDialog({
      title: t("Send to {name}", { name: options.name }),
      body: this.file.nodes,
      foot: [this.strip.node, this.file.caption, this.sendButton, input],
      onClose: () => {
        this.file.giveBack();
        onClose(this.isSent);
      },
    });
    this.dialog.classList.add("tray");
    this.strip.list.addEventListener("keydown", (event) => this.typeOn(event));
    takePasted(this.dialog, add);
    takeDropped(this.dialog, add);
  }

  draw() {
    const { tray } = this;
    if (!tray.selected) {
      this.dialog.close(); // the last one was removed
      return;
    }
    this.file.giveBack(tray.items);
    this.file.draw(tray.selected);
    this.strip.draw();
    const [count, all] = [tray.sendable.length, tray.items.length];
    const label =
      all === 1 ? t("Send") : count === all ? t("Send {count}", { count }) : t("Send {count} of {all}", { count, all });
    if (this.sendButton.textContent !== label) refill(this.sendButton, icon("send", "icon-small"), label);
    this.sendButton.disabled = !tray.isReady;
  }

  focus() {
    if (this.file.caption.hidden) this.strip.focus();
    else this.file.caption.focus();
  }

  /** What is typed after a click on a small picture belongs to its caption. @param {KeyboardEvent} event */
  typeOn(event) {
    const isText = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isText && !this.file.caption.hidden) this.file.caption.focus(); // before the letter is put somewhere
  }

  send() {
    const { tray, options } = this;
    if (!tray.isReady || this.isSent) return;
    this.isSent = true;
    const { sendable } = tray;
    options.send(
      sendable.map((item) => ({ ...tray.attachmentOf(item), url: this.file.handOver(item) })),
      sendable.some((item) => item === tray.drafted),
    );
    this.dialog.close();
  }
}
