// How the installation is doing: mode, WhatsApp, database, the last webhook.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";
import { when } from "./dates.js";

const WHATSAPP = () => ({
  ok: t("answers"),
  unreachable: t("does not answer"),
  token_dead: t("refuses the access token"),
  paused: t("sending is paused"),
});

const MODES = () => ({
  sandbox: t("Sandbox: nothing reaches WhatsApp"),
  locked: t("The key of the WhatsApp number is lost"),
  live: t("Connected to WhatsApp"),
});

/** @param {HTMLElement} root */
export async function showAbout(root) {
  refill(root, el("p.muted", { role: "status" }, t("Loading…")));
  try {
    const [about, status] = await Promise.all([api.get("/api/about"), api.get("/api/status").catch(() => null)]);
    refill(root, el("dl.pairs", {}, ...pairs(about, status)));
  } catch (error) {
    refill(root, el("p.field-error", { role: "alert" }, /** @type {Error} */ (error).message));
  }
}

/**
 * @param {any} about
 * @param {any} status null when it could not be had
 */
function pairs(about, status) {
  const whatsapp = status?.message ?? WHATSAPP()[/** @type {"ok"} */ (status?.whatsapp)] ?? t("not known");
  return [
    [t("Mode"), MODES()[/** @type {"live"} */ (about.mode)]],
    [t("WhatsApp"), whatsapp],
    [t("Database"), about.database === "ok" ? t("in order") : t("cannot be written")],
    [t("Last webhook"), when(about.last_webhook_at, t("none yet"))],
    [t("Public address"), about.public_url ?? t("not set")],
  ].flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]);
}
