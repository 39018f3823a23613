// Sending a file: XMLHttpRequest, because only it tells how far an upload has come.

import { t } from "../lib/strings.js";
import { ApiError, errorOf } from "./api.js";

/**
 * @param {FormData} form
 * @param {(share: number) => void} onProgress 0..1
 * @returns {{ done: Promise<any>, cancel: () => boolean }} `cancel` does nothing and says false once all bytes have left: the server
 *   may have stored them, and what it says counts
 */
export function upload(form, onProgress) {
  const request = new XMLHttpRequest();
  let hasLeft = false;
  const done = new Promise((resolve, reject) => {
    request.open("POST", "/api/send");
    request.responseType = "json";
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.upload.addEventListener("load", () => (hasLeft = true));
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300 && request.response) resolve(request.response);
      else reject(errorOf(request.status, request.response, Number(request.getResponseHeader("Retry-After")) || undefined));
    });
    request.addEventListener("error", () => reject(new ApiError(0, "network", t("The server does not answer."))));
    request.addEventListener("abort", () => reject(new ApiError(400, "cancelled", t("Cancelled."))));
    request.send(form);
  });
  const cancel = () => {
    if (!hasLeft) request.abort();
    return !hasLeft;
  };
  return { done, cancel };
}
