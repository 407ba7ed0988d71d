"""A Visit is the client's request: its X-Inertia headers, parsed once.

How it works:
1. Most requests are plain browser visits or API calls without Inertia headers. They share one frozen Visit.
2. Otherwise the headers are decoded into plain values. A value over the limits is dropped as if it had not been sent:
   hostile headers cost a bounded amount of work and get a full page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct

from litestar_vite.inertia._protocol import headers as h

# 8 KiB and 256 keys: far above any real page. Servers such as nginx also limit header lines to 8 KiB.
MAX_HEADER_BYTES: Final = 8 * 1024
MAX_KEYS: Final = 256


class Visit(Struct, frozen=True, gc=False):
    """The Inertia side of one request.

    Attributes:
        is_inertia: The client sent `X-Inertia: true`, and expects a JSON page instead of HTML.
        version: The client's asset version; "" if it sent none.
        partial_component: The component of a partial reload; None on full visits.
        only: Dotted paths from `X-Inertia-Partial-Data`; empty means "no restriction".
        except_: Dotted paths from `X-Inertia-Partial-Except`.
        reset: Paths that the client wants without their merge labels.
        known_once: Keys of once-props that the client still holds.
        error_bag: The name under which the client wants its errors; None for the default.
        merge_intent: Where a scroll prop's new page goes.
        is_prefetch: The client's prefetch or a browser's (`Purpose`, `Sec-Purpose` or `X-Moz`); nothing may be
        consumed.
        is_precognition: `Precognition: true`; validation only.
        validate_only: Dotted paths of the fields that a precognitive client validates; empty means all.
    """

    is_inertia: bool = False
    version: str = ""
    partial_component: str | None = None
    only: tuple[str, ...] = ()
    except_: tuple[str, ...] = ()
    reset: tuple[str, ...] = ()
    known_once: tuple[str, ...] = ()
    error_bag: str | None = None
    merge_intent: Literal["append", "prepend"] = "append"
    is_prefetch: bool = False
    is_precognition: bool = False
    validate_only: tuple[str, ...] = ()

    def is_partial_for(self, component: str) -> bool:
        """Return whether this is a partial reload of `component`, the one that is being rendered (protocol E33)."""
        return self.is_inertia and self.partial_component == component


BROWSER_VISIT: Final = Visit()
"""The Visit of every request without Inertia headers."""

_NAMES: Final = (
    h.INERTIA,
    h.VERSION,
    h.PARTIAL_COMPONENT,
    h.PARTIAL_DATA,
    h.PARTIAL_EXCEPT,
    h.RESET,
    h.EXCEPT_ONCE_PROPS,
    h.ERROR_BAG,
    h.MERGE_INTENT,
    h.PURPOSE,
    h.SEC_PURPOSE,
    h.X_MOZ,
    h.PRECOGNITION,
    h.VALIDATE_ONLY,
)
_FULL_VISIT: Final = frozenset({h.INERTIA, h.VERSION})
INERTIA_HEADERS: Final = frozenset(_NAMES)


def read_visit(headers: Mapping[bytes, bytes]) -> Visit:
    """Parse the Inertia headers of a request, given as a mapping of lower-case names.

    Never raises: values that are too long or hold too many keys count as absent.
    """
    # One set operation in C for the common cases: no header of the protocol, or those of a plain page change.
    found = INERTIA_HEADERS.intersection(headers)
    if not found:
        return BROWSER_VISIT
    if found == _FULL_VISIT:
        return _full_visit(headers[h.INERTIA], headers[h.VERSION])
    values = tuple(map(headers.get, _NAMES))
    # Clients repeat the same headers. Those of a hostile client are parsed, but not cached.
    is_short = sum(map(len, filter(None, values))) <= _MAX_KEPT_BYTES
    return _parse_again(values) if is_short else _parse(values)


def _parse(values: tuple[bytes | None, ...]) -> Visit:
    found = {name: value for name, value in zip(_NAMES, values, strict=True) if value is not None}

    def text(name: bytes) -> str:
        value = found.get(name, b"")
        return _decode(value) if len(value) <= MAX_HEADER_BYTES else ""

    def keys(name: bytes) -> tuple[str, ...]:
        items = tuple(item for part in text(name).split(",") if (item := part.strip()))
        return items if len(items) <= MAX_KEYS else ()

    return Visit(
        # Exactly as clients send it: the hooks search for these bytes.
        is_inertia=found.get(h.INERTIA) == b"true",
        version=text(h.VERSION),
        partial_component=text(h.PARTIAL_COMPONENT) or None if _within_caps(found) else None,
        only=keys(h.PARTIAL_DATA),
        except_=keys(h.PARTIAL_EXCEPT),
        reset=keys(h.RESET),
        known_once=keys(h.EXCEPT_ONCE_PROPS),
        error_bag=text(h.ERROR_BAG) or None,
        merge_intent="prepend" if text(h.MERGE_INTENT) == "prepend" else "append",
        is_prefetch=any(
            text(name).partition(";")[0].strip().lower() == "prefetch" for name in (h.PURPOSE, h.SEC_PURPOSE, h.X_MOZ)
        ),
        is_precognition=found.get(h.PRECOGNITION) == b"true",
        validate_only=keys(h.VALIDATE_ONLY),
    )


@lru_cache(maxsize=64)
def _full_visit(inertia: bytes, version: bytes) -> Visit:
    """Parse the headers of a plain page change, which only differ by version."""
    return _parse((inertia, version, *[None] * (len(_NAMES) - 2)))


# 256 visits of at most 512 bytes each: enough for a few components and their partial reloads.
_MAX_KEPT_BYTES: Final = 512
_parse_again: Final = lru_cache(maxsize=256)(_parse)


def _within_caps(found: Mapping[bytes, bytes]) -> bool:
    """Return whether both path lists are readable. A partial reload with an unreadable list gets a full page."""
    return all(
        len(value) <= MAX_HEADER_BYTES and value.count(b",") < MAX_KEYS
        for value in (found.get(h.PARTIAL_DATA, b""), found.get(h.PARTIAL_EXCEPT, b""))
    )


def _decode(value: bytes) -> str:
    # Browsers send header values as Latin-1; other clients send UTF-8. Every byte string is valid Latin-1.
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")
