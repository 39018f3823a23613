"""Forty signatures and the challenge: authentic or refused, by the bytes alone."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from core.errors import Forbidden, Unauthorized
from whatsapp_handler import answer_challenge, verify_signature

SECRET = "invented-app-secret"
# Meta escapes what is not ASCII; the same text in UTF-8 has another signature.
BODY = b'{"object":"whatsapp_business_account","entry":[{"text":"\\u8b1d\\u8b1d \\/"}]}'
DECODED = '{"object":"whatsapp_business_account","entry":[{"text":"謝謝 /"}]}'.encode()
# Computed once with openssl: `openssl dgst -sha256 -hmac invented-app-secret`
KNOWN = "829a342c4c779b55edb7c015c1f16dcbba51221bf5ad1614f8bf0b9e8efe4669"


def sign(body: bytes, secret: str = SECRET, algorithm: str = "sha256") -> str:
    return hmac.new(secret.encode(), body, algorithm).hexdigest()


GOOD = sign(BODY)

AUTHENTIC = {
    "a known vector": (BODY, f"sha256={KNOWN}", SECRET),
    "an empty body": (b"", f"sha256={sign(b'')}", SECRET),
    "a body that is not JSON": (b"\x00\xff", f"sha256={sign(bytes([0, 255]))}", SECRET),
    "a body of 3 MB": (b"x" * 3_000_000, f"sha256={sign(b'x' * 3_000_000)}", SECRET),
    "decoded text signed as such": (DECODED, f"sha256={sign(DECODED)}", SECRET),
    "a secret that is not ASCII": (BODY, f"sha256={sign(BODY, 'schlüssel')}", "schlüssel"),
    "a secret longer than the hash block": (BODY, f"sha256={sign(BODY, 's' * 200)}", "s" * 200),
    "upper-case digits": (BODY, f"sha256={GOOD.upper()}", SECRET),
}

UNSIGNED = {"no header": None, "an empty header": ""}

FORGED = {
    "one byte of the body changed": (BODY.replace(b"entry", b"entrx"), f"sha256={GOOD}", SECRET),
    "a byte appended": (BODY + b" ", f"sha256={GOOD}", SECRET),
    "a byte missing": (BODY[:-1], f"sha256={GOOD}", SECRET),
    "a newline appended": (BODY + b"\n", f"sha256={GOOD}", SECRET),
    "the body re-serialised": (DECODED, f"sha256={GOOD}", SECRET),
    "the signature of an empty body": (BODY, f"sha256={sign(b'')}", SECRET),
    "another secret": (BODY, f"sha256={sign(BODY, 'other')}", SECRET),
    "the secret in another case": (BODY, f"sha256={sign(BODY, SECRET.upper())}", SECRET),
    "the secret with a space": (BODY, f"sha256={sign(BODY, SECRET + ' ')}", SECRET),
    "an empty secret used to sign": (BODY, f"sha256={sign(BODY, '')}", SECRET),
    "no secret configured": (BODY, f"sha256={sign(BODY, '')}", ""),
    "no secret configured, any digits": (BODY, f"sha256={'0' * 64}", ""),
    "a plain hash without key": (BODY, f"sha256={hashlib.sha256(BODY).hexdigest()}", SECRET),
    "key and message exchanged": (
        BODY,
        f"sha256={hmac.new(BODY, SECRET.encode(), 'sha256').hexdigest()}",
        SECRET,
    ),
    "first digit wrong": (BODY, f"sha256={'f' if GOOD[0] != 'f' else '0'}{GOOD[1:]}", SECRET),
    "last digit wrong": (BODY, f"sha256={GOOD[:-1]}{'f' if GOOD[-1] != 'f' else '0'}", SECRET),
    "one digit short": (BODY, f"sha256={GOOD[:-1]}", SECRET),
    "one digit long": (BODY, f"sha256={GOOD}0", SECRET),
    "digits reversed": (BODY, f"sha256={GOOD[::-1]}", SECRET),
    "all zeros": (BODY, f"sha256={'0' * 64}", SECRET),
    "no prefix": (BODY, GOOD, SECRET),
    "only the prefix": (BODY, "sha256=", SECRET),
    "the prefix twice": (BODY, f"sha256=sha256={GOOD}", SECRET),
    "sha1": (BODY, f"sha1={sign(BODY, algorithm='sha1')}", SECRET),
    "sha512": (BODY, f"sha512={sign(BODY, algorithm='sha512')}", SECRET),
    "sha1 under the name of sha256": (BODY, f"sha256={sign(BODY, algorithm='sha1')}", SECRET),
    "a space before": (BODY, f" sha256={GOOD}", SECRET),
    "a newline after": (BODY, f"sha256={GOOD}\n", SECRET),
    "two signatures": (BODY, f"sha256={'0' * 64},sha256={GOOD}", SECRET),
    "digits that are not ASCII": (BODY, "sha256=" + "٣" * 64, SECRET),
}


def test_there_are_forty_vectors() -> None:
    assert len(AUTHENTIC) + len(UNSIGNED) + len(FORGED) == 40


@pytest.mark.parametrize("case", AUTHENTIC)
def test_an_authentic_body_passes(case: str) -> None:
    verify_signature(*AUTHENTIC[case])


@pytest.mark.parametrize("case", UNSIGNED)
def test_an_unsigned_body_is_unauthorized(case: str) -> None:
    with pytest.raises(Unauthorized):
        verify_signature(BODY, UNSIGNED[case], SECRET)


@pytest.mark.parametrize("case", FORGED)
def test_a_forged_body_is_forbidden(case: str) -> None:
    with pytest.raises(Forbidden):
        verify_signature(*FORGED[case])


def test_digests_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append(len(one))
        return real(one, other)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    verify_signature(BODY, f"sha256={GOOD}", SECRET)
    answer_challenge(challenge(), "verify-me")
    assert compared == [64, len("verify-me")]


# ---------------------------------------------------------------- the challenge


def challenge(**changes: str) -> dict[str, str]:
    asked = {"mode": "subscribe", "challenge": "1158201444", "verify_token": "verify-me"} | changes
    return {f"hub.{name}": value for name, value in asked.items()}


def test_the_challenge_is_echoed() -> None:
    assert answer_challenge(challenge(), "verify-me") == "1158201444"


@pytest.mark.parametrize(
    "args",
    [
        challenge(verify_token="verify-mf"),
        challenge(verify_token=""),
        challenge(verify_token="vérify"),
        challenge(verify_token="\udcff"),
        challenge(mode="unsubscribe"),
        challenge(mode=""),
        challenge(challenge=""),
        challenge(challenge="<script>alert(1)</script>"),
        challenge(challenge="12 34"),
        challenge(challenge="12\n"),
        challenge(challenge="١٢٣"),
        {},
    ],
)
def test_any_other_challenge_is_forbidden(args: dict[str, str]) -> None:
    with pytest.raises(Forbidden):
        answer_challenge(args, "verify-me")


def test_without_a_configured_verify_token_nothing_matches() -> None:
    with pytest.raises(Forbidden):
        answer_challenge(challenge(verify_token=""), "")
