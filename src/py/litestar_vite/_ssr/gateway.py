"""Renders a page and handles all failures: page JSON in, a typed Outcome out.

How it works, in this order:
1. Admission: a limited number of renders run at a time, some more queue briefly, and the others fall back to
   client-side rendering at once.
2. Quarantine: components that crashed their worker are not rendered for a while (quarantine.py).
3. Breaker: while the render server is down, visitors do not wait for it; a background probe detects its return
   (probing.py).
4. The request, with connection, deadline and validation (see render.py), in the remaining time.
5. Each outcome is counted. Failures are logged, once a minute for each kind and page, and passed to the user's hook.
   Refused renders (overload, open, quarantined) are only counted; `unavailable` (no worker is running) is also logged.

Rules: the gateway raises only cancellations, unless `raise_on_error` is on. A page that throws is counted for its
component and does not affect other pages. The breaker is checked before the queue, so that renders do not queue only
to be refused."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Final, Protocol

from litestar_vite._ssr.admission import Admission
from litestar_vite._ssr.breaker import Breaker
from litestar_vite._ssr.outcome import Failed, Outcome
from litestar_vite._ssr.probing import Prober
from litestar_vite._ssr.render_request import render
from litestar_vite._ssr.report import FailureLog, GatewayStats, Tally
from litestar_vite._ssr.upstreams import Upstreams

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from litestar_vite._ssr.cache import RenderCache
    from litestar_vite._ssr.quarantine import Quarantine
    from litestar_vite.config._ssr import SSRConfig


logger = logging.getLogger("litestar_vite.ssr")

_HEALTH_SECONDS: Final = 1.0
_TRANSPORT_KINDS: Final = frozenset({"connection", "timeout", "protocol"})

_OPEN: Final = "the breaker is open"
_QUARANTINED: Final = "the component ended its render worker, or its first page is being rendered"
_OVERLOAD: Final = "all renders that may run do, and the queue is full"


class Gateway(Protocol):
    """Server-side rendering as the app sees it.

    Attributes:
        last_failure: The latest failed render, for tests; None without one.
    """

    last_failure: Failed | None

    async def render(self, page_json: bytes, component: str) -> Outcome:
        """Render one page. Raises only cancellations, or SSRError with `raise_on_error`."""
        ...

    def stats(self) -> GatewayStats:
        """Return the counters since start-up."""
        ...

    async def aclose(self) -> None:
        """Stop background tasks."""
        ...


class RenderGateway:
    """Sends renders to a render server, for one app and one event loop.

    Attributes:
        admission: Limits running and waiting renders.
        breaker: Decides whether requests are sent to the render server.
        last_failure: The latest failed render; None without one.
    """

    def __init__(
        self, client: httpx.AsyncClient, url: str, config: SSRConfig, cache: RenderCache | None = None
    ) -> None:
        """`cache` is only read for the counters. The caller looks pages up in it before it calls this gateway."""
        # At most half of the time is spent in the queue, so that a timeout is attributable to the render server.
        self.admission = Admission(config.max_connections, min(config.queue_seconds, config.timeout_seconds / 2))
        self.breaker = Breaker(on_open=self._opened)
        self._client = client
        # A traced gateway replaces it.
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
            component: The page component, for the log and the counters.

        Raises:
            SSRError: The render failed, and `SSRConfig.raise_on_error` is on.
        """
        started = time.perf_counter()
        quarantine = self._upstreams.quarantine if self._upstreams is not None else None
        if quarantine is None or component in quarantine.trusted:
            outcome = await self._admit(page_json, started)
        else:
            outcome = await self._try(quarantine, page_json, component, started)
        self._tally.add(outcome, component, time.perf_counter() - started)
        if type(outcome) is Failed:
            self.last_failure = outcome
            if outcome.kind == "open":
                self._prober.offer(page_json, component)
            self._report(outcome, component)
        return outcome

    async def _try(self, quarantine: Quarantine, page_json: bytes, component: str, started: float) -> Outcome:
        """Render a page of a component that may crash its worker."""
        if self.breaker.state != "closed":
            return Failed("open", _OPEN)
        if not await quarantine.enter(component):
            return Failed("quarantined", _QUARANTINED)
        answered: bool | None = None
        try:
            outcome = await self._admit(page_json, started)
            if type(outcome) is not Failed or not outcome.is_shed:
                answered = type(outcome) is not Failed or outcome.kind not in {"connection", "timeout"}
        finally:
            quarantine.leave(component, answered=answered)
        return outcome

    async def _admit(self, page_json: bytes, started: float) -> Outcome:
        """Send the render to the server if the breaker and the admission allow it."""
        if self.breaker.state != "closed":
            return Failed("open", _OPEN)
        if not self.admission.enter() and not await self.admission.wait():
            return self._turned_away(started)
        if not (ticket := self.breaker.enter()):
            self.admission.leave()
            return Failed("open", _OPEN)
        return await self._ask(ticket, page_json, self._timeout_seconds - (time.perf_counter() - started))

    def _turned_away(self, started: float) -> Failed:
        kind, message = ("overload", _OVERLOAD) if self.breaker.state == "closed" else ("open", _OPEN)
        return Failed(kind, message, time.perf_counter() - started)

    async def _ask(self, ticket: int, page_json: bytes, timeout_seconds: float) -> Outcome:
        """Send the render to the server, with the admission's place and the breaker's ticket, and report to both."""
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
            self._record_failure(outcome, ticket)
        else:
            self.breaker.succeeded(ticket)
        return outcome

    async def _probe(self, page_json: bytes, component: str) -> bool:
        """Render a page for the breaker only. False during its pause, without a worker, and while earlier renders hold
        every place.
        """
        if (self._upstreams is not None and not len(self._upstreams)) or not self.admission.enter():
            return False
        ticket = self.breaker.probe()
        if not ticket:
            self.admission.leave()
            return False
        outcome = await self._ask(ticket, page_json, self._timeout_seconds)
        if type(outcome) is Failed:
            self._log_failure(outcome, component)
        return True

    def _record_failure(self, failed: Failed, ticket: int) -> None:
        """Report a failure to the breaker, unless no request was sent, or another of several servers works."""
        if failed.is_shed or (self._upstreams is not None and self._upstreams.any_works):
            self.breaker.cancelled(ticket)
        else:
            self.breaker.failed(ticket, f"{failed.kind}, {failed.message}")

    def _report(self, failed: Failed, component: str) -> None:
        """Log a failure, and raise it with `raise_on_error`."""
        self._log_failure(failed, component)
        if self._raise_on_error:
            raise failed.as_error()

    def _log_failure(self, failed: Failed, component: str) -> None:
        """Log a failure and call the user's hook. Refused renders are only counted, except that `unavailable` is
        logged.
        """
        if not failed.is_shed or failed.kind == "unavailable":
            self._log.report(failed, component)
        if not failed.is_shed and self._on_failure is not None:
            try:
                self._on_failure(failed, component)
            except Exception:
                logger.exception("SSRConfig.on_failure raised; the page is served nevertheless")

    def _opened(self) -> None:
        self.admission.turn_all_away()
        self._prober.start()

    async def _is_there(self) -> bool:
        """Return whether a server responds to HTTP. The probe finds out whether renders work."""
        import httpx

        try:
            await self._client.get(f"{self._url.rpartition('/')[0]}/health", timeout=_HEALTH_SECONDS)
        except (httpx.HTTPError, OSError, RuntimeError):  # RuntimeError: the client was closed in the meantime.
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
        """End background tasks; the caller closes the client."""
        await self._prober.aclose()

    def __repr__(self) -> str:
        failed = sum(self._tally.failed.values())
        return f"<RenderGateway rendered={self._tally.rendered} failed={failed} {self.admission!r} {self.breaker!r}>"
