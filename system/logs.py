"""Structured logs, one JSON object a line, without secrets: tokens, cookies, the verify token and message bodies stay out."""

from __future__ import annotations

import json
import logging
import re
import sys

_NAMES = r"access_token|hub\.verify_token|client_secret|refresh_token|code_verifier|upload_id|password|code"  # in addresses
_PATTERNS = (
    (re.compile(r"EAA[A-Za-z0-9]{20,}"), "[token]"),
    (re.compile(r"\b(?:ya29\.|1//|GOCSPX-)[A-Za-z0-9._-]{10,}"), "[token]"),  # Google: access, refresh, client
    (re.compile(r"(?i)bearer\s+[A-Za-z0-9._~+/=-]+"), "Bearer [token]"),
    (re.compile(rf"(?i)((?:{_NAMES})=)[^&\s\"']+"), r"\1[secret]"),
    (re.compile(r"(?i)((?:set-)?cookie:?\s*)[^\n\"]+"), r"\1[cookie]"),
    (re.compile(r"(__Host-session=)[^;\s\"']+"), r"\1[secret]"),
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

_secrets: set[str] = set()


def hide(*values: str) -> None:
    """Values that must never appear in a log, whatever their shape."""
    _secrets.update(value for value in values if len(value) >= 6)


def redact(text: str) -> str:
    for value in _secrets:
        text = text.replace(value, "[secret]")
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return redact(json.dumps(line, ensure_ascii=False, default=str))


def install(level: int = logging.INFO) -> None:
    """Send everything of ours to stderr; libraries only from warnings on (urllib3 would log URLs)."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("inbox").setLevel(level)
