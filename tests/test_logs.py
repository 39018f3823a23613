"""What stands in a log when something goes wrong: never what opens a door."""

from __future__ import annotations

import pytest

from system import logs


@pytest.mark.parametrize(
    "line",
    [
        "RefreshError: {'refresh_token': '1//0eInventedInvented'}",
        "Authorization ya29.a0InventedInvented",
        '{"client_secret": "GOCSPX-InventedInvented"}',
        "PUT /upload/drive/v3/files?uploadType=resumable&upload_id=InventedInvented",
        "code=4/InventedInvented&code_verifier=InventedInvented",
    ],
)
def test_google_secrets_are_not_written(line: str) -> None:
    assert "Invented" not in logs.redact(line)


def test_ordinary_words_stay() -> None:
    assert logs.redact("GET www.googleapis.com/drive/v3/files -> 200 in 31 ms") == "GET www.googleapis.com/drive/v3/files -> 200 in 31 ms"
