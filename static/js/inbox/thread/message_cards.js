// Structured messages as cards one can read: place, contacts, order, form, the ad that somebody came from.

import { plural, t } from "../../lib/strings.js";
import { avatar } from "../../ui/avatar.js";
import { el } from "../../ui/dom.js";
import { icon } from "../../ui/icons.js";

const MAP = "https://www.openstreetmap.org/";

/** @param {Message} message @returns {HTMLElement | null} */
export function cardOf(message) {
  const payload = message.payload ?? {};
  if (message.type === "location") return locationCard(payload);
  if (message.type === "contacts") return el("div.cards", {}, (payload.contacts ?? []).map(contactCard));
  if (message.type === "order") return orderCard(payload);
  if (payload.kind === "nfm_reply") return formCard(payload);
  return null;
}

/** @param {any} place */
function locationCard({ latitude, longitude, name, address }) {
  const has = typeof latitude === "number" && typeof longitude === "number";
  const at = has ? `${latitude.toFixed(5)}, ${longitude.toFixed(5)}` : "";
  const inside = [
    el("div.map-face", { "aria-hidden": "true" }, icon("pin")),
    el(
      "div.card-lines",
      {},
      el("span.card-strong", { dir: "auto" }, name || t("Location")),
      el("span.card-quiet", { dir: "auto" }, address || at),
    ),
  ];
  if (!has) return el("div.place-card", {}, inside);
  const href = `${MAP}?mlat=${latitude}&mlon=${longitude}#map=16/${latitude}/${longitude}`;
  return el("a.place-card", { href, target: "_blank", rel: "noopener noreferrer", title: t("Open the map") }, inside);
}

/** @param {any} card */
function contactCard(card) {
  const names = card.name ?? {};
  const name =
    names.formatted_name || [names.first_name, names.last_name].filter(Boolean).join(" ") || card.org?.company || t("Contact");
  const lines = [
    card.org?.company !== name ? card.org?.company : null,
    ...(card.phones ?? []).map((/** @type {any} */ phone) => phone.phone || phone.wa_id),
    ...(card.emails ?? []).map((/** @type {any} */ email) => email.email),
  ].filter(Boolean);
  return el(
    "div.contact-card",
    {},
    avatar({ name, key: name, size: "avatar-small" }),
    el(
      "div.card-lines",
      {},
      el("span.card-strong", { dir: "auto" }, name),
      lines.map((line) => el("span.card-quiet", { dir: "auto" }, line)),
    ),
  );
}

/** @param {any} order */
function orderCard({ product_items: items = [] }) {
  const count = items.reduce((/** @type {number} */ sum, /** @type {any} */ item) => sum + (item.quantity ?? 1), 0);
  return el(
    "div.order-card",
    {},
    el(
      "div.card-title-row",
      {},
      icon("cart"),
      el("span.card-strong", {}, plural(count, "{count} item", "{count} items")),
      el("span.card-total", {}, totalOf(items)),
    ),
    items.map((/** @type {any} */ item) =>
      el(
        "div.order-line",
        {},
        el("span", {}, `${item.quantity ?? 1} ×`),
        el("span.order-name", {}, item.product_retailer_id ?? ""),
        el("span", {}, priceOf(item.item_price, item.currency)),
      ),
    ),
  );
}

/** @param {any[]} items */
function totalOf(items) {
  const currencies = new Set(items.map((item) => item.currency ?? ""));
  if (currencies.size !== 1 || items.some((item) => typeof item.item_price !== "number")) return "";
  return priceOf(
    items.reduce((sum, item) => sum + item.item_price * (item.quantity ?? 1), 0),
    [...currencies][0],
  );
}

/** @param {unknown} price @param {string | undefined} currency */
function priceOf(price, currency) {
  return typeof price === "number" ? `${price.toFixed(2)} ${currency ?? ""}`.trim() : "";
}

/** @param {any} form */
function formCard({ response }) {
  const answers = Object.entries(response ?? {}).filter(([key, value]) => key !== "flow_token" && typeof value !== "object");
  if (!answers.length) return null;
  const title = el("div.reply-label", {}, icon("list", "icon-small"), t("Filled in a form"));
  return el(
    "div",
    {},
    title,
    el(
      "dl.pairs.form-card",
      {},
      answers.flatMap(([key, value]) => [el("dt", { dir: "auto" }, key), el("dd", { dir: "auto" }, String(value))]),
    ),
  );
}

/** The ad that brought the customer here. @param {Message} message @returns {HTMLElement | null} */
export function referralOf(message) {
  const ad = message.payload?.referral;
  if (!ad) return null;
  const inside = [
    el("span.card-quiet", {}, icon("megaphone", "icon-small"), t("Came from an ad")),
    ad.headline ? el("span.card-strong", { dir: "auto" }, ad.headline) : null,
    ad.body ? el("span.card-quiet", { dir: "auto" }, ad.body) : null,
  ];
  const isWeb = /^https?:\/\//.test(ad.source_url ?? "");
  return isWeb
    ? el("a.referral-card", { href: ad.source_url, target: "_blank", rel: "noopener noreferrer nofollow" }, inside)
    : el("div.referral-card", {}, inside);
}
