"""Commands of the shell, beside a live server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import Config
from features.accounts import setup_code
from tests.features.accounts.people import BASE, PASSWORD, build, hire, log_in


@pytest.fixture
def shell(config: Config, app: Flask) -> Iterator[Flask]:
    """Another process, as far as memory goes."""
    other = build(config)
    yield other
    other.extensions["inbox"].stop()


def create(shell: Flask, *arguments: str, password: str = PASSWORD) -> tuple[int, str]:
    result = shell.test_cli_runner().invoke(args=["users", "create", *arguments, "--password-stdin"], input=password)
    return result.exit_code, result.output


def test_users_create_adds_somebody_who_can_sign_in_at_the_running_server(shell: Flask, anonymous: FlaskClient) -> None:
    code, output = create(shell, "--email", "Ona@example.com", "--name", "Ona", "--role", "owner", password=PASSWORD + "\n")
    assert (code, output) == (0, "Created owner Ona <ona@example.com>.\n")
    assert log_in(anonymous, "Ona").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "password"),
    [
        (("--email", "nonsense", "--name", "Ona", "--role", "owner"), PASSWORD),
        (("--email", "ona@example.com", "--name", "  ", "--role", "owner"), PASSWORD),
        (("--email", "ona@example.com", "--name", "Ona", "--role", "king"), PASSWORD),
        (("--email", "ona@example.com", "--name", "Ona", "--role", "owner"), "short"),
        (("--email", "ona@example.com", "--name", "Ona", "--role", "owner"), ""),
    ],
)
def test_users_create_says_what_is_wrong(shell: Flask, arguments: tuple[str, ...], password: str) -> None:
    code, output = create(shell, *arguments, password=password)
    assert code != 0
    assert "Error: " in output and "Traceback" not in output


def test_an_address_that_is_taken_is_refused(shell: Flask, app: Flask) -> None:
    hire(app, "Ona", "owner")
    code, output = create(shell, "--email", "ona@example.com", "--name", "Second", "--role", "agent")
    assert code == 1 and "already here" in output


def test_the_first_user_from_the_shell_closes_the_setup_page(shell: Flask, config: Config, anonymous: FlaskClient) -> None:
    setup_code.prepare(shell.extensions["services"].db, config.data_dir)
    create(shell, "--email", "ona@example.com", "--name", "Ona", "--role", "owner")
    assert not (config.data_dir / "setup-code").exists()
    assert anonymous.get("/setup").headers["Location"] == "/login"


def test_tokens_create_prints_the_token_alone_and_it_works_at_once(shell: Flask, app: Flask, anonymous: FlaskClient) -> None:
    hire(app, "Ona", "owner")
    result = shell.test_cli_runner().invoke(args=["tokens", "create", "--email", "ONA@example.com"])
    assert result.exit_code == 0
    secret = result.stdout.removesuffix("\n")
    assert secret and not set(secret) & set(" \n\t")
    me = anonymous.get("/api/me", headers={"Authorization": f"Bearer {secret}"}, base_url=BASE).json
    assert me and me["user"]["name"] == "Ona"


def test_tokens_create_prints_nothing_for_people_who_are_not_there(shell: Flask) -> None:
    result = shell.test_cli_runner().invoke(args=["tokens", "create", "--email", "nobody@example.com"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert "no active member" in result.stderr
