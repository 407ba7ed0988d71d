"""Redacts secrets before they are stored: passwords and tokens in JSON at any depth, in headers, and in URL queries."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote

REDACTED: Final = "[REDACTED]"
UNSERIALIZABLE: Final = "[UNSERIALIZABLE]"

# The keys and headers that the server protocol lists.
_KEYS: Final = frozenset(
    {"password", "passwordconfirmation", "currentpassword", "token", "accesstoken", "refreshtoken", "secret"}
    | {"clientsecret", "apikey"}
)
_HEADERS: Final = frozenset(
    {"cookie", "set-cookie", "authorization", "proxy-authorization", "x-xsrf-token", "x-csrf-token"}
)
_SEPARATORS: Final = str.maketrans("", "", "_- ")
# 64 levels. JSON with deeper nesting is likely hostile, and its deeper values are not stored.
_MAX_DEPTH: Final = 64
_SCALARS: Final = (str, int, bool, type(None))


def is_secret(key: str) -> bool:
    """Return whether the value of a key is redacted. Case, "_", "-" and spaces are ignored."""
    return key.lower().translate(_SEPARATORS) in _KEYS


def redact(value: Any, depth: int = 0) -> Any:
    """Return a copy of JSON data in which the values of secret keys and values invalid in JSON are replaced."""
    if depth > _MAX_DEPTH:
        return UNSERIALIZABLE
    if isinstance(value, dict):
        return {str(key): REDACTED if is_secret(str(key)) else redact(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [redact(item, depth + 1) for item in cast("list[Any]", value)]
    if isinstance(value, float):
        return value if math.isfinite(value) else UNSERIALIZABLE
    if isinstance(value, str):
        return value if value.isascii() or _is_text(value) else UNSERIALIZABLE
    return value if isinstance(value, _SCALARS) else UNSERIALIZABLE


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def redact_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name. Repeated headers are joined with commas, as HTTP allows."""
    found: dict[str, str] = {}
    for name_bytes, value_bytes in headers:
        name, value = name_bytes.decode("latin-1").lower(), value_bytes.decode("latin-1")
        if name in _HEADERS:
            found[name] = REDACTED
        else:
            value = redact_url(value) if name in _URLS else value
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


_URLS: Final = frozenset({"referer", "location", "x-inertia-location", "x-inertia-redirect"})


def redact_url(url: str) -> str:
    """Return a URL in which the values of secret keys in the query are redacted, including `filter[secret]`."""
    base, mark, rest = url.partition("?")
    if not mark:
        return url
    query, hash_mark, fragment = rest.partition("#")
    try:
        pairs = parse_qsl(query, keep_blank_values=True)
    except ValueError:
        return f"{base}?{REDACTED}"
    if not any(_is_secret_name(name) for name, _ in pairs):
        return url
    shown = "&".join(
        f"{quote(name, safe='[]')}={REDACTED if _is_secret_name(name) else quote(value, safe='')}"
        for name, value in pairs
    )
    return f"{base}?{shown}{hash_mark}{fragment}"


def _is_secret_name(name: str) -> bool:
    return any(is_secret(part) for part in name.replace("]", "").split("["))
