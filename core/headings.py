"""Which column of a Customer List is what: by the words in its headings, English or Chinese, or as a person chose. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from core.reason import Reason, define
from core.tables import SourceError

_HEADER_WITHIN = 10  # records: owners put a title above the headings

_PHONE = """
    whatsapp whatsappnumber whatsappno whatsappphone wa wanumber whatsapp號碼 whatsapp号码 whatsapp電話 whatsapp电话
    mobile mobilephone mobilenumber mobileno mobilephonenumber cell cellphone cellnumber handphone
    手機 手機號碼 手機號 手提 手提電話 手提號碼 流動電話 行動電話 手机 手机号 手机号码 移动电话
    phone phonenumber phoneno contactnumber contactno contactphone telephonenumber
    電話 電話號碼 聯絡電話 聯絡號碼 客戶電話 聯繫電話 电话 电话号码 联系电话 联络电话 联系号码 客户电话
    tel telephone telno telnumber
""".split()  # the earlier one is taken when a list has several
_NAME = """
    name fullname customername clientname contactname contactperson displayname customer client
    姓名 名稱 名字 全名 客戶姓名 客戶名稱 客戶 客人姓名 客人 顧客姓名 顧客 聯絡人 稱呼
    名称 客户姓名 客户名称 客户 顾客姓名 顾客 联系人 联络人 称呼
    englishname chinesename 中文姓名 英文姓名 中文名 英文名
""".split()
_FIRST_NAME = "firstname givenname givennames forename 名".split()
_LAST_NAME = "lastname surname familyname 姓 姓氏".split()
_HEADINGS = {
    alias: (field, rank)
    for field, aliases in (("phone", _PHONE), ("name", _NAME), ("first", _FIRST_NAME), ("last", _LAST_NAME))
    for rank, alias in enumerate(aliases)
}
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_BETWEEN_WORDS = re.compile(r"[^\w]+|(?<=[\u3400-\u9fff])(?=[a-z])|(?<=[a-z])(?=[\u3400-\u9fff])")

define(
    {
        "list.several_phones": "Several columns hold phone numbers; “{heading}” is used.",
        "list.column_gone": "The chosen column “{heading}” is not in the list any more.",
        "list.no_phones": "No column of phone numbers was found. Give it a heading such as “Phone” or “電話”.",
    }
)


@dataclass(frozen=True)
class Choice:
    """What a person has said, by the texts of the headings. `names`: one column, or first and last name.

    `left_out`: columns that are ours (write-back), not the customer's.
    """

    phone: str = ""
    names: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


NO_CHOICE = Choice()


@dataclass(frozen=True)
class Mapping:
    """Which column is what. `fields`: header -> column, everything else; headers made unique, blank ones left out."""

    phone: int
    name_columns: tuple[int, ...]  # in the order in which they are read
    fields: dict[str, int]
    notes: tuple[Reason, ...] = ()


def map_headers(headers: Sequence[str], choice: Choice = NO_CHOICE) -> Mapping:
    """In any order. A chosen heading that is gone is looked for by its meaning, and noted.

    Raises SourceError without a phone column.
    """
    found: dict[str, list[tuple[int, int]]] = {"phone": [], "name": [], "first": [], "last": []}
    for at, header in enumerate(headers):
        if meaning := _meaning(header):
            field, rank = meaning
            found[field].append((rank, at))
    notes: list[Reason] = []
    phone = _chosen(headers, choice.phone, notes)
    if phone is None:
        if not found["phone"]:
            raise SourceError(Reason("list.no_phones"))
        phone = min(found["phone"])[1]
        if len(found["phone"]) > 1:
            notes.append(Reason("list.several_phones", heading=headers[phone].strip()))
    chosen_names = [_chosen(headers, name, notes) for name in choice.names]
    names = tuple(column for column in chosen_names if column is not None) or _name_columns(found)
    left_out = [find_header(headers, name) for name in choice.left_out]
    return Mapping(phone, names, _other_columns(headers, {phone, *names, *left_out}), tuple(notes))


def find_header(headers: Sequence[str], wanted: str) -> int | None:
    """The column with that heading, small differences in writing aside."""
    if not wanted:
        return None
    plain = [_plain(header) for header in headers]
    return plain.index(_plain(wanted)) if _plain(wanted) in plain else None


def _chosen(headers: Sequence[str], wanted: str, notes: list[Reason]) -> int | None:
    column = find_header(headers, wanted)
    if wanted and column is None:
        notes.append(Reason("list.column_gone", heading=wanted))
    return column


def _name_columns(found: dict[str, list[tuple[int, int]]]) -> tuple[int, ...]:
    if found["name"]:
        return (min(found["name"])[1],)
    return tuple(min(found[field])[1] for field in ("first", "last") if found[field])


def _plain(header: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", header).casefold().split())


def header_index(records: Sequence[Sequence[str]], first_filled: int, choice: Choice = NO_CHOICE) -> int:
    """The record with most known headings near the top; else the first one that is not blank."""
    near_top = range(min(len(records), first_filled + _HEADER_WITHIN))
    fitness = {index: known_headings(records[index], choice) for index in near_top}
    best = max(near_top, key=lambda index: fitness[index])
    return best if fitness[best] else first_filled


def known_headings(record: Sequence[str], choice: Choice = NO_CHOICE) -> int:
    """A phone heading counts most: without it a row is no header at all."""
    if choice.phone and find_header([cell[:200] for cell in record], choice.phone) is not None:
        return 100
    meanings = [meaning[0] for cell in record if len(cell) < 60 and (meaning := _meaning(cell))]
    return len(set(meanings)) + 10 * ("phone" in meanings) if "phone" in meanings else 0


def join_names(parts: Sequence[str]) -> str:
    """First and last name as people write them: "Mei Chan", but 陳大文 (family name first, no space)."""
    filled = [part.strip() for part in parts if part.strip()]
    if len(filled) == 2 and all(_CHINESE.search(part) for part in filled):
        return filled[1] + filled[0]
    return " ".join(filled)


def _other_columns(headers: Sequence[str], taken: set[int | None]) -> dict[str, int]:
    fields: dict[str, int] = {}
    for column, header in enumerate(headers):
        words = " ".join(header.split())[:100]
        if column in taken or not words:
            continue
        unique, count = words, 1
        while unique in fields:
            count += 1
            unique = f"{words} ({count})"
        fields[unique] = column
    return fields


def _meaning(header: str) -> tuple[str, int] | None:
    """(field, rank). Knows “Phone No.”, “Phone (with country code)”, “電話 / Phone” and, ranked last, “Phone 2”."""
    text = unicodedata.normalize("NFKC", header[:200]).casefold()
    without_remark = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", " ", text)
    for shape in (text, without_remark):
        if known := _HEADINGS.get(_letters(shape)):
            return known
    if numbered := _HEADINGS.get(_letters(without_remark).rstrip("0123456789")):
        return numbered[0], numbered[1] + 1000
    words = [part for part in _BETWEEN_WORDS.split(text) if part]
    meanings = [_HEADINGS.get(_letters(word)) for word in words]
    if len(words) > 1 and all(meanings):
        fields = {meaning[0] for meaning in meanings if meaning}
        if len(fields) == 1:
            return fields.pop(), min(meaning[1] for meaning in meanings if meaning)
    return None


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
