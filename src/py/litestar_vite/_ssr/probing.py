"""Probes the render server while the breaker is open, without delaying visitors.

How it works:
1. Visitors are served at once, and the latest of their pages is kept.
2. `/health` is requested four times a second. Once a server that was down responds again, the breaker's pause ends.
3. After the pause, the kept page is rendered and discarded. Success closes the breaker, failure opens it again.

Rules: one task makes all probes, so one runs at a time. Each probe needs a newer page than the last one,
so there are no probes without visitors. Only renders close the breaker; `/health` merely saves time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar_vite._ssr.breaker import Breaker


_POLL_SECONDS: Final = 0.25


class Prober:
    """The task that watches a render server that is down."""

    __slots__ = ("_breaker", "_is_there", "_page", "_probe", "_task")

    def __init__(
        self, breaker: Breaker, is_there: Callable[[], Awaitable[bool]], probe: Callable[[bytes, str], Awaitable[bool]]
    ) -> None:
        """`is_there` returns whether a server responds to HTTP; `probe` renders the page JSON of a component, or
        returns False if probing is not allowed yet.
        """
        self._breaker = breaker
        self._is_there = is_there
        self._probe = probe
        self._page: tuple[bytes, str] | None = None
        self._task: asyncio.Task[None] | None = None

    def offer(self, page_json: bytes, component: str) -> None:
        """Keep a page for the next probe."""
        self._page = page_json, component

    def start(self) -> None:
        """Watch until the breaker is closed, unless a task is already watching."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._watch(), name="litestar-vite-ssr-probe")

    async def aclose(self) -> None:
        """Stop the task."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        breaker = self._breaker
        was_gone = False
        while breaker.state != "closed":
            await asyncio.sleep(_POLL_SECONDS)
            is_there = await self._is_there()
            if is_there and was_gone:
                breaker.try_again()
            was_gone = not is_there
            page = self._page
            if page is not None and await self._probe(*page) and self._page is page:
                self._page = None
        self._page = None
