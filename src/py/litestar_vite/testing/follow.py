"""Pages that can ask the server for more: partial reloads and deferred props, as the client fetches them.

How it works: a follow-up is a generator that yields Outgoing requests and gets responses. `LivePage` runs it with a
sync client, `AsyncLivePage` with an async one."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, overload

import httpx
import msgspec

from litestar_vite.testing.outgoing import Names, Outgoing, inertia_request, names_of
from litestar_vite.testing.page import InertiaPage
from litestar_vite.testing.paths import MISSING, look_up
from litestar_vite.testing.props import Scope
from litestar_vite.testing.reading import Answer, read_answer
from litestar_vite.testing.report import fail

if TYPE_CHECKING:
    from litestar_vite.ssr.gateway import Failed

__all__ = ("AsyncLivePage", "LivePage", "Steps", "assert_inertia", "run", "run_async")

__tracebackhide__ = True

T = TypeVar("T")
Steps = Generator[Outgoing, httpx.Response, T]


class LivePage(InertiaPage):
    """A page and the client that it came by."""

    def __init__(
        self, answer: Answer, client: httpx.Client, *, root: Path | None = None, ssr_failure: Failed | None = None
    ) -> None:
        super().__init__(answer, root=root, ssr_failure=ssr_failure)
        self._client = client

    def reload(
        self, only: Names = (), except_: Names = (), reset: Names = (), *, scope: Scope | None = None
    ) -> LivePage:
        """Reload the page, or a part of it, and return the answer: its props are only those that were sent."""
        return self._next(_reload(self, only, except_, reset), scope)

    def reload_only(self, only: Names, *, always: Names = (), scope: Scope | None = None) -> LivePage:
        """Reload some props; assert that they came, and that the others did not, but for the `always` props that are
        named.
        """
        return self._next(_reload_only(self, only, always), scope)

    def reload_except(self, except_: Names, *, scope: Scope | None = None) -> LivePage:
        """Reload all props but some, and assert that those did not come."""
        return self._next(_reload_except(self, except_), scope)

    def load_deferred(self, *groups: str, scope: Scope | None = None) -> LivePage:
        """Fetch the deferred props of some groups, of all when none is named: one request for each, as the client does.

        Returns:
            The page with the deferred props in their places, as the visitor sees it in the end.

        Raises:
            AssertionError: Nothing is deferred, or a prop that was announced is neither sent nor rescued.
        """
        return self._next(_load_deferred(self, groups), scope)

    def _next(self, steps: Steps[Answer], scope: Scope | None) -> LivePage:
        page = LivePage(run(self._client, steps), self._client, root=self._root)
        if scope is not None:
            scope(page)
        return page


class AsyncLivePage(InertiaPage):
    """A page and the async client that it came by; what asks the server is awaited."""

    def __init__(
        self, answer: Answer, client: httpx.AsyncClient, *, root: Path | None = None, ssr_failure: Failed | None = None
    ) -> None:
        super().__init__(answer, root=root, ssr_failure=ssr_failure)
        self._client = client

    async def reload(
        self, only: Names = (), except_: Names = (), reset: Names = (), *, scope: Scope | None = None
    ) -> AsyncLivePage:
        """Reload the page, or a part of it; see `LivePage.reload`."""
        return await self._next(_reload(self, only, except_, reset), scope)

    async def reload_only(self, only: Names, *, always: Names = (), scope: Scope | None = None) -> AsyncLivePage:
        """Reload some props; see `LivePage.reload_only`."""
        return await self._next(_reload_only(self, only, always), scope)

    async def reload_except(self, except_: Names, *, scope: Scope | None = None) -> AsyncLivePage:
        """Reload all props but some; see `LivePage.reload_except`."""
        return await self._next(_reload_except(self, except_), scope)

    async def load_deferred(self, *groups: str, scope: Scope | None = None) -> AsyncLivePage:
        """Fetch deferred props; see `LivePage.load_deferred`."""
        return await self._next(_load_deferred(self, groups), scope)

    async def _next(self, steps: Steps[Answer], scope: Scope | None) -> AsyncLivePage:
        page = AsyncLivePage(await run_async(self._client, steps), self._client, root=self._root)
        if scope is not None:
            scope(page)
        return page


@overload
def assert_inertia(response: httpx.Response) -> InertiaPage: ...


@overload
def assert_inertia(response: httpx.Response, client: httpx.Client) -> LivePage: ...


@overload
def assert_inertia(response: httpx.Response, client: httpx.AsyncClient) -> AsyncLivePage: ...


def assert_inertia(response: httpx.Response, client: httpx.Client | httpx.AsyncClient | None = None) -> InertiaPage:
    """Assert that a response is an Inertia page, as HTML or as JSON, and return the assertions of it.

    Args:
        response: What a test client of Litestar (or any httpx client) returned.
        client: That client, for follow-ups: `reload_only`, `load_deferred`, …

    Raises:
        AssertionError: It is no page; the message says what it is.
    """
    hops = tuple(hop.headers["location"] for hop in response.history if "location" in hop.headers)
    answer = read_answer(response, hops)
    if isinstance(client, httpx.Client):
        return LivePage(answer, client)
    return AsyncLivePage(answer, client) if client is not None else InertiaPage(answer)


# What is asked -----------------------------------------------------------------------------------------------------


def _reload(page: InertiaPage, only: Names, except_: Names, reset: Names) -> Steps[Answer]:
    answer = read_answer((yield inertia_request(page.page, only, except_, reset)))
    component = page.page["component"]
    if answer.page["component"] != component:
        fail(f"The reload of {component!r} came back as {answer.page['component']!r}.", answer.page)
    return answer


def _reload_only(page: InertiaPage, only: Names, always: Names) -> Steps[Answer]:
    answer = yield from _reload(page, only, (), ())
    names = names_of(only)
    InertiaPage(answer).has_all(*names)
    # The names at the top: below them the app decides what there is. `errors` is in every answer.
    expected = {name.partition(".")[0] for name in [*names, *names_of(always), "errors"]}
    if extra := [name for name in answer.page["props"] if name not in expected]:
        hint = "If they are `always` props, name them: reload_only(..., always=...)."
        fail(f"Not asked for, and came all the same: {', '.join(map(repr, extra))}. {hint}", answer.page)
    return answer


def _reload_except(page: InertiaPage, except_: Names) -> Steps[Answer]:
    answer = yield from _reload(page, (), except_, ())
    InertiaPage(answer).missing(*names_of(except_))
    return answer


def _load_deferred(page: InertiaPage, groups: tuple[str, ...]) -> Steps[Answer]:
    announced = page.deferred_groups
    for group in groups:
        page.has_deferred(group=group)
    page.has_deferred()
    whole: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(page.page))
    left = whole.pop("deferredProps")
    status = 200
    for group in groups or announced:
        answer = yield from _reload(page, announced[group], (), ())
        status = answer.status
        rescued: list[str] = answer.page.get("rescuedProps") or []
        for path in announced[group]:
            value = look_up(answer.page["props"], path)
            if value is not MISSING:
                _put(whole["props"], path, value)
            elif path not in rescued:
                fail(f"The deferred prop {path!r} of group {group!r} did not come.", answer.page)
        if rescued:
            whole.setdefault("rescuedProps", []).extend(rescued)
        del left[group]
    if left:
        whole["deferredProps"] = left
    return Answer(whole, status, None)


def _put(props: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for key in parents:
        child = props.get(key)
        props[key] = props = cast("dict[str, Any]", child) if isinstance(child, dict) else {}
    props[last] = value


# How it is sent ----------------------------------------------------------------------------------------------------


def run(client: httpx.Client, steps: Steps[T]) -> T:
    """Send what the steps ask for, and return what they come to."""
    try:
        request = next(steps)
        while True:
            response = client.request(
                request.method, request.url, headers=request.headers, follow_redirects=False, **request.body
            )
            request = steps.send(response)
    except StopIteration as end:
        return cast("T", end.value)


async def run_async(client: httpx.AsyncClient, steps: Steps[T]) -> T:
    """Send what the steps ask for, and return what they come to."""
    try:
        request = next(steps)
        while True:
            response = await client.request(
                request.method, request.url, headers=request.headers, follow_redirects=False, **request.body
            )
            request = steps.send(response)
    except StopIteration as end:
        return cast("T", end.value)
