// Line icons on a 24 px grid, and WhatsApp's ticks on their own.

import { svg } from "./dom.js";

/** @type {Record<string, string[]>} */
const PATHS = {
  plus: ["M12 5v14M5 12h14"],
  minus: ["M5 12h14"],
  more: ["M12 5h.01M12 12h.01M12 19h.01"],
  search: ["M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0z", "m21 21-4.5-4.5"],
  back: ["M15 5l-7 7 7 7"],
  close: ["M6 6l12 12M18 6 6 18"],
  down: ["M6 9l6 6 6-6"],
  check: ["M5 12.5 10 17.5 19.5 7"],
  smile: ["M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z", "M8.5 14.5c1 1.3 2.2 2 3.5 2s2.5-.7 3.5-2M9 10h.01M15 10h.01"],
  attach: ["m20 11-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.5 17a1.7 1.7 0 0 1-2.4-2.4L14.5 7"],
  send: ["M4.5 12 3.6 4.6a.6.6 0 0 1 .86-.6L20.5 12 4.46 20a.6.6 0 0 1-.86-.6L4.5 12zM4.5 12H12"],
  template: ["M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z", "M8 9h8M8 13h8M8 17h4"],
  reply: ["M9 6 4 11l5 5", "M4 11h9a7 7 0 0 1 7 7v1"],
  copy: [
    "M9 8h10a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V9a1 1 0 0 1 1-1z",
    "M16 8V4a1 1 0 0 0-1-1H5a1 1 0 0 0-1 1v11a1 1 0 0 0 1 1h3",
  ],
  info: ["M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z", "M12 11v5M12 8h.01"],
  retry: ["M20 11a8 8 0 0 0-14.3-4L4 9M4 5v4h4M4 13a8 8 0 0 0 14.3 4l1.7-2M20 19v-4h-4"],
  trash: ["M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13"],
  download: ["M12 4v11M7 11l5 5 5-5M5 20h14"],
  play: ["M8 5.5v13l10.5-6.5z"],
  stop: ["M8 7h8a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1z"],
  pause: ["M8.5 6v12M15.5 6v12"],
  photo: [
    "M4 6a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z",
    "m4.5 17 4.5-5 4 4 2.5-2.5 4 4",
    "M15.5 8.5h.01",
  ],
  video: ["M4 7a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z", "m16 10 5-3v10l-5-3"],
  mic: ["M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z", "M5 11a7 7 0 0 0 14 0M12 18v3"],
  music: ["M9 18V5l11-2v13", "M9 18a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM20 16a3 3 0 1 1-6 0 3 3 0 0 1 6 0z"],
  file: ["M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1z", "M14 3v5h5"],
  pin: ["M12 21s7-6.5 7-12a7 7 0 0 0-14 0c0 5.5 7 12 7 12z", "M14.5 9a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0z"],
  person: ["M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20c.6-4 3.5-6 7.5-6s6.9 2 7.5 6"],
  group: [
    "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z",
    "M2.5 20c.5-4 3-6 6.5-6s6 2 6.5 6M16 5a3.5 3.5 0 0 1 0 6.5M18 14.5c2 .8 3.3 2.6 3.6 5.5",
  ],
  cart: ["M3 4h2.5l2.2 11h10.3l2-8H6.5", "M9 20h.01M17 20h.01"],
  list: ["M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01"],
  sticker: ["M5 4h14a1 1 0 0 1 1 1v9l-6 6H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1z", "M14 20v-5a1 1 0 0 1 1-1h5"],
  forward: ["M15 6l5 5-5 5", "M20 11h-9a7 7 0 0 0-7 7v1"],
  blocked: ["M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z", "M5.7 5.7l12.6 12.6"],
  alert: ["M12 4 2.8 19.5h18.4z", "M12 10v4M12 17h.01"],
  clock: ["M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z", "M12 7v5l3 2"],
  chat: ["M21 12a8 8 0 0 1-8 8H4l2-3a8 8 0 1 1 15-5z"],
  sun: [
    "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0z",
    "M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M5 5l1.8 1.8M17.2 17.2 19 19M19 5l-1.8 1.8M6.8 17.2 5 19",
  ],
  moon: ["M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z"],
  screen: ["M4 5h16a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM9 21h6M12 17v4"],
  bell: ["M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 21h4"],
  sound: ["M4 10v4h3.5L12 18V6L7.5 10zM15.5 9.5a3.5 3.5 0 0 1 0 5M18 7a7 7 0 0 1 0 10"],
  leave: ["M14 4h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4M10 8l-4 4 4 4M6 12h9"],
  sliders: ["M4 7h9M17 7h3M4 17h3M11 17h9", "M17 7a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM11 17a2 2 0 1 1-4 0 2 2 0 0 1 4 0z"],
  phone: ["M9.5 2.5h5A2.5 2.5 0 0 1 17 5v14a2.5 2.5 0 0 1-2.5 2.5h-5A2.5 2.5 0 0 1 7 19V5a2.5 2.5 0 0 1 2.5-2.5zM11 18.5h2"],
  pencil: ["M4 20l1-4.5L16.5 4a2.1 2.1 0 0 1 3 3L8 18.5z"],
  link: ["M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1-1"],
  cloud: ["M7 18.5a4.5 4.5 0 0 1-.6-8.96 5.8 5.8 0 0 1 11.2-.9A5 5 0 0 1 17 18.5z"],
  megaphone: ["M4 10v4h3l9 5V5L7 10zM19 9.5a3.5 3.5 0 0 1 0 5M7 14l1.5 5"],
};

/**
 * Decoration only: the control that holds it carries the name.
 * @param {string} name
 * @param {string} [classes]
 */
export function icon(name, classes = "") {
  const paths = (PATHS[name] ?? []).map((d) => svg("path", { d }));
  return svg("svg", { viewBox: "0 0 24 24", class: `icon ${classes}`.trim(), "aria-hidden": "true" }, ...paths);
}

/** @type {Record<string, { box: string, d: string }>} ticks are wide and low, the round ones as high as a line */
const TICKS = {
  one: { box: "0 0 18 12", d: "M4 6.5 7.5 10 14 2" },
  two: { box: "0 0 18 12", d: "M1 6.5 4.5 10 11 2M7.5 9.5l1 1L16 2" },
  clock: { box: "0 0 16 16", d: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.2 1.4" },
  alert: { box: "0 0 16 16", d: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8v3.6M8 11v.01" },
  question: {
    box: "0 0 16 16",
    d: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM6.3 6.4a1.7 1.7 0 1 1 2.5 1.5c-.5.3-.8.5-.8 1M8 11.2v.01",
  },
};

/** @param {"clock" | "one" | "two" | "alert" | "question"} kind */
export function tickIcon(kind) {
  const { box = "0 0 16 16", d = "" } = TICKS[kind] ?? {};
  return svg(
    "svg",
    { viewBox: box, class: box === "0 0 16 16" ? "tick-icon is-round" : "tick-icon", "aria-hidden": "true" },
    svg("path", { d }),
  );
}
