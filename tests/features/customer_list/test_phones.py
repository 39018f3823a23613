"""Cells of the phone column: read for certain, or a warning."""

from __future__ import annotations

import pytest

from features.customer_list.phones import Unreadable, read_phones


@pytest.mark.parametrize(
    ("cell", "country", "digits"),
    [
        ("+852 5123 4567", None, ["85251234567"]),
        ("85251234567", None, ["85251234567"]),
        ("6581234567", None, ["6581234567"]),
        ("+50031234", None, ["50031234"]),
        ("5123 4567", "HK", ["85251234567"]),
        ("5123-4567", "HK", ["85251234567"]),
        ("85251234567.0", None, ["85251234567"]),
        ("85251234567,00", None, ["85251234567"]),
        ("85,251,234,567", None, ["85251234567"]),
        ("'+85251234567", None, ["85251234567"]),
        ('="85251234567"', None, ["85251234567"]),
        ("０８５２ ".replace("０", "+", 1) + "５１２３４５６７", None, ["85251234567"]),
        ("٨٥٢٥١٢٣٤٥٦٧", None, ["85251234567"]),
        ("Tel: 5123 4567 (Mum)", "HK", ["85251234567"]),
        ("0085251234567", None, ["85251234567"]),
        ("+852 5123 4567 / +852 5987 6543", None, ["85251234567", "85259876543"]),
        ("5123 4567\n5987 6543", "HK", ["85251234567", "85259876543"]),
        ("5123 4567、5123 4567", "HK", ["85251234567"]),
        ("5123 4567 or 5987 6543", "HK", ["85251234567", "85259876543"]),
        ("  ", None, []),
    ],
)
def test_cells_that_are_certain(cell: str, country: str | None, digits: list[str]) -> None:
    assert read_phones(cell, country) == digits


@pytest.mark.parametrize(
    ("cell", "country", "words"),
    [
        ("8.5251E+10", None, "shortened"),
        ("8,5251e10", None, "shortened"),
        ("8.5251234567E+10", None, "shortened"),
        ("#N/A", None, "formula"),
        ("#REF!", "HK", "formula"),
        ("Err:502", None, "formula"),
        ("ask Mei", None, "not a phone number"),
        ("2345 6789 ext 12", "HK", "not a phone number"),
        ("5123 4567/8", "HK", "not a phone number"),
        ("-8838", "HK", "not a phone number"),
        ("123", "HK", "not a phone number"),
        ("+852 5123 4567 8901 2345", None, "not a phone number"),
        ("0912345678", None, "country code"),
        ("51234567", None, "country code"),
        ("50031234", None, "country code"),  # a number of the Falkland Islands as well
        ("5035550123", None, "country code"),  # Oregon's, as long as one of El Salvador
        ("1a" * 50_000, None, "not a phone number"),
    ],
)
def test_cells_that_are_never_guessed(cell: str, country: str | None, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        read_phones(cell, country)


@pytest.mark.parametrize(
    ("cell", "country", "digits"),
    [
        ("85251234567", "HK", ["85251234567"]),  # too long for a local number
        ("51234567", "HK", ["85251234567"]),
        ("912345678", "TW", ["886912345678"]),  # its zero is gone, but nothing else fits
        ("2125550123", "US", ["12125550123"]),
        ("447911123456", None, ["447911123456"]),
    ],
)
def test_numbers_of_a_spreadsheet_with_one_reading_only(cell: str, country: str | None, digits: list[str]) -> None:
    assert read_phones(cell, country, is_number=True) == digits


@pytest.mark.parametrize(("cell", "country"), [("6591234567", "US"), ("15123456789", "DE")])
def test_a_number_that_may_have_lost_its_plus_is_not_guessed(cell: str, country: str) -> None:
    """Here and in Singapore, here and in America: as text the owner's writing decides, as a number nobody can."""
    assert read_phones(cell, country)
    with pytest.raises(Unreadable, match="may have lost its"):
        read_phones(cell, country, is_number=True)
