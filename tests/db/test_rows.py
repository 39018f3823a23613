"""What a row is to those who read it."""

from __future__ import annotations

import pytest

from db_manager import Database


def test_a_row_is_read_by_name_and_a_single_value_by_position(empty_database: Database) -> None:
    with empty_database.read() as connection:
        row = connection.execute("SELECT 1 AS one, 'b' AS two, NULL AS three").fetchone()
    assert (row["one"], row["two"], row["three"]) == (1, "b", None)
    assert row == {"one": 1, "two": "b", "three": None}
    assert (row[0], row[-1]) == (1, None)
    with pytest.raises(KeyError):
        row["four"]
    with pytest.raises(IndexError):
        row[3]
