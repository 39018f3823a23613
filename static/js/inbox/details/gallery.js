// What a chat has of photos and videos, links, and documents, in the details panel. Nothing is fetched before it is in sight.

import { linksOf } from "../../lib/links.js";
import { t } from "../../lib/strings.js";
import { date, duration, fullTime } from "../../lib/time.js";
import * as api from "../../net/api.js";
import { arrange, el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { whenSeen } from "../../ui/in_sight.js";
import { emptyState, errorState } from "../../ui/states.js";
import { documentRow, firstFrame, stateWords } from "../thread/message_media.js";
import { Shelf } from "./shelf.js";

const PAGE = 24;
const PAUSE = 1000; // ms: at most one look a second at what is new

/**
 * @typedef {"media" | "links" | "documents"} Kind
 * @typedef {object} Wires
 * @property {import("../thread/message_view.js").Acts} acts
 * @property {(message: Message, around: { items: Message[], older: string | null, newer: null }) => void} view
 * @property {(id: number) => void} showInChat
 */

/** @type {Record<Kind, { label: () => string, empty: () => string, glyph: string }>} */
const KINDS = {
  media: { label: () => t("Media"), empty: () => t("No photos or videos yet"), glyph: "photo" },
  links: { label: () => t("Links"), empty: () => t("No links yet"), glyph: "link" },
  documents: { label: () => t("Documents"), empty: () => t("No documents yet"), glyph: "file" },
};
const ORDER = /** @type {Kind[]} */ (Object.keys(KINDS));

export class Gallery {
  /** @param {number} chatId @param {Wires} wires */
  constructor(chatId, wires) {
    this.chatId = chatId;
    this.wires = wires;
    /** @type {Kind} */
    this.kind = "media";
    this.shelves = /** @type {Record<Kind, Shelf>} */ (Object.fromEntries(ORDER.map((kind) => [kind, new Shelf()])));
    /** @type {Map<string, { node: HTMLElement, drawn: string }>} what is drawn already: a picture is not loaded twice */
    this.drawn = new Map();
    /** @type {Set<Kind>} whose next page is on its way */
    this.busy = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.tabs = ORDER.map((kind) =>
      el(
        "button.chip",
        {
          type: "button",
          role: "tab",
          id: `gallery-${kind}`,
          "aria-controls": "gallery-panel",
          onclick: () => this.choose(kind),
        },
        KINDS[kind].label(),
      ),
    );
    this.list = el("ul", { role: "list" });
    this.end = el("div");
    this.panel = el("div", { role: "tabpanel", id: "gallery-panel" }, this.list, this.end);
    this.node = el(
      "section.details-section",
      {},
      el("h3.section-title", {}, t("Media, links and documents")),
      el(
        "div.gallery-tabs",
        {
          role: "tablist",
          "aria-label": t("Media, links and documents"),
          onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event),
        },
        this.tabs,
      ),
      this.panel,
    );
    this.draw();
  }

  get shelf() {
    return this.shelves[this.kind];
  }

  /** @param {Kind} kind */
  choose(kind) {
    if (kind === this.kind) return;
    this.kind = kind;
    this.draw();
    this.freshen();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const at = ORDER.indexOf(this.kind);
    const last = ORDER.length - 1;
    const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.choose(/** @type {Kind} */ (ORDER[to]));
    this.tabs[to]?.focus();
  }

  // ------------------------------------------------------------ what there is

  /** @param {Kind} kind @param {string | null} cursor */
  fetch(kind, cursor) {
    return api.get(`/api/chats/${this.chatId}/media?kind=${kind}&limit=${PAGE}${cursor ? `&cursor=${cursor}` : ""}`);
  }

  /** The first page, or the next. */
  async more() {
    const { kind, shelf } = this;
    if (this.busy.has(kind)) return;
    this.busy.add(kind);
    try {
      shelf.add(await this.fetch(kind, shelf.older));
    } catch (error) {
      if (kind === this.kind)
        refill(
          this.end,
          errorState(/** @type {Error} */ (error), () => this.draw()),
        );
      return;
    } finally {
      this.busy.delete(kind);
    }
    this.draw();
  }

  /** Rows of any chat, as they are now. @param {Set<Message>} messages */
  take(messages) {
    const concerns = (/** @type {Message} */ message) =>
      message.conversation_id === this.chatId && message.id !== null && (this.shelf.has(message.id) || hasPlace(message));
    if ([...messages].some(concerns)) this.freshen();
  }

  /** Something happened in the chat; of a tab that nobody has opened there is nothing to put right. */
  freshen() {
    if (!this.shelf.isLoaded) return;
    this.timer ??= setTimeout(() => void this.lookAgain(), PAUSE);
  }

  async lookAgain() {
    const { kind, shelf } = this;
    this.timer = undefined;
    if (!this.node.isConnected || !shelf.isLoaded || this.busy.has(kind)) return;
    try {
      shelf.refresh(await this.fetch(kind, null));
      if (kind === this.kind) this.draw();
    } catch {
      // The feed reports the outage; the next change asks again.
    }
  }

  // ------------------------------------------------------------ how it looks

  draw() {
    const { kind, shelf } = this;
    for (const [at, tab] of this.tabs.entries()) {
      const isShown = ORDER[at] === kind;
      tab.setAttribute("aria-selected", String(isShown));
      tab.tabIndex = isShown ? 0 : -1;
    }
    this.panel.setAttribute("aria-labelledby", `gallery-${kind}`);
    this.list.className = kind === "media" ? "gallery" : "gallery-rows";
    this.list.hidden = !shelf.messages.length;
    arrange(
      this.list,
      shelf.messages.map((message) => this.item(kind, message)),
    );
    this.drawEnd();
  }

  drawEnd() {
    const { kind, shelf } = this;
    const { empty, glyph } = KINDS[kind];
    if (shelf.isLoaded && shelf.older === null) {
      refill(this.end, shelf.messages.length ? null : emptyState({ icon: glyph, title: empty() }));
      return;
    }
    const wait = el(
      "div",
      { class: kind === "media" ? "gallery" : "gallery-rows", role: "status", "aria-label": t("Loading") },
      Array.from({ length: kind === "media" ? 4 : 2 }, () =>
        el("div.skeleton", { class: kind === "media" ? "gallery-item" : "skeleton-line" }),
      ),
    );
    refill(this.end, wait);
    whenSeen(wait, () => void this.more());
  }

  /** @param {Kind} kind @param {Message} message */
  item(kind, message) {
    const key = `${kind} ${message.id}`;
    const signature = JSON.stringify([message.text, message.media]);
    const known = this.drawn.get(key);
    if (known?.drawn === signature) return known.node;
    const node = kind === "media" ? this.tile(message) : kind === "links" ? this.links(message) : this.document(message);
    this.drawn.set(key, { node, drawn: signature });
    return node;
  }

  /** @param {Message} message */
  tile(message) {
    const { media } = message;
    const isFilm = message.type === "video";
    const what = isFilm
      ? t("Video of {time}", { time: fullTime(message.timestamp) })
      : t("Photo of {time}", { time: fullTime(message.timestamp) });
    const words = media && media.state !== "stored" ? stateWords(media) : message.text.slice(0, 80);
    const open = () =>
      media?.state === "stored" && media.inline
        ? this.view(message)
        : this.wires.showInChat(/** @type {number} */ (message.id));
    return el(
      "li",
      {},
      el(
        "button.gallery-item",
        { type: "button", "aria-label": [what, words].filter(Boolean).join(", "), onclick: open },
        face(message),
      ),
    );
  }

  /** @param {Message} message */
  view(message) {
    const { messages, older } = this.shelves.media;
    this.wires.view(message, { items: messages.toReversed(), older, newer: null });
  }

  /** @param {Message} message */
  links(message) {
    const links = linksOf(message.text);
    return el(
      "li.gallery-row",
      {},
      links.length
        ? links.map(({ text, href }) =>
            el("a.gallery-link", { href, target: "_blank", rel: "noopener noreferrer nofollow", dir: "ltr" }, text),
          )
        : el("span", { dir: "auto" }, message.text.slice(0, 200)),
      this.foot(message),
    );
  }

  /** @param {Message} message */
  document(message) {
    const { media } = message;
    return el("li.gallery-row", {}, media ? documentRow(message, media, this.wires.acts) : null, this.foot(message));
  }

  /** @param {Message} message */
  foot(message) {
    return el(
      "div.gallery-foot",
      {},
      el("span", { dir: "auto" }, `${this.wires.acts.nameOf(message)} · ${date(message.timestamp)}`),
      el(
        "button.text-button",
        { type: "button", onclick: () => this.wires.showInChat(/** @type {number} */ (message.id)) },
        t("Show in chat"),
      ),
    );
  }
}

/** Some tab shows it. @param {Message} message */
const hasPlace = (message) => Boolean(message.media) || linksOf(message.text).length > 0;

/** @param {Message} message */
function face({ type, media }) {
  if (media?.state !== "stored" || !media.inline) return icon(type === "video" ? "video" : "photo");
  if (type !== "video")
    return el("img", {
      src: media.thumbnail_url ?? media.url,
      alt: "",
      loading: "lazy",
      decoding: "async",
      width: 96,
      height: 96,
    });
  const length = el(
    "span.film-length",
    { "aria-hidden": "true" },
    icon("video", "icon-small"),
    media.duration_ms ? duration(media.duration_ms) : "",
  );
  return el("span.gallery-film", {}, firstFrame(media), length);
}
