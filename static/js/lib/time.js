// Times as people read them, in the browser's own time zone. Every function takes `now`, so that tests need no clock.

import { language, plural, t } from "./strings.js";

const DAY = 86_400_000;

/** Made when first needed: the language is known by then. @param {Intl.DateTimeFormatOptions} options */
function formatted(options) {
  /** @type {Intl.DateTimeFormat | undefined} */
  let format;
  return (/** @type {When} */ when) => (format ??= new Intl.DateTimeFormat(language(), options)).format(new Date(when));
}

const clockFormat = formatted({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const weekdayFormat = formatted({ weekday: "long" });
const shortFormat = formatted({ day: "2-digit", month: "2-digit", year: "numeric" });
const dateFormat = formatted({ day: "numeric", month: "short", year: "numeric" });
const longFormat = formatted({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const fullFormat = formatted({ dateStyle: "medium", timeStyle: "medium" });

/** @typedef {string | number | Date} When ISO text, milliseconds or a Date */

/** "09:41" @param {When} when */
export const clock = (when) => clockFormat(when);
/** "21 Nov 2026, 09:41:07" @param {When} when */
export const fullTime = (when) => fullFormat(when);
/** "12 Mar 2024" @param {When} when */
export const date = (when) => dateFormat(when);

/** The same for all times of one local day. @param {When} when */
export function dayKey(when) {
  const day = new Date(when);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

/** Whole local days from `when` to `now`; a change of the clocks does not count as one. @param {When} when @param {number} now */
function daysAgo(when, now) {
  const then = new Date(when).setHours(12, 0, 0, 0);
  return Math.round((new Date(now).setHours(12, 0, 0, 0) - then) / DAY);
}

/** In the chat list: HH:mm today, Yesterday, the weekday within 7 days, else the date. @param {When} when @param {number} now */
export function listTime(when, now) {
  const days = daysAgo(when, now);
  if (days <= 0) return clock(when);
  if (days === 1) return t("Yesterday");
  return days < 7 ? weekdayFormat(when) : shortFormat(when);
}

/** On the pill between two days. @param {When} when @param {number} now */
export function dayLabel(when, now) {
  const days = daysAgo(when, now);
  if (days === 0) return t("Today");
  if (days === 1) return t("Yesterday");
  return days > 0 && days < 7 ? weekdayFormat(when) : longFormat(when);
}

/** "21 h 57 min", "12 min", "less than a minute": rounded down, so that nobody trusts a minute that is not there. @param {number} ms */
export function remaining(ms) {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return t("less than a minute");
  const hours = Math.floor(minutes / 60);
  return hours ? t("{hours} h {minutes} min", { hours, minutes: minutes % 60 }) : t("{minutes} min", { minutes });
}

/** How long a customer has been waiting, short: "5 min", "2 h", "3 d"; "" below a minute. @param {When} since @param {number} now */
export function waited(since, now) {
  const minutes = Math.floor((now - new Date(since).getTime()) / 60_000);
  if (minutes < 1) return "";
  if (minutes < 60) return t("{count} min", { count: minutes });
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? t("{count} h", { count: hours }) : t("{count} d", { count: Math.floor(hours / 24) });
}

/** The same in full words. @param {When} since @param {number} now */
export function waitedInWords(since, now) {
  const minutes = Math.floor((now - new Date(since).getTime()) / 60_000);
  if (minutes < 1) return "";
  if (minutes < 60) return plural(minutes, "waiting for {count} minute", "waiting for {count} minutes");
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return plural(hours, "waiting for {count} hour", "waiting for {count} hours");
  return plural(Math.floor(hours / 24), "waiting for {count} day", "waiting for {count} days");
}

/** "0:14", "1:02:09" @param {number} ms */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const tail = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}
