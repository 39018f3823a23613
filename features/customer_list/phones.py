"""One cell of the phone column, as people and spreadsheet programs fill it, into phone numbers. Pure; never guesses."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from core import phone
from core.errors import Invalid
from core.reason import Reason, define

_SHORTEST = 8  # with country code; shorter ones are extensions, room numbers, notes
_SHORTEST_UNMARKED = 10
_LONGEST_CELL = 200
_FORMULA_ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|ERROR!|SPILL!|CALC!|GETTING_DATA)|Err:\d+", re.I)
_SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE][+-]?\d+")
_WHOLE_FLOAT = re.compile(r"(\+?\d+)[.,]0+")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+(\.0+)?")
_AS_TEXT = re.compile(r"=\"([^\"]*)\"|'(.*)")  # how Excel and Sheets are told "this is text"
_BETWEEN_NUMBERS = re.compile(r"[/,;|&\n\r、]|\b(?:or|and)\b|[或和及]", re.I)
_EXTENSION = re.compile(r"\d[^\d]*[^\W\d_][^\d]*\d")  # digits, a word, digits: "2345 6789 ext 12"

define(
    {
        "list.not_a_phone": "“{cell}” is not a phone number",
        "list.phone_formula": "the formula in the phone column gives an error",
        "list.shortened": "the phone number is shortened ({cell}); format the column as text",
        "list.lost_plus": "{cell} is kept as a number and may have lost its +; format the column as text",
        "list.no_country_code": "“{cell}” has no country code: write it with + in front, or choose your country under Settings,"
        " Customer List",
    }
)


class Unreadable(Exception):
    """Why the cell gives no phone number."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason


def is_formula_error(cell: str) -> bool:
    return _FORMULA_ERROR.fullmatch(cell.strip()) is not None


def read_phones(cell: str, default_country: str | None, *, is_number: bool = False) -> list[str]:
    """Digits with country code, without repeats; several when the cell lists several, none when it is blank.

    `is_number`: the spreadsheet keeps the cell as a number, so a "+" or zeros in front may be gone. Raises Unreadable.
    """
    text = unicodedata.normalize("NFKC", cell[: _LONGEST_CELL + 1]).strip()
    if len(cell) > _LONGEST_CELL:
        raise Unreadable(Reason("list.not_a_phone", cell=" ".join(text.split())[:40]))
    if quoted := _AS_TEXT.fullmatch(text):
        text = (quoted[1] or quoted[2] or "").strip()
    text = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)
    if not text:
        return []
    if is_formula_error(text):
        raise Unreadable(Reason("list.phone_formula"))
    if _SCIENTIFIC.fullmatch(text):
        raise Unreadable(Reason("list.shortened", cell=text[:40]))
    if _THOUSANDS.fullmatch(text):
        text = text.split(".")[0].replace(",", "")
    if whole := _WHOLE_FLOAT.fullmatch(text):
        text = whole[1]
    if is_number and default_country and _may_be_foreign(text, default_country):
        raise Unreadable(Reason("list.lost_plus", cell=text[:40]))
    parts = [part for part in _BETWEEN_NUMBERS.split(text) if part.strip()]
    return list(dict.fromkeys(_read_one(part, default_country, text) for part in parts))


def _read_one(part: str, default_country: str | None, cell: str) -> str:
    unclear = Unreadable(Reason("list.not_a_phone", cell=" ".join(cell.split())[:40]))
    if _EXTENSION.search(part) or re.fullmatch(r"-\d+", part.strip()):
        raise unclear
    number = re.sub(r"[^\W\d_]+", " ", part).strip(" :.-_")  # "Tel: 5123 4567 (Mum)" without the words
    try:
        digits = phone.normalise(number, default_country)
    except Invalid:
        raise unclear from None
    if len(digits) < _SHORTEST:
        raise unclear
    is_marked = default_country is not None or number.startswith(("+", "00"))
    if not _has_country_code(digits, is_marked=is_marked):
        raise Unreadable(Reason("list.no_country_code", cell=number[:40]))
    return digits


def _may_be_foreign(digits: str, default_country: str) -> bool:
    """Without its "+" it reads as a number of this country, but it is one of another country as well."""
    try:
        local, foreign = phonenumbers.parse(digits, default_country), phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return False
    return foreign != local and phonenumbers.is_possible_number(local) and phonenumbers.is_valid_number(foreign)


def _has_country_code(digits: str, *, is_marked: bool) -> bool:
    """By length: a local number read as an international one is mostly too short for its "country".

    Not always: Hong Kong's 5003 1234 is also a number of the Falkland Islands. So what neither carries a "+" nor has a
    country to be read in must be longer than local numbers mostly are, and of a kind that is in use.
    """
    try:
        number = phonenumbers.parse(f"+{digits}", None)
    except phonenumbers.NumberParseException:
        return False
    if not is_marked and (len(digits) < _SHORTEST_UNMARKED or not phonenumbers.is_valid_number(number)):
        return False
    return phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
