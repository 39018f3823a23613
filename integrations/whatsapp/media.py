"""Where media may be fetched from: Meta's two hosts, and the hosts that the owner named."""

from __future__ import annotations

import re
from collections.abc import Iterable

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from core.reason import Reason
from integrations.http.client import Blocked

META_HOSTS = frozenset({"graph.facebook.com", "lookaside.fbsbx.com"})
# Readers of URLs disagree about these; an address made of them is not one of Meta's.
_SUSPICIOUS = re.compile(r"[\s\\\x00-\x20\x7f-\U0010ffff]")
_AUTHORITY = re.compile(r"https?://([^/?#]*)", re.IGNORECASE)


def normal_hosts(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name.strip().strip("[]").lower() for name in names if name.strip())


def vet(url: str, media_hosts: frozenset[str]) -> bool:
    """True: Meta's, so only public addresses will do. False: a host that the owner trusts. Raises Blocked for the rest.

    Meta's: https, port 443. The owner's (`media_hosts`, names without port): http or https, any port and address.
    Parsed with urllib3, which also makes the connection, so that both see the same host.
    """
    authority = _AUTHORITY.match(url)
    if not authority or "@" in authority[1] or _SUSPICIOUS.search(url):
        raise _blocked()
    try:
        parsed = parse_url(url)
    except LocationParseError as error:
        raise _blocked() from error
    host = (parsed.host or "").strip("[]").lower()
    if host in media_hosts:
        return False
    if host in META_HOSTS and parsed.scheme == "https" and parsed.port in (None, 443) and parsed.auth is None:
        return True
    raise _blocked()


def _blocked() -> Blocked:
    return Blocked(Reason("whatsapp.blocked_host"), permanent=True)
