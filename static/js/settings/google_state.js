// How Google is, in words: who is connected, what is wrong and what to do, how much room is left. Plain functions of the state.

import { language, t } from "../lib/strings.js";

/**
 * @typedef {Api.GoogleStatus} GoogleState
 * @typedef {Api.ArchiveCounts} ArchiveCounts
 * @typedef {Api.GoogleContacts} Contacts
 * @typedef {"connect" | "folder" | "link" | "retry" | null} Way what repairs it
 */

/** Is a permission missing for something that is switched on? @param {GoogleState} google */
export function lacksPermission(google) {
  return google.state === "connected" && Object.values(google.parts).some(({ wanted, granted }) => wanted && !granted);
}

/**
 * What is wrong, the worst first; null when nothing is.
 * @param {GoogleState} google
 * @returns {{ text: string, isBad: boolean, way: Way } | null}
 */
export function troubleOf(google) {
  const { state, drive, switches } = google;
  if (state === "broken") return { text: google.message ?? "", isBad: true, way: null };
  if (state === "needs_reconnect")
    return {
      text: google.message ?? t("Google asks you to connect again."),
      isBad: true,
      way: google.kind === "user" ? "connect" : null,
    };
  if (state !== "connected") return null;
  if (lacksPermission(google))
    return {
      text: t("Google was not given every permission that is needed for what is switched on."),
      isBad: true,
      way: "connect",
    };
  if (!switches.archive && !switches.backups) return null;
  switch (drive.trouble) {
    case "folder":
      return { text: drive.reason ?? "", isBad: true, way: "folder" };
    case "config":
      return { text: drive.reason ?? "", isBad: true, way: drive.link ? "link" : "retry" };
    case "quota":
      return {
        text: t("Your Google storage is full. Files are kept here and go to Drive as soon as there is room."),
        isBad: true,
        way: "retry",
      };
    case "reconnect":
      return { text: drive.reason ?? "", isBad: true, way: google.kind === "user" ? "connect" : "retry" };
    case "away":
      return { text: t("Google does not answer. Files are kept here and go to Drive by themselves."), isBad: false, way: null };
    default:
      break;
  }
  if (drive.level === "almost_full") return { text: t("Your Google storage is almost full."), isBad: true, way: null };
  if (drive.level === "nearly_full") return { text: t("Your Google storage is nearly full."), isBad: false, way: null };
  return null;
}

/** What Google's page will ask for, by what is switched on. @param {GoogleState} google */
export function askedFor({ parts }) {
  /** @type {[keyof Api.GooglePermissions, string][]} */
  const words = [
    ["drive", t("files that the inbox makes itself")],
    ["sheet", t("reading your Sheets")],
    ["sheet_write", t("changing your Sheets")],
    ["contacts", t("reading your contacts")],
  ];
  return words
    .filter(([part]) => parts[part]?.wanted)
    .map(([, asked]) => asked)
    .join(", ");
}

/** "12.4 GB of 15.0 GB used" @param {{ used: number | null, limit: number | null }} drive */
export function roomOf({ used, limit }) {
  if (used === null) return null;
  if (limit === null) return t("{used} used, no limit", { used: gigabytes(used) });
  return t("{used} of {limit} used", { used: gigabytes(used), limit: gigabytes(limit) });
}

/** As Google counts them. @param {number} bytes */
export function gigabytes(bytes) {
  const gb = bytes / 1024 ** 3;
  return `${gb >= 100 ? Math.round(gb) : gb.toFixed(1)} GB`;
}

/** @param {ArchiveCounts} counts */
export function progressOf({ waiting, done, dead }) {
  const parts = [t("{done} files in Drive", { done })];
  if (waiting) parts.push(t("{waiting} waiting", { waiting }));
  if (dead) parts.push(t("{dead} given up", { dead }));
  return parts.join(", ");
}

/** "1,204 names, read 5 minutes ago", and what was wrong at the last try. @param {Contacts} contacts @param {number} [now] ms */
export function namesOf({ count, read_at, problem }, now = Date.now()) {
  if (!read_at) return problem ?? t("They are read within a minute.");
  const minutes = Math.max(0, Math.round((now - Date.parse(read_at)) / 60_000));
  const hours = Math.round(minutes / 60);
  const read =
    minutes < 1
      ? t("read just now")
      : minutes < 100
        ? t("read {minutes} min ago", { minutes })
        : t("read {hours} h ago", { hours });
  return [t("{count} names, {read}", { count: count.toLocaleString(language()), read }), problem].filter(Boolean).join(". ");
}
