"""Pages that can send further requests: partial reloads and deferred props.

How it works: a follow-up is a generator that yields Requests and receives responses. `LivePage` runs it with a sync
client, `AsyncLivePage` with an async one.
"""

from __future__ import annotations

import copy
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar, cast, overload

import httpx

from litestar_vite._ssr.outcome import Failed
from litestar_vite.testing._page import InertiaPage
from litestar_vite.testing._paths import MISSING, look_up
from litestar_vite.testing._props import Scope
from litestar_vite.testing._report import fail
from litestar_vite.testing._requests import Names, Request, inertia_request, names_of
from litestar_vite.testing._response import PageResponse, read_page

__tracebackhide__ = True

T = TypeVar("T")
Steps = Generator[Request, httpx.Response, T]


class LivePage(InertiaPage):
    """A page that can be reloaded through its client."""

    def __init__(
        self,
        page_response: PageResponse,
        client: httpx.Client,
        *,
        root: Path | None = None,
        ssr_failure: Failed | None = None,
    ) -> None:
        super().__init__(page_response, root=root, ssr_failure=ssr_failure)
        self._client = client

    def reload(
        self, only: Names = (), except_: Names = (), reset: Names = (), *, scope: Scope | None = None
    ) -> LivePage:
        """Reload the page, or some of its props. The returned page has only the props that were sent."""
        return self._next(_reload(self, only, except_, reset), scope)

    def reload_only(self, only: Names, *, always: Names = (), scope: Scope | None = None) -> LivePage:
        """Reload some props, and assert that the response has these, the named `always` props and no others."""
        return self._next(_reload_only(self, only, always), scope)

    def reload_except(self, except_: Names, *, scope: Scope | None = None) -> LivePage:
        """Reload all props except some, and assert that the response omits these."""
        return self._next(_reload_except(self, except_), scope)

    def load_deferred(self, *groups: str, scope: Scope | None = None) -> LivePage:
        """Fetch deferred props with one request per group, as the client does.

        Args:
            groups: The groups to fetch; all groups when empty.
            scope: Called with the resulting page.

        Returns:
            The page with the deferred props merged in, as the client would show it.

        Raises:
            AssertionError: No prop is deferred, or an announced prop is neither sent nor rescued.
        """
        return self._next(_load_deferred(self, groups), scope)

    def _next(self, steps: Steps[PageResponse], scope: Scope | None) -> LivePage:
        page = LivePage(run(self._client, steps), self._client, root=self._root)
        if scope is not None:
            scope(page)
        return page


class AsyncLivePage(InertiaPage):
    """A page that can be reloaded through its async client."""

    def __init__(
        self,
        page_response: PageResponse,
        client: httpx.AsyncClient,
        *,
        root: Path | None = None,
        ssr_failure: Failed | None = None,
    ) -> None:
        super().__init__(page_response, root=root, ssr_failure=ssr_failure)
        self._client = client

    async def reload(
        self, only: Names = (), except_: Names = (), reset: Names = (), *, scope: Scope | None = None
    ) -> AsyncLivePage:
        """Reload the page, or some of its props. See `LivePage.reload`."""
        return await self._next(_reload(self, only, except_, reset), scope)

    async def reload_only(self, only: Names, *, always: Names = (), scope: Scope | None = None) -> AsyncLivePage:
        """Reload some props. See `LivePage.reload_only`."""
        return await self._next(_reload_only(self, only, always), scope)

    async def reload_except(self, except_: Names, *, scope: Scope | None = None) -> AsyncLivePage:
        """Reload all props except some. See `LivePage.reload_except`."""
        return await self._next(_reload_except(self, except_), scope)

    async def load_deferred(self, *groups: str, scope: Scope | None = None) -> AsyncLivePage:
        """Fetch deferred props. See `LivePage.load_deferred`."""
        return await self._next(_load_deferred(self, groups), scope)

    async def _next(self, steps: Steps[PageResponse], scope: Scope | None) -> AsyncLivePage:
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
    """Assert that a response is an Inertia page, as HTML or JSON, and return assertions about it.

    Args:
        response: A response of a Litestar test client or any httpx client.
        client: That client, for follow-ups such as `reload_only` and `load_deferred`.

    Raises:
        AssertionError: The response is not a page. The message describes it.
    """
    hops = tuple(hop.headers["location"] for hop in response.history if "location" in hop.headers)
    page_response = read_page(response, hops)
    if isinstance(client, httpx.Client):
        return LivePage(page_response, client)
    return AsyncLivePage(page_response, client) if client is not None else InertiaPage(page_response)


# Requests ----------------------------------------------------------------------------------------------------------


def _reload(page: InertiaPage, only: Names, except_: Names, reset: Names) -> Steps[PageResponse]:
    page_response = read_page((yield inertia_request(page.page, only, except_, reset)))
    component = page.page["component"]
    if page_response.page["component"] != component:
        fail(f"The reload of {component!r} returned {page_response.page['component']!r}.", page_response.page)
    return page_response


def _reload_only(page: InertiaPage, only: Names, always: Names) -> Steps[PageResponse]:
    page_response = yield from _reload(page, only, (), ())
    names = names_of(only)
    InertiaPage(page_response).has_all(*names)
    # Compares top-level names, since the app decides what is nested. Every page has `errors`.
    expected = {name.partition(".")[0] for name in [*names, *names_of(always), "errors"]}
    if extra := [name for name in page_response.page["props"] if name not in expected]:
        hint = "If they are `always` props, name them: reload_only(..., always=...)."
        fail(f"Props were sent but not requested: {', '.join(map(repr, extra))}. {hint}", page_response.page)
    return page_response


def _reload_except(page: InertiaPage, except_: Names) -> Steps[PageResponse]:
    page_response = yield from _reload(page, (), except_, ())
    InertiaPage(page_response).missing(*names_of(except_))
    return page_response


def _load_deferred(page: InertiaPage, groups: tuple[str, ...]) -> Steps[PageResponse]:
    announced = page.deferred_groups
    for group in groups:
        page.has_deferred(group=group)
    page.has_deferred()
    whole: dict[str, Any] = copy.deepcopy(dict(page.page))
    left = whole.pop("deferredProps")
    status = 200
    for group in groups or announced:
        page_response = yield from _reload(page, announced[group], (), ())
        status = page_response.status
        rescued: list[str] = page_response.page.get("rescuedProps") or []
        for path in announced[group]:
            value = look_up(page_response.page["props"], path)
            if value is not MISSING:
                _put(whole["props"], path, value)
            elif path not in rescued:
                fail(f"The deferred prop {path!r} of group {group!r} was not sent.", page_response.page)
        if rescued:
            whole.setdefault("rescuedProps", []).extend(rescued)
        del left[group]
    if left:
        whole["deferredProps"] = left
    return PageResponse(whole, status, None)


def _put(props: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for key in parents:
        child = props.get(key)
        props[key] = props = cast("dict[str, Any]", child) if isinstance(child, dict) else {}
    props[last] = value


# Sending -----------------------------------------------------------------------------------------------------------


def run(client: httpx.Client, steps: Steps[T]) -> T:
    """Send the requests of the steps, and return their result."""
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
    """Send the requests of the steps, and return their result."""
    try:
        request = next(steps)
        while True:
            response = await client.request(
                request.method, request.url, headers=request.headers, follow_redirects=False, **request.body
            )
            request = steps.send(response)
    except StopIteration as end:
        return cast("T", end.value)
