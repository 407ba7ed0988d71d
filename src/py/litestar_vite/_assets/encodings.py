"""Negotiates a content encoding by `Accept-Encoding` (RFC 9110, section 12.5.3)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

IDENTITY: Final = "identity"
SUFFIXES: Final = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}
"""The suffixes of compressed copies by encoding, the smallest first: between equal q-values, the first is served."""

# Browsers send shorter headers. Longer ones are not parsed, so that they cannot fill the cache.
_MAX_LENGTH: Final = 256


def accepted_encodings(header: bytes) -> tuple[str, ...]:
    """Return the encodings that a client accepts, best first. `identity` is omitted unless the header names it."""
    return _ranked(header) if len(header) <= _MAX_LENGTH else ()


@lru_cache(maxsize=128)
def _ranked(header: bytes) -> tuple[str, ...]:
    values: dict[str, float] = {}
    for item in header.decode("latin-1").lower().split(","):
        name, *parameters = (part.strip() for part in item.split(";"))
        if name:
            values["gzip" if name == "x-gzip" else name] = _q(parameters)
    rest = values.get("*", 0.0)
    known = [(values.get(name, rest), name) for name in SUFFIXES]
    if IDENTITY in values:  # Otherwise it is acceptable, and any encoding that the client names is preferred to it.
        known.append((values[IDENTITY], IDENTITY))
    # The sort is stable, so equal q-values keep the order of SUFFIXES.
    return tuple(name for q, name in sorted(known, key=lambda pair: -pair[0]) if q > 0)


def _q(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
