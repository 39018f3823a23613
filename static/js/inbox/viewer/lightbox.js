// A photo or film in full size, and from there through all of the chat: arrows, swipe, zoom, download, back to its message.

import { t } from "../../lib/strings.js";
import { fullTime } from "../../lib/time.js";
import * as api from "../../net/api.js";
import { show } from "../../ui/dialog.js";
import { el, refill } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";
import { richText } from "../../ui/rich_text.js";
import { toast } from "../../ui/toast.js";
import { pauseSound } from "../thread/voice_player.js";
import { Gestures } from "./gestures.js";
import { Reel } from "./reel.js";
import { Zoom } from "./zoom.js";

const STEP = 1.5; // of one press on a zoom button

/** @typedef {{ nameOf: (message: Message) => string, showInChat: (id: number) => void }} Wires */

/**
 * @param {Message} message
 * @param {{ items: Message[], older: string | null, newer: string | null }} around what is known of the chat's photos and videos
 * @param {Wires} wires
 */
export function openLightbox(message, around, wires) {
  const fetch = (/** @type {Record<string, string>} */ where) =>
    api.get(`/api/chats/${message.conversation_id}/media?${new URLSearchParams(where)}`);
  return new Lightbox(new Reel({ ...around, fetch }, message), wires);
}

class Lightbox {
  /** Opens at once. @param {import("./reel.js").Reel} reel @param {Wires} wires */
  constructor(reel, wires) {
    this.reel = reel;
    this.wires = wires;
    this.zoom = new Zoom();
    /** @type {HTMLImageElement | HTMLVideoElement | null} */
    this.picture = null;
    this.title = el("p.lightbox-title", { "aria-live": "polite" });
    this.caption = el("p.lightbox-caption", { dir: "auto" });
    this.smaller = button(t("Zoom out"), "minus", () => this.zoomBy(1 / STEP), "lightbox-zoom");
    this.larger = button(t("Zoom in"), "plus", () => this.zoomBy(STEP), "lightbox-zoom");
    this.inChat = button(t("Show in chat"), "chat", () => this.showInChat());
    this.save = el("a.icon-button", { "aria-label": t("Download"), title: t("Download") }, icon("download"));
    this.drive = el(
      "a.icon-button",
      { target: "_blank", rel: "noreferrer", "aria-label": t("Open in Google Drive"), title: t("Open in Google Drive") },
      icon("cloud"),
    );
    this.before = button(t("Previous"), "back", () => void this.step(-1), "lightbox-step");
    this.after = button(t("Next"), "back", () => void this.step(1), "lightbox-step is-after");
    this.frame = el("div.lightbox-frame");
    this.stage = el("div.lightbox-stage", { tabindex: "-1", autofocus: true }, this.frame, this.before, this.after);
    this.dialog = el(
      "dialog.lightbox",
      { "aria-label": t("Photos and videos") },
      el(
        "div.lightbox-bar",
        {},
        this.title,
        this.smaller,
        this.larger,
        this.inChat,
        this.drive,
        this.save,
        button(t("Close"), "close", () => this.dialog.close()),
      ),
      this.stage,
      this.caption,
    );
    this.resizes = new ResizeObserver(() => this.fit());
    this.gestures = this.listen();
    show(this.dialog, () => this.resizes.disconnect());
    this.draw();
  }

  listen() {
    this.dialog.addEventListener("keydown", (event) => this.onKey(event));
    this.stage.addEventListener("click", (event) => this.clicked(event));
    this.resizes.observe(this.stage);
    return new Gestures(this.stage, this.zoom, {
      canZoom: () => this.picture instanceof HTMLImageElement,
      draw: () => this.place(),
      drag: (dx) => this.place(dx ?? 0),
      step: (by) => void this.step(by),
    });
  }

  // ------------------------------------------------------------ what is shown

  draw() {
    const message = this.reel.current;
    if (!message) return;
    const { media } = message;
    const name = this.wires.nameOf(message);
    this.zoom.reset();
    const isFirst = this.picture === null;
    this.picture = message.type === "video" && media ? this.film(media, isFirst) : this.photo(message);
    refill(this.frame, this.picture);
    refill(this.title, el("strong", { dir: "auto" }, name), el("span", {}, fullTime(message.timestamp)));
    refill(this.caption, richText(message.text));
    this.caption.hidden = !message.text;
    this.drive.hidden = !media?.drive_url;
    this.drive.href = media?.drive_url ?? "";
    this.save.hidden = !media?.url;
    this.save.href = `${media?.url}?download=1`;
    this.save.download = media?.filename ?? "";
    this.inChat.hidden = message.id === null;
    this.smaller.hidden = this.larger.hidden = message.type === "video";
    this.fit();
    this.showEnds();
    void this.reel.prepare().then(() => this.isShown(message) && this.prepared());
  }

  /** @param {Message} message */
  isShown(message) {
    return this.dialog.open && this.reel.current === message;
  }

  prepared() {
    this.showEnds();
    for (const by of /** @type {const} */ ([-1, 1])) {
      const next = this.reel.neighbour(by);
      if (next?.type === "image" && next.media) new Image().src = next.media.url; // in the browser's cache when it is stepped to
    }
  }

  showEnds() {
    this.before.disabled = !this.reel.has(-1);
    this.after.disabled = !this.reel.has(1);
    if (!(document.activeElement instanceof HTMLButtonElement && document.activeElement.disabled)) return;
    this.stage.focus(); // a disabled button would swallow the arrow keys
  }

  /** @param {Message} message */
  photo({ media, text, timestamp, local_url: localUrl }) {
    const image = el("img.lightbox-picture", {
      alt: text || t("Photo of {time}", { time: fullTime(timestamp) }),
      src: media?.url || localUrl,
      draggable: "false",
    });
    if (media?.thumbnail_url) image.style.backgroundImage = `url("${media.thumbnail_url}")`; // until the large one is here
    image.addEventListener("load", () => {
      image.style.backgroundImage = "";
      this.fit();
    });
    image.addEventListener(
      "error",
      () =>
        this.picture === image &&
        refill(this.frame, el("p.lightbox-error", { role: "alert" }, t("This photo could not be shown. Download it instead."))),
    );
    return image;
  }

  /** @param {Media} media @param {boolean} plays it was clicked on */
  film(media, plays) {
    pauseSound();
    const video = el("video.lightbox-picture", {
      src: media.url,
      controls: true,
      preload: "metadata",
      playsinline: true,
      autoplay: plays,
      "aria-label": t("Video"),
    });
    video.addEventListener(
      "error",
      () =>
        this.picture === video &&
        refill(
          this.frame,
          el("p.lightbox-error", { role: "alert" }, t("This browser cannot play this video. Download it instead.")),
        ),
    );
    return video;
  }

  // ------------------------------------------------------------ its place

  fit() {
    const { picture } = this;
    if (!picture) return;
    const { clientWidth: width, clientHeight: height } = this.stage;
    this.zoom.fit({ width, height }, sizeOf(picture, this.reel.current?.media));
    picture.style.width = `${this.zoom.fitted.width}px`;
    picture.style.height = `${this.zoom.fitted.height}px`;
    this.place();
  }

  /** @param {number} [dragged] px that it follows a finger sideways */
  place(dragged = 0) {
    const { picture, zoom } = this;
    if (!picture) return;
    picture.style.transform = `translate(${zoom.x + dragged}px, ${zoom.y}px) scale(${zoom.scale})`;
    this.stage.classList.toggle("is-zoomed", zoom.isZoomed);
    this.smaller.disabled = !zoom.isZoomed;
  }

  /** @param {number} factor */
  zoomBy(factor) {
    if (!(this.picture instanceof HTMLImageElement)) return;
    this.zoom.by(factor);
    this.place();
  }

  // ------------------------------------------------------------ what a person does

  /** @param {-1 | 1} by */
  async step(by) {
    if (!this.reel.has(by)) return;
    try {
      if (await this.reel.step(by)) {
        if (this.dialog.open) this.draw();
      } else this.showEnds();
    } catch (error) {
      toast(/** @type {Error} */ (error).message);
    }
  }

  showInChat() {
    const id = this.reel.current?.id;
    this.dialog.close();
    if (id) this.wires.showInChat(id);
  }

  /** Beside the picture, and not at the end of a drag. @param {Event} event */
  clicked({ target }) {
    if ((target === this.stage || target === this.frame) && !this.gestures.hasMoved) this.dialog.close();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.target instanceof HTMLVideoElement || event.altKey || event.ctrlKey || event.metaKey) return; // a film has keys of its own
    const run = /** @type {Record<string, () => void>} */ ({
      ArrowLeft: () => void this.step(-1),
      ArrowRight: () => void this.step(1),
      "+": () => this.zoomBy(STEP),
      "=": () => this.zoomBy(STEP),
      "-": () => this.zoomBy(1 / STEP),
      0: () => this.zoomBy(0),
    })[event.key];
    if (!run) return;
    event.preventDefault();
    run();
  }
}

/** @param {string} name @param {string} glyph @param {() => void} run @param {string} [classes] */
function button(name, glyph, run, classes = "") {
  return el(
    "button.icon-button",
    { type: "button", class: classes, "aria-label": name, title: name, onclick: run },
    icon(glyph),
  );
}

/**
 * As the server knows it, so that nothing moves; else as the browser finds it.
 * @param {HTMLImageElement | HTMLVideoElement} picture
 * @param {Media | null | undefined} media
 */
function sizeOf(picture, media) {
  if (media?.width && media.height) return { width: media.width, height: media.height };
  if (picture instanceof HTMLImageElement && picture.naturalWidth)
    return { width: picture.naturalWidth, height: picture.naturalHeight };
  return null;
}
