"""Customer Lists as people save them: encodings, delimiters, headings, and files that cannot be read."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from core.headings import join_names, map_headers
from core.tables import SourceError
from sheet_manager import CsvSource, parse_csv

LIST = "Phone,Name,Notes\n+852 5123 4567,Chan Mei,VIP\n+1 555 010 0123,José Müller,\n"


def rows(raw: bytes) -> list[tuple[str, ...]]:
    return [row.values for row in parse_csv(raw).rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_of_every_spreadsheet_program(delimiter: str, ending: str) -> None:
    table = parse_csv(LIST.replace(",", delimiter).replace("\n", ending).encode())
    assert table.headers == ("Phone", "Name", "Notes")
    assert [row.values for row in table.rows] == [("+852 5123 4567", "Chan Mei", "VIP"), ("+1 555 010 0123", "José Müller", "")]
    assert [row.number for row in table.rows] == [2, 3]
    assert table.notes == ()


def test_a_semicolon_list_with_commas_inside_its_cells() -> None:
    assert rows(b"Name;Phone;Address\nChan, Mei;51234567;1, Fuk Man Road, Sai Kung\n") == [
        ("Chan, Mei", "51234567", "1, Fuk Man Road, Sai Kung")
    ]


def test_excels_own_first_line_declares_the_delimiter() -> None:
    table = parse_csv(b"sep=;\r\nPhone;Name\r\n51234567;Mei\r\n")
    assert (table.headers, table.rows[0].values, table.rows[0].number) == (("Phone", "Name"), ("51234567", "Mei"), 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_that_are_certain_need_no_note(encoding: str) -> None:
    table = parse_csv("電話,姓名\n51234567,陳大文\n".encode(encoding))
    assert table.headers == ("電話", "姓名")
    assert table.rows[0].values == ("51234567", "陳大文")
    assert table.notes == ()


def test_big_endian_utf_16() -> None:
    raw = codecs.BOM_UTF16_BE + "電話,姓名\n51234567,陳大文\n".encode("utf-16-be")
    assert rows(raw) == [("51234567", "陳大文")]


@pytest.mark.parametrize(
    ("encoding", "name", "text"),
    [
        ("big5", "Big5", "電話,姓名,備註\n51234567,陳大文,下星期二到碼頭取獨木舟\n51234568,李小姐,已付訂金\n"),
        ("gb18030", "GB18030", "手机,姓名,备注\n51234567,陈大文,下星期二到码头取船\n51234568,李小姐,已付订金\n"),
        ("cp1252", "Windows-1252", "Phone,Name\n51234567,José Müller\n51234568,Zoë O’Brien\n"),
    ],
)
def test_other_encodings_are_inferred_with_a_note(encoding: str, name: str, text: str) -> None:
    table = parse_csv(text.encode(encoding))
    lines = [",".join(table.headers), *(",".join(row.values) for row in table.rows)]
    assert "\n".join(lines) + "\n" == text
    assert name in str(table.notes[0].reason)


def test_one_damaged_letter_does_not_garble_the_rest() -> None:
    raw = "Phone,Name\n51234567,José\n51234568,陳大文\n51234569,Müller\n".encode().replace(b"\xc3\xa9", b"\xc3")
    table = parse_csv(raw)
    assert [row.values[1] for row in table.rows] == ["Jos\ufffd", "陳大文", "Müller"]
    assert "damaged" in str(table.notes[0].reason)


def test_quoted_line_breaks_stay_in_their_cell_and_rows_count_as_in_a_spreadsheet() -> None:
    table = parse_csv(b'Phone,Note\n51234567,"two\nlines, ""quoted"""\n\n51234568,x\n')
    assert [(row.number, row.values) for row in table.rows] == [
        (2, ("51234567", 'two\nlines, "quoted"')),
        (4, ("51234568", "x")),
    ]


def test_a_title_above_the_headings_is_passed_over() -> None:
    table = parse_csv(b"Our customers 2026,,\n,,\nName,Phone,Since\nMei,51234567,2020\n")
    assert table.headers == ("Name", "Phone", "Since")
    assert (table.header_row, table.rows[0].number) == (3, 4)


def test_ragged_rows_are_filled_up_or_cut() -> None:
    assert rows(b"Phone,Name,Note\n51234567\n51234568,Mei,x,stray,cells\n") == [("51234567", "", ""), ("51234568", "Mei", "x")]


def test_nul_bytes_are_dropped() -> None:
    assert rows(b"Phone,Name\n512\x0034567,M\x00ei\n") == [("51234567", "Mei")]


def test_a_workbook_or_a_picture_is_told_from_a_text() -> None:
    for raw in (b"PK\x03\x04\x14\x00\x06\x00\x08\x00" * 50, b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" * 50):
        with pytest.raises(SourceError, match="customers is not a text file"):
            parse_csv(raw, "customers")


def test_quotation_marks_in_wrong_places_are_read_with_a_note() -> None:
    table = parse_csv(b'Phone,Name\n51234567,"Mei" Chan\n51234568,Raj\n')
    assert [row.values[0] for row in table.rows] == ["51234567", "51234568"]
    assert "quotation" in str(table.notes[0].reason)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"\n , ,\n\n", "empty"),
        (b'Phone,Name\n51234567,"Mei\n51234568,Raj\n', "never closed"),
        (b"Phone,Name\n51234567," + b"x" * 150_000 + b"\n", "row 2 is far too long"),
    ],
)
def test_what_would_lose_rows_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        parse_csv(raw)


def test_a_missing_file_a_folder_and_no_setting(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"no file .*customers\.csv"):
        CsvSource(tmp_path / "customers.csv").read()
    with pytest.raises(SourceError, match="folder"):
        CsvSource(tmp_path).read()


def test_the_fingerprint_moves_with_the_file_and_the_digest_with_its_contents(tmp_path: Path) -> None:
    path = tmp_path / "customers.csv"
    path.write_text(LIST)
    source = CsvSource(path)
    before, table = source.fingerprint(), source.read()
    assert source.fingerprint() == before
    path.write_text(LIST)
    assert source.fingerprint() != before
    assert source.read().digest == table.digest
    path.write_text(LIST.replace("VIP", "vip"))
    assert source.read().digest != table.digest


@pytest.mark.parametrize(
    ("headers", "phone", "name"),
    [
        (["Name", "Phone"], 1, 0),
        (["客戶姓名", "聯絡電話", "備註"], 1, 0),
        (["姓名", "手机号码"], 1, 0),
        (["CUSTOMER_NAME", "Mobile No."], 1, 0),
        (["Ｐｈｏｎｅ", "Full name"], 0, 1),
        (["Name *", "Phone (with country code)"], 1, 0),
        (["電話 / Phone", "姓名 Name"], 0, 1),
        (["Tel", "Phone", "WhatsApp", "Name"], 2, 3),
        (["Phone 2", "Phone 1", "Name"], 0, 2),
        (["Phone model", "Phone", "Company name", "Name"], 1, 3),
        (["Phone", ""], 0, None),
    ],
)
def test_columns_are_found_by_their_headings(headers: list[str], phone: int, name: int | None) -> None:
    mapping = map_headers(headers)
    assert (mapping.phone, mapping.name_columns) == (phone, () if name is None else (name,))


def test_first_and_last_name_are_joined_unless_there_is_a_whole_one() -> None:
    mapping = map_headers(["Last name", "First name", "Phone"])
    assert mapping.name_columns == (1, 0)
    whole = map_headers(["Last name", "First name", "Phone", "Name"])
    assert whole.name_columns == (3,)
    assert set(whole.fields) == {"Last name", "First name"}
    assert join_names(["Mei", "Chan"]) == "Mei Chan"
    assert join_names(["大文", "陳"]) == "陳大文"
    assert join_names(["", "Chan"]) == "Chan"


def test_other_columns_keep_their_headings_and_repeats_stay_apart() -> None:
    mapping = map_headers(["Phone", "Note", "", "Note", "Tel", "Since\n(year)"])
    assert mapping.fields == {"Note": 1, "Note (2)": 3, "Tel": 4, "Since (year)": 5}
    assert "“Phone” is used" in str(mapping.notes[0])


def test_without_a_phone_column_the_list_is_refused() -> None:
    with pytest.raises(SourceError, match="No column of phone numbers"):
        map_headers(["Name", "E-mail"])
