"""Combines several render servers: a request goes to the least busy one that works.

How it works:
1. `request` picks, among the upstreams that have not failed recently, the one with the fewest requests; equals take
   turns.
2. An upstream that fails or is late is skipped for one second, then for two, up to thirty; a reply resets this. When
   all have failed, the one that failed longest ago is used: the breaker decides whether any request is sent.
3. When a connection cannot be made, or another program responds (a proxy in front of a stopped render server), the next
   upstream is used, since nothing was rendered yet. A page that ended one of the app's workers is not passed on.
4. Upstreams that a user configured appear by name in messages, and in the log when they fail, at most once a
   minute, and when they respond again. The app's own workers have a separate log.

Upstreams has the same `request` as a ConnectionPool and replaces it. Upstreams come and go while requests run.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, Protocol

from litestar_vite._net.failures import CannotConnect, ConnectionFailed, PeerEnded, ReplyTooLarge
from litestar_vite._processes.backoff import Backoff
from litestar_vite._ssr.failures import LateUpstream, NotJSON, NoUpstream, PageTooLarge, check_is_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from litestar_vite._net.reply import Headers, Reply
    from litestar_vite._ssr.quarantine import Quarantine


logger = logging.getLogger("litestar_vite.ssr")

_FIRST_PAUSE_SECONDS: Final = 1.0
_MAX_PAUSE_SECONDS: Final = 30.0
_LOG_PAUSE_SECONDS: Final = 60.0


class RequestPool(Protocol):
    """The part of a ConnectionPool that the gateway uses."""

    async def request(
        self, method: str, target: str, body: bytes, headers: Headers = (), *, timeout_seconds: float | None = None
    ) -> Reply: ...

    async def aclose(self) -> None: ...


class Upstream:
    """One render server.

    Attributes:
        name: Its URL or its socket.
        pool: The connections to it.
        prefix: The path before `/render`.
        busy: The number of requests in progress.
        is_logged: Its failure has been logged.
        logged_at: The time of that log entry.
    """

    __slots__ = ("_backoff", "_retry_at", "busy", "is_logged", "logged_at", "name", "pool", "prefix", "taken_at")

    def __init__(self, name: str, pool: RequestPool, prefix: str = "") -> None:
        self.name = name
        self.pool = pool
        self.prefix = prefix
        self.busy = 0
        self.taken_at = 0
        self.is_logged = False
        self.logged_at = float("-inf")
        self._backoff = Backoff(_FIRST_PAUSE_SECONDS, _MAX_PAUSE_SECONDS)
        # 0 while it works.
        self._retry_at = 0.0

    @property
    def is_failing(self) -> bool:
        return self._retry_at > 0

    def order(self, now: float) -> tuple[float, int, int]:
        """Return the sort key, which is lowest for the best upstream: the time until it may be used, its requests, and
        how recently it was used.
        """
        pause = max(0.0, self._retry_at - now)
        return pause, self.busy, self.taken_at

    def works(self) -> None:
        if self._retry_at:
            self._retry_at = 0.0
            self._backoff.reset()

    def fails(self, now: float) -> None:
        # Many requests fail at once when a server goes down, which counts as one failure.
        if self._retry_at <= now:
            self._retry_at = now + self._backoff.next_seconds()

    def __repr__(self) -> str:
        return f"<Upstream {self.name} busy={self.busy}{' failing' if self.is_failing else ''}>"


class Upstreams:
    """The render servers of one app.

    Attributes:
        on_return: Called when an upstream joins, so that a breaker can end its pause early.
        quarantine: Page components that are kept away from the app's own workers; None for other render servers.
    """

    def __init__(self, upstreams: Iterable[Upstream] = (), *, named: bool = False) -> None:
        """`named`: a user configured the upstreams, so messages and the log name them."""
        self._all = list(upstreams)
        self._named = named
        self._taken = 0
        self._closing: set[asyncio.Task[None]] = set()
        self.on_return: Callable[[], None] | None = None
        self.quarantine: Quarantine | None = None

    def __len__(self) -> int:
        return len(self._all)

    @property
    def any_works(self) -> bool:
        """True if an upstream has not failed since its last reply."""
        return any(not upstream.is_failing for upstream in self._all)

    @property
    def states(self) -> dict[str, bool]:
        """Whether each has not failed since its last reply, by name; empty for the app's own workers, which come and
        go.
        """
        return {upstream.name: not upstream.is_failing for upstream in self._all} if self._named else {}

    def add(self, upstream: Upstream) -> None:
        self._all.append(upstream)
        if self.on_return is not None:
            self.on_return()

    def remove(self, upstream: Upstream) -> None:
        """Stop using an upstream. Its requests continue, and its connections close when they end."""
        if upstream in self._all:
            self._all.remove(upstream)
            task = asyncio.get_running_loop().create_task(upstream.pool.aclose())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def request(
        self, method: str, target: str, body: bytes, headers: Headers = (), *, timeout_seconds: float | None = None
    ) -> Reply:
        """Send one request to the best upstream; see `ConnectionPool.request`.

        Raises:
            NoUpstream: No upstream is running.
            ConnectionFailed: The request failed, or no upstream accepts connections and answers a POST in JSON.
            TimeoutError: No complete reply arrived in time.
        """
        loop = asyncio.get_running_loop()
        began = loop.time()
        tried: list[Upstream] = []
        left = timeout_seconds
        while True:
            upstream = self._best(tried, loop.time())
            upstream.busy += 1
            try:
                reply = await upstream.pool.request(
                    method, upstream.prefix + target, body, headers, timeout_seconds=left
                )
                if method == "POST":
                    check_is_json(reply.status, reply.content_type)
            except (CannotConnect, NotJSON) as error:
                self._record_failure(upstream, loop.time(), error)
                tried.append(upstream)
                # A page that ended its worker would end the next one, too.
                if len(tried) >= len(self._all) or (self.quarantine is not None and type(error) is PeerEnded):
                    self._raise_with_name(upstream, error)
                    raise
                left = timeout_seconds - (loop.time() - began) if timeout_seconds is not None else None
            except (ReplyTooLarge, PageTooLarge):
                # It concerns only this page: the next may be smaller.
                raise
            except (ConnectionFailed, TimeoutError) as error:
                self._record_failure(upstream, loop.time(), error)
                self._raise_with_name(upstream, error)
                raise
            else:
                upstream.works()
                if upstream.is_logged:
                    upstream.is_logged = False
                    logger.warning("The render server %s answers again", upstream.name)
                return reply
            finally:
                upstream.busy -= 1

    def _record_failure(self, upstream: Upstream, now: float, error: ConnectionFailed | TimeoutError) -> None:
        """Stop using an upstream for a while, and log it."""
        upstream.fails(now)
        if self._named and not upstream.is_logged and now - upstream.logged_at >= _LOG_PAUSE_SECONDS:
            upstream.is_logged, upstream.logged_at = True, now
            logger.warning(
                "The render server %s fails. While another works it is left alone for %g s, then for longer, "
                "up to %g s: %s",
                upstream.name,
                _FIRST_PAUSE_SECONDS,
                _MAX_PAUSE_SECONDS,
                "no answer in time" if isinstance(error, TimeoutError) else error,
            )

    def _raise_with_name(self, upstream: Upstream, error: ConnectionFailed | TimeoutError) -> None:
        """Raise the error again, with the name of the upstream if a user configured it."""
        if not self._named:
            return
        if isinstance(error, TimeoutError):
            raise LateUpstream(upstream.name) from error
        msg = f"{upstream.name}: {error}"
        raise type(error)(msg) from error

    def _best(self, tried: list[Upstream], now: float) -> Upstream:
        candidates = self._all if not tried else [upstream for upstream in self._all if upstream not in tried]
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            msg = "no render worker is up"
            raise NoUpstream(msg)
        best = min(candidates, key=lambda upstream: upstream.order(now))
        self._taken += 1
        best.taken_at = self._taken
        return best

    async def aclose(self) -> None:
        for upstream in self._all:
            await upstream.pool.aclose()
        if self._closing:
            await asyncio.gather(*self._closing)

    def __repr__(self) -> str:
        return f"<Upstreams {self._all!r}>"
