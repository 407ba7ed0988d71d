"""While the breaker is open: finding out whether the render server is back, at no visitor's cost.

How it works:
1. Visitors are served at once, each leaves its page here; the latest one is kept.
2. Four times a second somebody asks `/health`. Once a server that was gone answers again, the breaker's pause is over.
3. When the pause is over the kept page is rendered, and thrown away: its success closes the breaker, its failure opens
   it again.

Rules: one probe at a time, since one task makes them all. No visitor, no probe: each one needs a page that came after
the one before. Renders are the judge, `/health` only saves time."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar_vite.ssr.breaker import Breaker

__all__ = ("Prober",)

_POLL_SECONDS: Final = 0.25


class Prober:
    """The task that watches a render server which does not work."""

    __slots__ = ("_breaker", "_is_there", "_page", "_probe", "_task")

    def __init__(
        self, breaker: Breaker, is_there: Callable[[], Awaitable[bool]], probe: Callable[[bytes, str], Awaitable[bool]]
    ) -> None:
        """`is_there` tells whether anybody answers HTTP; `probe` renders page JSON of a component, False when it is not
        the time for it.
        """
        self._breaker = breaker
        self._is_there = is_there
        self._probe = probe
        self._page: tuple[bytes, str] | None = None
        self._task: asyncio.Task[None] | None = None

    def offer(self, page_json: bytes, component: str) -> None:
        """Keep a page to try with: its visitor was served without."""
        self._page = page_json, component

    def start(self) -> None:
        """Watch until the breaker is closed; what watches already goes on."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._watch(), name="litestar-vite-ssr-probe")

    async def aclose(self) -> None:
        """End the task."""
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
