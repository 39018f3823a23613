"""Phone numbers: digits with country code inside, E.164 with "+" outside."""

from __future__ import annotations

import re

import phonenumbers

from core.errors import Invalid

_NOT_DIGITS = re.compile(r"[^0-9]")
_BRAZIL_MOBILE = re.compile(r"55([1-9][0-9])(9?)([6-9][0-9]{7})")
_MEXICO = re.compile(r"52(1?)([2-9][0-9]{9})")
_LONGEST, _SHORTEST = 15, 5  # E.164 allows 15; shorter ones are service codes that WhatsApp has not
_TOO_LONG_TO_READ = 40
_POSSIBLE = phonenumbers.ValidationResult


def normalise(raw: str, default_country: str | None = None) -> str:
    """"+852 5123 4567" -> "85251234567". Only the possible length is checked, never "is valid".

    With `default_country` ("HK") a number without "+" is read as dialled there when that gives a possible number.
    Raises Invalid.
    """
    text = raw.strip()
    if len(text) > _TOO_LONG_TO_READ or any(sign.isalpha() for sign in text):
        raise Invalid("This is not a phone number.", code="invalid_phone")
    if default_country and not text.startswith("+") and (dialled := as_dialled(text, default_country)):
        return dialled
    digits = _NOT_DIGITS.sub("", text)
    if digits.startswith("00"):
        digits = digits[2:]
    if not _SHORTEST <= len(digits) <= _LONGEST:
        raise Invalid("This is not a phone number with country code.", code="invalid_phone")
    return digits


def as_dialled(text: str, country: str, *, whole: bool = False) -> str | None:
    """Digits with country code, None when this is no possible number to somebody who dials it in `country`.

    `whole`: not one that reaches somebody only within a town.
    """
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != _POSSIBLE.IS_POSSIBLE and (whole or reason != _POSSIBLE.IS_POSSIBLE_LOCAL_ONLY):
        return None
    return f"{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"


def spellings(digits: str) -> tuple[str, ...]:
    """The same number as WhatsApp may write it, the given one first: a Brazilian mobile with or without its ninth digit,
    a Mexican number with or without the old "1". Meta uses both for one person.
    """
    if found := _BRAZIL_MOBILE.fullmatch(digits):
        other = f"55{found[1]}{found[3]}" if found[2] else f"55{found[1]}9{found[3]}"
        return digits, other
    if found := _MEXICO.fullmatch(digits):
        return digits, f"52{found[2]}" if found[1] else f"521{found[2]}"
    return (digits,)


def digits_in_search(q: str) -> str:
    """"+852 5123-4567" is looked for as it is stored; a name with a digit in it is not a number: ""."""
    if any(character.isalpha() for character in q):
        return ""
    digits = "".join(character for character in q if character.isascii() and character.isdigit())
    return digits if len(digits) >= 3 else ""


def e164(digits: str) -> str:
    return f"+{digits}"


def pretty(digits: str) -> str:
    """"85251234567" -> "+852 5123 4567"; what cannot be read stays as it is."""
    try:
        parsed = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return f"+{digits}"
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
