"""Warns in development about props that a browser would round: integers beyond 2^53 - 1."""

from __future__ import annotations

import logging
from typing import Any

import msgspec

from litestar_vite.inertia._page.big_integers import has_unsafe, unsafe_paths
from litestar_vite.inertia._page.observation import Observation

logger = logging.getLogger("litestar_vite.inertia")


class RoundedProps:
    """A listener that warns once about each prop."""

    def __init__(self) -> None:
        self._named: set[tuple[str, str]] = set()

    def __call__(self, observation: Observation, _: Any) -> None:
        page, page_json = observation.page, observation.page_json
        if page is None or "preserveBigIntegers" in page or not has_unsafe(page_json):
            return
        for path in unsafe_paths(msgspec.json.decode(page_json)["props"]):
            # All items of a list count as one prop.
            named = (page["component"], ".".join("*" if key.isdecimal() else key for key in path.split(".")))
            if named not in self._named:
                self._named.add(named)
                logger.warning(
                    "Prop %r of page %r is an integer beyond 2^53, which browsers round. Send it as text, or set "
                    "preserve_big_integers=True.",
                    path,
                    named[0],
                )

    def __repr__(self) -> str:
        return f"<RoundedProps named={len(self._named)}>"
