// The country in which phone numbers without country code are read.

import { t } from "../lib/strings.js";
import * as api from "../net/api.js";
import { el, refill } from "../ui/dom.js";
import { toast } from "../ui/toast.js";
import { field } from "./dialog.js";

/** @typedef {Api.CountryChoice} Country */

/**
 * @param {HTMLElement} place
 * @param {Country} country
 * @param {(state: import("./customers.js").State) => void} changed
 */
export function showCountry(place, country, changed) {
  const names = new Intl.DisplayNames(document.documentElement.lang || "en", { type: "region" });
  const choices = country.choices
    .map(([code, prefix]) => ({ code, label: `${names.of(code) ?? code} (+${prefix})` }))
    .sort((one, other) => one.label.localeCompare(other.label));
  const select = el(
    "select.input",
    { disabled: country.by_environment },
    el("option", { value: "", selected: !country.code }, t("No country: numbers need + in front")),
    choices.map(({ code, label }) => el("option", { value: code, selected: code === country.code }, label)),
  );
  select.addEventListener("change", async () => {
    try {
      changed(await api.patch("/api/customers/list", { country: select.value }));
      toast(t("Saved."));
    } catch (error) {
      select.value = country.code ?? "";
      toast(/** @type {Error} */ (error).message);
    }
  });
  refill(
    place,
    field(
      t("Numbers without country code are from"),
      select,
      country.by_environment
        ? t("It is set on the server (DEFAULT_COUNTRY) and can be changed there only.")
        : t("In the list, and when somebody types one for a new chat."),
    ),
  );
}
