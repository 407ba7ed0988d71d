"""Determines where a redirect's target leads: it is parsed as browsers parse URLs (WHATWG URL)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from litestar.types import HTTPScope

# Browsers remove these from a URL before they parse it (WHATWG URL, "basic URL parser": C0 and space at the ends, tab
# and line ends anywhere).
_DROPPED: Final = re.compile(r"^[\x00-\x20]+|[\x00-\x20]+$|[\t\r\n]")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME: Final = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.\-]*:")
_QUERY: Final = re.compile(r"[?#]")
_PATH: Final = re.compile(r"[/?#]")
_ORIGIN: Final = re.compile(r"[^:/?#]+://[^/?#]*")
# A URL that needs no further look: without a user, a backslash, a control character, and a path of another host.
_USUAL_URL: Final = re.compile(r"https?://[a-zA-Z0-9.\-]+(?::[0-9]{1,4})?(/(?!/)[!-\[\]-~]*)").fullmatch
_WEB_SCHEMES: Final = frozenset({"http:", "https:"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def local_path(target: str, scope: HTTPScope) -> str | None:
    """Return the path, query and fragment of a target on this origin; None if a browser would leave it.

    Args:
        target: A path or a full URL.
        scope: The request, which determines the origin.
    """
    return path_on(target, (_request_origin(scope),))


def is_for_browsers(target: str, *, may_have_controls: bool = True) -> bool:
    """Return whether a target is an http(s) URL or a path, and not of a scheme that runs or opens something else."""
    if not may_have_controls and _CONTROLS.search(target):
        return False
    scheme = _SCHEME.match(_DROPPED.sub("", target))
    return scheme is None or scheme[0].lower() in _WEB_SCHEMES


def path_on(target: str, origins: Sequence[Origin | None]) -> str | None:
    """Return the path, query and fragment of a target on one of these origins; None for any other."""
    target = _DROPPED.sub("", target)
    if not target or _CONTROLS.search(target):
        return None
    # Browsers read a backslash as a slash in http URLs, but not in query and fragment.
    head = _QUERY.split(target, maxsplit=1)[0]
    target = head.replace("\\", "/") + target[len(head) :]
    if target.startswith("/"):
        return None if target.startswith("//") else target
    if not _SCHEME.match(target):
        return None if target.startswith(("?", "#")) else f"/{target}"
    origin = origin_of(target)
    if origin is None or origin not in origins:  # None: the Host of the request may be odd too.
        return None
    rest = target.split("://", 1)[1]
    slash = _PATH.search(rest)
    if slash is None:
        return "/"
    path = rest[slash.start() :]
    path = path if path.startswith("/") else f"/{path}"
    return None if path.startswith("//") else path


def own_path(url: str) -> str | None:
    """Return the path, query and fragment of a full http(s) URL, whatever its origin; None for anything else."""
    usual = _USUAL_URL(url)
    return usual[1] if usual is not None else path_on(url, (origin_of(url),))


Origin = tuple[str, str, int]


def origin_of(url: str) -> Origin | None:
    """Return the scheme, host and port of a full http(s) URL; None for anything else, including ambiguous
    URLs.
    """
    found = _ORIGIN.match(url)
    if found is None:
        return None
    return (_remembered_origin if found.end() <= _MAX_REMEMBERED_ORIGIN else _read_origin)(found[0])


def _read_origin(origin: str) -> Origin | None:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if (
        scheme not in _DEFAULT_PORTS
        or not origin[len(scheme) :].startswith("://")
        or not parts.hostname
        or "@" in parts.netloc
    ):
        return None
    return scheme, parts.hostname.lower(), port or _DEFAULT_PORTS[scheme]


# Each redirect compares its origin with that of the Referer, and an app has few origins.
_remembered_origin: Final = lru_cache(maxsize=64)(_read_origin)
_MAX_REMEMBERED_ORIGIN: Final = 300


def _request_origin(scope: HTTPScope) -> Origin | None:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return origin_of(f"{scope['scheme']}://{host}")


def leaves_origin(location: str, scope: HTTPScope) -> bool:
    """Return whether a Location is on another origin. A bare query or fragment belongs to this page."""
    cleaned = _DROPPED.sub("", location)
    return bool(cleaned) and not cleaned.startswith(("?", "#")) and local_path(cleaned, scope) is None
