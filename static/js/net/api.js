// Calls to our own server: JSON in, JSON out, one kind of error. An ended session leads to /login from wherever it shows.

import { t } from "../lib/strings.js";

const PATIENCE = 20_000; // ms

export class ApiError extends Error {
  /**
   * @param {number} status 0 when nothing came back
   * @param {string} code for programs; "network" when nothing came back
   * @param {string} message for people
   * @param {number} [retryAfter] seconds
   * @param {any} [details] more of it, by the code
   */
  constructor(status, code, message, retryAfter, details) {
    super(message);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
    this.details = details;
  }

  /** Nothing was decided: the same call may be made again. */
  get isTransient() {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** @param {string} path @returns {Promise<any>} */
export const get = (path) => call("GET", path);
/** @param {string} path @param {unknown} [body] @param {number} [patience] ms @returns {Promise<any>} */
export const post = (path, body = {}, patience = PATIENCE) => call("POST", path, body, patience);
/** @param {string} path @param {unknown} body @returns {Promise<any>} */
export const patch = (path, body) => call("PATCH", path, body);
/** @param {string} path @param {unknown} [body] @returns {Promise<any>} */
export const remove = (path, body = {}) => call("DELETE", path, body);

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {number} [patience] ms
 * @returns {Promise<any>} the JSON of the answer; null for 204
 * @throws {ApiError}
 */
async function call(method, path, body, patience = PATIENCE) {
  /** @type {RequestInit} */
  const options = { method, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(patience) };
  if (body instanceof FormData) {
    options.body = body;
  } else if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers = { ...options.headers, "Content-Type": "application/json" };
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError(0, "network", t("The server does not answer."));
  }
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw errorOf(response.status, answer, Number(response.headers.get("Retry-After")) || undefined);
}

/**
 * Also for XMLHttpRequest, which alone tells how far an upload has come.
 * @param {number} status
 * @param {any} answer
 * @param {number} [retryAfter]
 */
export function errorOf(status, answer, retryAfter) {
  if (status === 401) leaveForLogin();
  const { code = "failed", message = t("Something went wrong (error {status}).", { status }), details } = answer?.error ?? {};
  // A proxy's page in place of our JSON: nothing of ours has answered.
  return new ApiError(status < 400 ? 0 : status, String(code), String(message), retryAfter, details);
}

function leaveForLogin() {
  if (location.pathname !== "/login") location.assign("/login");
}
