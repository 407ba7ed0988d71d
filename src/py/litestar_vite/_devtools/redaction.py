"""What must not be stored: passwords and tokens at any depth, in headers, and in the query of URLs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import parse_qsl, quote

if TYPE_CHECKING:
    from collections.abc import Iterable


REDACTED: Final = "[REDACTED]"
UNSERIALIZABLE: Final = "[UNSERIALIZABLE]"

# The keys and headers that the server protocol names.
_KEYS: Final = frozenset(
    {
        "password",
        "passwordconfirmation",
        "currentpassword",
        "token",
        "accesstoken",
        "refreshtoken",
        "secret",
        "clientsecret",
        "apikey",
    }
)
_HEADERS: Final = frozenset(
    {"cookie", "set-cookie", "authorization", "proxy-authorization", "x-xsrf-token", "x-csrf-token"}
)
_SEPARATORS: Final = str.maketrans("", "", "_- ")
# 64 levels: JSON that nests deeper is hostile; what is below is not stored.
_MAX_DEPTH: Final = 64
_SCALARS: Final = (str, int, bool, type(None))


def is_secret(key: str) -> bool:
    """Return whether the value of a key is redacted: in any case, and with or without "_" and "-"."""
    return key.lower().translate(_SEPARATORS) in _KEYS


def redact(value: Any, depth: int = 0) -> Any:
    """Return a copy of JSON data without the values of secret keys, and without what JSON cannot hold."""
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
    """Return headers by lower-case name; one that comes several times is joined, as HTTP allows."""
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
    """Return a URL without the values of secret keys in its query; `filter[secret]` is secret too."""
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
