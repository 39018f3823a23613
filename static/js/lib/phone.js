// Phone numbers as people read them: "+852 5123 4567".

// ITU-T E.164 country codes of one and two digits; all others have three.
const SHORT = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

/** @param {string | null | undefined} phone digits, "+" or not */
export function prettyPhone(phone) {
  const digits = (phone ?? "").replace(/\D/g, "");
  if (digits.length < 8) return digits ? `+${digits}` : "";
  const code = SHORT.exec(digits)?.[0] ?? digits.slice(0, 3);
  return `+${code} ${grouped(digits.slice(code.length))}`;
}

/**
 * What somebody typed to write to: null without "+" or "00" in front, since "5123 4567" would reach a stranger in Peru.
 * @param {string} typed
 * @returns {string | null} "+85251234567"
 */
export function typedPhone(typed) {
  const [, rest] = /^\(?(?:\+|00)(.*)$/.exec(typed.normalize("NFKC").trim()) ?? [];
  const digits = rest?.replace(/\D/g, "") ?? "";
  return digits.length >= 7 && digits.length <= 15 ? `+${digits}` : null;
}

/** @param {string} digits */
function grouped(digits) {
  if (digits.length === 10) return `${digits.slice(0, 3)} ${digits.slice(3, 6)} ${digits.slice(6)}`;
  if (digits.length === 8) return `${digits.slice(0, 4)} ${digits.slice(4)}`;
  return (digits.match(/.{1,3}(?=.{2}|$)|.{1,3}$/g) ?? [digits]).join(" ");
}
