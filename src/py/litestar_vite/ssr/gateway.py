"""One render, whatever happens: page JSON in, a typed Outcome out.

How it works, in this order:
1. Admission: so many renders run at a time, so many wait a short while, the others are left to the browser at once.
2. Breaker: while the render server is down no visitor waits for it; a probe in the background finds out when it is back
   (probing.py).
3. Connection, deadline and validation: the request (see render.py), in the time that is left.
4. Whatever comes out is counted, and what failed is logged, once a minute for each kind and page, and given to the
   user's hook. Who was turned away (overload, open) is only counted; that no worker is up (unavailable) is logged, and
   not given to the hook.

Rules: nothing but a cancellation is raised from here, unless `raise_on_error` is on. A page that throws is the page's
trouble: it is counted for its component, and keeps no other page from being rendered. An open breaker is seen at the
door: nobody queues in order to be refused."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final, Protocol

from litestar_vite.ssr.admission import Admission
from litestar_vite.ssr.breaker import Breaker
from litestar_vite.ssr.outcome import ClientSide, Failed, Outcome, Rendered
from litestar_vite.ssr.probing import Prober
from litestar_vite.ssr.render import render
from litestar_vite.ssr.report import FailureLog, GatewayStats, Tally
from litestar_vite.ssr.upstreams import Upstreams

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from litestar_vite.config.ssr import SSRConfig
    from litestar_vite.ssr.cache import RenderCache

__all__ = ("ClientSide", "Failed", "FailureLog", "Gateway", "Outcome", "RenderGateway", "Rendered", "render")

logger = logging.getLogger("litestar_vite.ssr")

_HEALTH_SECONDS: Final = 1.0
_TRANSPORT_KINDS: Final = frozenset({"connection", "timeout", "protocol"})

_OPEN: Final = "the breaker is open"
_OVERLOAD: Final = "all renders that may run do, and the queue is full"


class Gateway(Protocol):
    """What an app needs of server-side rendering.

    Attributes:
        last_failure: The latest render that failed, for tests; None without one.
    """

    last_failure: Failed | None

    async def render(self, page_json: bytes, component: str) -> Outcome:
        """Render one page; raises nothing but a cancellation, or SSRError where that is asked for."""
        ...

    def stats(self) -> GatewayStats:
        """Return the numbers since start-up."""
        ...

    async def aclose(self) -> None:
        """Stop what runs in the background."""
        ...


class RenderGateway:
    """The way to a render server, for one app and one event loop.

    Attributes:
        admission: How many renders run and wait.
        breaker: Whether the render server is asked at all.
        last_failure: The latest render that failed, None without one.
    """

    def __init__(
        self, client: httpx.AsyncClient, url: str, config: SSRConfig, cache: RenderCache | None = None
    ) -> None:
        """`cache` is for the numbers: it stands before us."""
        # At most half the time goes to the queue, so that the other half says something about the render server.
        self.admission = Admission(config.max_connections, min(config.queue_seconds, config.timeout_seconds / 2))
        self.breaker = Breaker(on_open=self._opened)
        self._client = client
        # What asks: a traced gateway has another one.
        self._send: Callable[[httpx.AsyncClient, str, bytes, float], Awaitable[Outcome]] = render
        self._cache = cache
        pool = getattr(client, "pool", None)
        self._upstreams = pool if isinstance(pool, Upstreams) else None
        self._url = url
        self._timeout_seconds = config.timeout_seconds
        self._raise_on_error = config.raise_on_error
        self._on_failure: Callable[[Failed, str], object] | None = config.on_failure
        self._log = FailureLog(falls_back=not config.raise_on_error)
        self._tally = Tally()
        self.last_failure: Failed | None = None
        self._prober = Prober(self.breaker, self._is_there, self._probe)

    async def render(self, page_json: bytes, component: str) -> Outcome:
        """Render one page.

        Args:
            page_json: The page object as JSON.
            component: Its page component, for log and counters.

        Raises:
            SSRError: It failed, and `SSRConfig.raise_on_error` is on.
        """
        started = time.perf_counter()
        if self.breaker.state != "closed":
            outcome: Outcome = Failed("open", _OPEN)
        elif not self.admission.enter() and not await self.admission.wait():
            outcome = self._turned_away(started)
        elif not (ticket := self.breaker.enter()):
            self.admission.leave()
            outcome = Failed("open", _OPEN)
        else:
            outcome = await self._ask(ticket, page_json, self._timeout_seconds - (time.perf_counter() - started))
        self._tally.add(outcome, component, time.perf_counter() - started)
        if type(outcome) is Failed:
            self.last_failure = outcome
            if outcome.kind == "open":
                self._prober.offer(page_json, component)
            self._report(outcome, component)
        return outcome

    def _turned_away(self, started: float) -> Failed:
        kind, message = ("overload", _OVERLOAD) if self.breaker.state == "closed" else ("open", _OPEN)
        return Failed(kind, message, time.perf_counter() - started)

    async def _ask(self, ticket: int, page_json: bytes, timeout_seconds: float) -> Outcome:
        """Ask the render server, in the place that admission gave and with a ticket of the breaker, which gets to know
        what came of it.
        """
        entered = time.perf_counter()
        took: float | None = None
        try:
            outcome = await self._send(self._client, self._url, page_json, timeout_seconds)
            took = time.perf_counter() - entered
        except BaseException:
            self.breaker.cancelled(ticket)
            raise
        finally:
            self.admission.leave(took)
        if type(outcome) is Failed and (outcome.is_shed or outcome.kind in _TRANSPORT_KINDS):
            self._take_note_of_failure(outcome, ticket)
        else:
            self.breaker.succeeded(ticket)
        return outcome

    async def _probe(self, page_json: bytes, component: str) -> bool:
        """Render a page for nobody: only the breaker wants to know. False during its pause, and while earlier renders
        hold every place.
        """
        if not self.admission.enter():
            return False
        ticket = self.breaker.probe()
        if not ticket:
            self.admission.leave()
            return False
        outcome = await self._ask(ticket, page_json, self._timeout_seconds)
        if type(outcome) is Failed:
            self._log_failure(outcome, component)
        return True

    def _take_note_of_failure(self, failed: Failed, ticket: int) -> None:
        """Tell the breaker, unless nobody was asked, or one of several servers failed and another one works."""
        if failed.is_shed or (self._upstreams is not None and self._upstreams.any_works):
            self.breaker.cancelled(ticket)
        else:
            self.breaker.failed(ticket, f"{failed.kind}, {failed.message}")

    def _report(self, failed: Failed, component: str) -> None:
        """Log what failed, and raise it where that is asked for."""
        self._log_failure(failed, component)
        if self._raise_on_error:
            raise failed.as_error()

    def _log_failure(self, failed: Failed, component: str) -> None:
        """Log what failed and tell the user's hook; what was only turned away is counted and no more, but that no
        worker is up is logged.
        """
        if not failed.is_shed or failed.kind == "unavailable":
            self._log.report(failed, component)
        if not failed.is_shed and self._on_failure is not None:
            try:
                self._on_failure(failed, component)
            except Exception:
                logger.exception("SSRConfig.on_failure raised; the page is served all the same")

    def _opened(self) -> None:
        self.admission.turn_all_away()
        self._prober.start()

    async def _is_there(self) -> bool:
        """Tell whether anybody answers HTTP; not whether renders work, which is the probe's question."""
        import httpx

        try:
            await self._client.get(f"{self._url.rpartition('/')[0]}/health", timeout=_HEALTH_SECONDS)
        except (httpx.HTTPError, OSError, RuntimeError):  # RuntimeError: the client was closed meanwhile.
            return False
        return True

    def stats(self) -> GatewayStats:
        tally = self._tally
        return GatewayStats(
            rendered=tally.rendered,
            client_side=tally.client_side,
            failed=dict(tally.failed),
            page_errors=dict(tally.page_errors),
            render_seconds=tally.render_seconds,
            running=self.admission.running,
            waiting=self.admission.waiting,
            breaker=self.breaker.state,
            breaker_opened=self.breaker.opened_total,
            cache=self._cache.stats() if self._cache is not None else {},
            upstreams=self._upstreams.states if self._upstreams is not None else {},
        )

    async def aclose(self) -> None:
        """End what runs in the background; the client is not ours."""
        await self._prober.aclose()

    def __repr__(self) -> str:
        failed = sum(self._tally.failed.values())
        return f"<RenderGateway rendered={self._tally.rendered} failed={failed} {self.admission!r} {self.breaker!r}>"
