// Calls of the sandbox page, on top of the inbox's own.

import * as api from "../net/api.js";

const ROOT = "/sandbox/api";

/**
 * @param {number} since
 * @returns {Promise<import("./model.js").State>}
 */
export const state = (since) => api.get(`${ROOT}/state?since=${since}`);

/** @param {object} body @returns {Promise<{ id: string }>} */
export const addCustomer = (body) => api.post(`${ROOT}/customers`, body);

/** @param {string} fault */
export const addFault = (fault) => api.post(`${ROOT}/faults`, { fault });

export const clearFaults = () => api.remove(`${ROOT}/faults`);

/** @param {boolean} on */
export const setReachable = (on) => api.post(`${ROOT}/reachable`, { on });

/**
 * `act(customer.id, "reactions", { wamid, text })`
 * @param {string} id
 * @param {string} what
 * @param {object} body
 */
export const act = (id, what, body) => api.post(`${ROOT}/customers/${encodeURIComponent(id)}/${what}`, body);

/**
 * @param {string} id
 * @param {FormData} form
 */
export async function sendFile(id, form) {
  const answer = await fetch(`${ROOT}/customers/${encodeURIComponent(id)}/messages`, { method: "POST", body: form });
  if (!answer.ok) throw api.errorOf(answer.status, await answer.json().catch(() => null));
}

/** @param {string} id */
export const mediaAddress = (id) => `${ROOT}/media/${encodeURIComponent(id)}`;
