"""Settings: read once, refused loudly."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import WHATSAPP_CREDENTIALS, Config, keep_secret_key
from core.errors import SetupError

ALL_FIVE = dict.fromkeys(WHATSAPP_CREDENTIALS, "value")


def test_nothing_set_is_the_sandbox() -> None:
    config = Config.from_env({})
    assert config.is_sandbox
    assert (config.port, config.graph_api_version, config.data_dir) == (8000, "v25.0", Path("data"))


def test_all_five_are_a_number() -> None:
    assert not Config.from_env(ALL_FIVE).is_sandbox


@pytest.mark.parametrize("missing", WHATSAPP_CREDENTIALS)
def test_a_half_configured_number_is_refused_by_name(missing: str) -> None:
    with pytest.raises(SetupError, match=missing):
        Config.from_env({name: value for name, value in ALL_FIVE.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("TIMEZONE", "Mars/Base"), ("DEFAULT_COUNTRY", "Hong Kong"), ("PUBLIC_URL", "inbox"),
     ("GRAPH_API_URL", "graph.facebook.com"), ("MEDIA_HOSTS", "https://x/y"), ("SECRET_KEY", "changeme"), ("SECRET_KEY", "short")],
)  # fmt: skip
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SetupError, match=name):
        Config.from_env({name: value})


def test_lists_and_addresses_are_tidied() -> None:
    config = Config.from_env({"MEDIA_HOSTS": "127.0.0.1, Files.Example.com ,", "PUBLIC_URL": "https://inbox.example.com/"})
    assert config.media_hosts == ("127.0.0.1", "files.example.com")
    assert config.public_url == "https://inbox.example.com"


def test_the_secret_key_is_made_once_and_kept_for_us_alone(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    key = keep_secret_key(config)
    assert len(key) == 64
    assert keep_secret_key(config) == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
