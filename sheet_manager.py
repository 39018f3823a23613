"""Where customers come from: rows in, rows out. A CSV file today; every other source has the same face (`Source`).

This module knows rows and columns, not customers: what a row means is decided in `features/customer_sync`. Files are
made by people with spreadsheet programs, so encodings, delimiters and headings vary; what cannot be read for certain is
refused or noted in words, never guessed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from config import Config
from core.encodings import decode

LARGEST_FILE = 32 * 1024 * 1024  # of a 1 GB machine; some 300,000 customers
LARGEST_CELL = 100_000
MOST_COLUMNS = 500
_HEADER_WITHIN = 10  # records: owners put a title above the headings


class SourceError(Exception):
    """The list cannot be read; nothing of it is used. `text` with `values` says why, in words for the owner."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text.format(**values) if values else text)
        self.text = text
        self.values = values


@dataclass(frozen=True)
class Note:
    """Something the owner should know. `row` as the spreadsheet program counts, 1 is the first."""

    row: int
    text: str


@dataclass(frozen=True)
class Row:
    number: int
    values: tuple[str, ...]  # one for each header: ragged rows are filled up or cut


@dataclass(frozen=True)
class Table:
    """`digest`: equal for equal contents, so that an unchanged list need not be applied again."""

    headers: tuple[str, ...]
    header_row: int
    rows: tuple[Row, ...]
    digest: str
    notes: tuple[Note, ...] = ()


class Source(Protocol):
    """A Customer List. `name` is shown to people."""

    @property
    def name(self) -> str: ...

    def fingerprint(self) -> str:
        """Cheap: as long as it stays the same, `read` need not be called. Raises SourceError."""

    def read(self) -> Table:
        """Everything, now. Raises SourceError."""


def source_from(config: Config) -> Source | None:
    """The configured Customer List, None when there is none."""
    return CsvSource(Path(config.customers_csv)) if config.customers_csv else None


# ---------------------------------------------------------------- CSV


class CsvSource:
    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        return self._path.name

    def fingerprint(self) -> str:
        try:
            stat = self._path.stat()
        except OSError as error:
            raise self._unreadable(error) from error
        return f"{self._path}:{stat.st_ino}:{stat.st_size}:{stat.st_mtime_ns}:{stat.st_ctime_ns}"

    def read(self) -> Table:
        before = self.fingerprint()
        try:
            with self._path.open("rb") as file:
                raw = file.read(LARGEST_FILE + 1)
        except OSError as error:
            raise self._unreadable(error) from error
        if self.fingerprint() != before:
            raise SourceError("{file} is being written right now.", file=self.name)
        if len(raw) > LARGEST_FILE:
            raise SourceError("{file} is larger than {most} MB.", file=self.name, most=LARGEST_FILE // 1024 // 1024)
        return parse_csv(raw, self.name)

    def _unreadable(self, error: OSError) -> SourceError:
        if isinstance(error, FileNotFoundError):
            return SourceError("There is no file {file}.", file=str(self._path))
        if isinstance(error, IsADirectoryError):
            return SourceError("{file} is a folder, not a file.", file=str(self._path))
        return SourceError("{file} cannot be read: {reason}.", file=str(self._path), reason=error.strerror or "unknown")


def parse_csv(raw: bytes, name: str = "The file") -> Table:
    """Raises SourceError on an empty file, an unclosed quotation mark or a cell beyond all measure."""
    text, doubt = decode(raw)
    text = text.replace("\x00", "")
    notes = [Note(1, doubt)] if doubt else []
    declared = re.match(r"sep=([,;|\t])\r?\n", text, re.IGNORECASE)  # Excel's own first line, which it does not show
    if declared:
        text = text[declared.end() :]
    records, sloppy = _records(text, declared[1] if declared else _delimiter(text))
    if sloppy:
        notes.append(Note(1, "Some quotation marks stand in wrong places; please look at the result."))
    filled = [index for index, record in enumerate(records) if any(cell.strip() for cell in record)]
    if not filled:
        raise SourceError("{file} is empty.", file=name)
    header_index = _header_index(records, filled[0])
    headers = tuple(cell.strip() for cell in records[header_index][:MOST_COLUMNS])
    width = len(headers)
    rows = tuple(
        Row(index + 1, tuple(record[:width]) + ("",) * (width - len(record)))
        for index, record in enumerate(records)
        if index > header_index and any(cell.strip() for cell in record)
    )
    return Table(headers, header_index + 1, rows, hashlib.sha256(raw).hexdigest(), tuple(notes))


def _records(text: str, delimiter: str) -> tuple[list[list[str]], bool]:
    """Blank lines count, as they do in a spreadsheet. The second value: quotation marks were out of place."""
    try:
        return _read_records(text, delimiter, strict=True), False
    except csv.Error as error:
        if "unexpected end" in str(error) or text.count('"') % 2:
            raise SourceError("A quotation mark is opened and never closed, so rows would be lost.") from error
        return _read_records(text, delimiter, strict=False), True


def _read_records(text: str, delimiter: str, *, strict: bool) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
    records: list[list[str]] = []
    try:
        for record in reader:
            if any(len(cell) > LARGEST_CELL for cell in record):
                raise SourceError("A cell in row {row} is far too long.", row=len(records) + 1)
            records.append(record)
    except csv.Error as error:
        if "field larger" in str(error):
            raise SourceError("A cell in row {row} is far too long.", row=len(records) + 1) from error
        raise
    return records


def _delimiter(text: str) -> str:
    """The one under which the first lines look most like a table with known headings."""
    start = text[:65536]

    def fitness(delimiter: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
        try:
            first = [record for record, _ in zip(reader, range(_HEADER_WITHIN), strict=False) if record]
        except csv.Error:
            return 0, 0
        return max(map(_known_headings, first), default=0), max(map(len, first), default=0)

    return max((",", ";", "\t"), key=fitness)


def _header_index(records: Sequence[Sequence[str]], first_filled: int) -> int:
    """The record with most known headings near the top; else the first one that is not blank."""
    near_top = range(min(len(records), first_filled + _HEADER_WITHIN))
    best = max(near_top, key=lambda index: _known_headings(records[index]))
    return best if _known_headings(records[best]) else first_filled


# ---------------------------------------------------------------- columns

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


@dataclass(frozen=True)
class Mapping:
    """Which column is what. `fields`: header -> column, everything else; headers made unique, blank ones left out."""

    phone: int
    name: int | None
    first_name: int | None
    last_name: int | None
    fields: dict[str, int]
    notes: tuple[str, ...] = ()

    @property
    def name_columns(self) -> tuple[int, ...]:
        """In the order in which they are read."""
        if self.name is not None:
            return (self.name,)
        return tuple(column for column in (self.first_name, self.last_name) if column is not None)


def map_headers(headers: Sequence[str]) -> Mapping:
    """By the words in the headings, in any order, English or Chinese. Raises SourceError without a phone column."""
    found: dict[str, list[tuple[int, int]]] = {"phone": [], "name": [], "first": [], "last": []}
    for column, header in enumerate(headers):
        if meaning := _meaning(header):
            field, rank = meaning
            found[field].append((rank, column))
    if not found["phone"]:
        raise SourceError("No column of phone numbers was found. Give it a heading such as “Phone” or “電話”.")
    phone = min(found["phone"])[1]
    name, first, last = (min(found[field])[1] if found[field] else None for field in ("name", "first", "last"))
    if name is not None:
        first = last = None
    notes = []
    if len(found["phone"]) > 1:
        notes.append(f"Several columns hold phone numbers; “{headers[phone].strip()}” is used.")
    fields = _other_columns(headers, {phone, name, first, last})
    return Mapping(phone, name, first, last, fields, tuple(notes))


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


def _known_headings(record: Sequence[str]) -> int:
    """A phone heading counts most: without it a row is no header at all."""
    meanings = [meaning[0] for cell in record if len(cell) < 60 and (meaning := _meaning(cell))]
    return len(set(meanings)) + 10 * ("phone" in meanings) if "phone" in meanings else 0
