// One message as DOM nodes. The same code draws what was loaded, polled, pushed or just typed, and only the parts that changed
// are drawn again, so that a tick does not restart a voice message or lose a selection.

import { previewOf, quotePreview } from "../../lib/preview.js";
import { t } from "../../lib/strings.js";
import { clock, fullTime } from "../../lib/time.js";
import { nameClass } from "../../ui/avatar.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { statusLabel, ticks } from "../../ui/ticks.js";
import { bodyOf, buttonsOf, hasOverlaidStamp } from "./message_body.js";
import { showPeaks } from "./voice_player.js";

/**
 * @typedef {import("./runs.js").Layout} Layout
 * @typedef {object} Acts what a bubble can ask for
 * @property {(quoted: Quoted) => void} jumpTo
 * @property {(message: Message) => void} view in full size
 * @property {(message: Message) => void} showVersions
 * @property {(message: Message, act: "retry" | "discard" | "template" | "cancel") => void} settle
 * @property {(media: Media) => void} retryMedia
 * @property {(id: number | null) => Message | null} nextVoice the voice message directly after that one
 * @property {(message: Message) => string} nameOf who wrote it, for screen readers
 * @property {(direction: "in" | "out", name: string | null) => string} quoteName
 * @property {() => boolean} isGroup
 */

export class MessageView {
  /**
   * @param {Message} message
   * @param {Layout} layout
   * @param {Acts} acts
   */
  constructor(message, layout, acts) {
    this.acts = acts;
    this.head = el("div.bubble-head");
    this.body = el("div.bubble-body");
    this.stamp = el("span.stamp", { dir: "ltr" });
    this.reactions = el("div.reactions", { hidden: true });
    this.bubble = el("div.bubble", {}, this.head, this.body, this.reactions);
    this.trouble = el("div.trouble", { hidden: true });
    this.node = el("article.message", { tabindex: "-1" }, this.bubble, this.trouble);
    /** @type {Record<string, string>} what each part was drawn from */
    this.drawn = {};
    this.update(message, layout);
  }

  /**
   * @param {Message} message
   * @param {Layout} layout
   */
  update(message, layout) {
    this.message = message;
    this.layout = layout;
    this.setClasses(message, layout);
    this.part(
      "head",
      [layout.startsRun, message.sender, message.contact, message.forwarded, message.quoted, message.deleted_at],
      () => this.drawHead(),
    );
    this.part("stamp", [message.timestamp, message.status, message.edited_at, message.deleted_at, message.media?.state], () =>
      this.drawStamp(),
    );
    this.part(
      "body",
      [
        message.type,
        message.text,
        message.payload,
        { ...message.media, peaks: null },
        message.deleted_at,
        message.local_url,
        message.status === "uploading",
      ],
      () => this.drawBody(),
    );
    this.showProgress(message.progress ?? 0);
    this.part("peaks", message.media?.peaks, () => message.media?.peaks && showPeaks(message.media));
    this.part("reactions", message.reactions, () => this.drawReactions());
    this.part("trouble", [message.status, message.error, message.delivered_twice], () => this.drawTrouble());
    this.part("label", [message.timestamp, message.text, message.status, message.deleted_at], () =>
      this.node.setAttribute("aria-label", this.label()),
    );
  }

  /**
   * @param {string} name
   * @param {unknown} from
   * @param {() => void} draw
   */
  part(name, from, draw) {
    const signature = JSON.stringify(from) ?? "";
    if (this.drawn[name] === signature) return;
    this.drawn[name] = signature;
    draw();
  }

  /** @param {Message} message @param {Layout} layout */
  setClasses(message, layout) {
    const { classList } = this.node;
    classList.toggle("is-out", message.direction === "out" && !layout.isCentred);
    classList.toggle("is-in", message.direction === "in" && !layout.isCentred);
    classList.toggle("is-centred", layout.isCentred);
    classList.toggle("starts-run", layout.startsRun);
    classList.toggle("has-reactions", message.reactions.length > 0);
    classList.toggle("is-troubled", message.status === "failed" || message.status === "refused");
    classList.toggle("is-doubtful", message.status === "unconfirmed");
    classList.toggle("is-discarded", message.status === "cancelled");
    classList.toggle("is-deleted", Boolean(message.deleted_at));
  }

  drawHead() {
    const { message, layout } = /** @type {{ message: Message, layout: Layout }} */ (this);
    const isOut = message.direction === "out";
    const writer = isOut ? message.sender : this.acts.isGroup() ? message.contact : null;
    const by =
      layout.startsRun && !layout.isCentred && writer
        ? el("div.by", { class: isOut ? "" : nameClass(writer.id), dir: "auto" }, writer.name)
        : null;
    const forwarded = message.forwarded
      ? el(
          "div.forwarded",
          {},
          icon("forward", "icon-small"),
          message.forwarded === 2 ? t("Forwarded many times") : t("Forwarded"),
        )
      : null;
    refill(this.head, by, forwarded, message.quoted && !message.deleted_at ? this.quote(message.quoted) : null);
  }

  /** @param {Quoted} quoted */
  quote(quoted) {
    const { glyph, text } = quotePreview(quoted);
    const name = this.acts.quoteName(quoted.direction, quoted.name);
    return el(
      "button.quote",
      {
        type: "button",
        "aria-label": t("Go to the quoted message of {name}: {text}", { name, text }),
        onclick: () => this.acts.jumpTo(quoted),
      },
      el("span.quote-name", { dir: "auto" }, name),
      el("span.quote-text", { dir: "auto" }, glyph ? icon(glyph, "icon-small") : null, text),
    );
  }

  drawBody() {
    const message = /** @type {Message} */ (this.message);
    const { media, text } = bodyOf(message, this.acts, this.stamp);
    this.bubble.classList.toggle("has-overlaid-stamp", hasOverlaidStamp(message));
    this.bubble.classList.toggle("has-media", Boolean(media));
    this.bubble.classList.toggle(
      "is-bare",
      message.type === "sticker" && message.media?.state === "stored" && !message.deleted_at,
    );
    refill(this.body, media, text, ...buttonsOf(message));
    if (!this.stamp.parentNode || !this.body.contains(this.stamp)) this.body.append(this.stamp);
  }

  /** In place: a Cancel button that is made anew ten times a second cannot be clicked. @param {number} share */
  showProgress(share) {
    const bar = this.body.querySelector("progress");
    if (bar) bar.value = Math.round(share * 100);
  }

  drawStamp() {
    const message = /** @type {Message} */ (this.message);
    const edited =
      message.edited_at && !message.deleted_at
        ? el(
            "button.edited",
            { type: "button", title: versionsTitle(message), onclick: () => this.acts.showVersions(message) },
            t("Edited"),
          )
        : null;
    refill(
      this.stamp,
      edited,
      el("time", { datetime: message.timestamp, title: fullTime(message.timestamp) }, clock(message.timestamp)),
      message.direction === "out" ? ticks(message.status) : null,
    );
  }

  drawReactions() {
    const { reactions } = /** @type {Message} */ (this.message);
    this.reactions.hidden = !reactions.length;
    const emoji = [...new Set(reactions.map((reaction) => reaction.emoji))];
    const who = reactions
      .map((reaction) => `${reaction.name ?? (reaction.from === "us" ? t("You") : reaction.from)} ${reaction.emoji}`)
      .join(", ");
    refill(
      this.reactions,
      el(
        "span.reaction-chip",
        { role: "img", "aria-label": t("Reactions: {who}", { who }), title: who },
        emoji.join(""),
        reactions.length > 1 ? el("span.reaction-count", {}, String(reactions.length)) : null,
      ),
    );
  }

  drawTrouble() {
    const message = /** @type {Message} */ (this.message);
    const words = troubleWords(message);
    this.trouble.hidden = !words;
    refill(this.trouble, words ? [el("span", {}, words), ...this.remedies(message)] : null);
  }

  /** @param {Message} message */
  remedies(message) {
    const { settle } = this.acts;
    /** @param {string} label @param {"retry" | "discard" | "template"} act */
    const remedy = (label, act) => el("button.text-button", { type: "button", onclick: () => settle(message, act) }, label);
    const code = String(message.error?.code ?? "");
    if (message.status === "failed" || message.status === "refused") {
      const closed = code === "window_closed" || code === "131047";
      if (message.error?.is_final) return [remedy(t("Discard"), "discard")];
      return [
        closed ? remedy(t("Choose a template"), "template") : remedy(t("Retry"), "retry"),
        remedy(t("Discard"), "discard"),
      ];
    }
    return message.status === "unconfirmed" ? [remedy(t("Send again"), "retry"), remedy(t("Discard"), "discard")] : [];
  }

  label() {
    const message = /** @type {Message} */ (this.message);
    const { text } = previewOf(message);
    const deleted = message.deleted_at ? t("deleted") : "";
    const parts = [
      this.acts.nameOf(message),
      text,
      deleted,
      clock(message.timestamp),
      message.direction === "out" ? statusLabel(message.status) : "",
    ];
    return parts.filter(Boolean).join(", ");
  }
}

/** @param {Message} message */
function troubleWords(message) {
  switch (message.status) {
    case "failed":
      return t("Not delivered: {reason}", { reason: message.error?.message ?? t("no reason was given.") });
    case "refused":
      return t("Not sent: {reason}", { reason: message.error?.message ?? t("no reason was given.") });
    case "unconfirmed":
      return t("Not confirmed: it may or may not have reached the customer.");
    case "cancelled":
      return t("Discarded");
    default:
      return message.delivered_twice ? t("The customer received this twice.") : "";
  }
}

/** @param {Message} message */
function versionsTitle(message) {
  const before = message.revisions.at(-1)?.text;
  return before ? t("Before: {text}", { text: before }) : t("Edited");
}
