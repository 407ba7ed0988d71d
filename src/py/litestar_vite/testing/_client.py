"""Test clients that visit pages as the Inertia client does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from typing_extensions import override

from litestar_vite._ssr.outcome import Failed
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.testing._browser import Browser, Form, visit_document, visit_inertia
from litestar_vite.testing._follow import AsyncLivePage, LivePage, run, run_async
from litestar_vite.testing._precognition import ValidationAssertions
from litestar_vite.testing._requests import Names, inertia_headers, precognition_headers, xsrf_headers
from litestar_vite.testing._response import PageResponse
from litestar_vite.testing._without_build import inert, root_of

__tracebackhide__ = True


class _Tab:
    """A browser tab: the app, the client's state, and the last SSR failure."""

    def __init__(self, app: Litestar, base_url: str, *, ssr: bool) -> None:
        inert(app, ssr=ssr)
        self._context = InertiaContext.of(app)
        self._seen: Failed | None = None
        self.root = root_of(app)
        self.browser = Browser(base_url.rstrip("/"), self._context.version)

    def watch_renders(self) -> None:
        self._seen = self._last_failure()

    def ssr_failure(self) -> Failed | None:
        """Return why the last page was not rendered on the server; None if nothing failed."""
        last = self._last_failure()
        return last if last is not self._seen else None

    def _last_failure(self) -> Failed | None:
        gateway = self._context.rendering.gateway
        return gateway.last_failure if gateway is not None else None


class InertiaTestClient(TestClient[Litestar]):
    """A Litestar TestClient that visits pages as the Inertia client does.

    The app runs inert: without a build, Node or a dev server.
    The client keeps the same state as the real one: the page, its asset version, once props, cookies and the XSRF
    token.
    """

    def __init__(
        self, app: Litestar, base_url: str = "http://testserver.local", *, ssr: bool = False, **options: Any
    ) -> None:
        """Create a client. Use it as a context manager, which starts and stops the app.

        Args:
            app: An app with VitePlugin and an InertiaConfig.
            base_url: The origin of the app.
            ssr: Render pages on the server as configured. Needs a built SSR bundle and Node, or a render server.
            options: Further arguments for Litestar's TestClient.
        """
        self._tab = _Tab(app, base_url, ssr=ssr)
        super().__init__(app, base_url, **options)

    @property
    def version(self) -> str | None:
        """The asset version that the client sends. Set it to simulate an outdated client."""
        return self._tab.browser.version

    @version.setter
    def version(self, version: str | None) -> None:
        self._tab.browser.version = version

    def open(self, url: str, *, headers: Mapping[str, str] | None = None) -> LivePage:
        """Open a URL as a browser does, which returns an HTML document. Redirects are followed."""
        self._tab.watch_renders()
        return self._page(run(self, visit_document(self._tab.browser, url, headers or {})))

    def visit(self, url: str, *, data: Any = None, headers: Mapping[str, str] | None = None) -> LivePage:
        """Visit a URL as the client does for a link, which returns JSON. Redirects and 409s are followed.

        Args:
            url: Path, or full URL on this origin.
            data: Query parameters.
            headers: Extra headers.
        """
        return self._visit(url, Form(data=data), headers)

    def submit(
        self,
        url: str,
        data: Any = None,
        *,
        method: str = "POST",
        files: Any = None,
        error_bag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> LivePage:
        """Submit a form and return the page that it leads to, with errors and flash data.

        Args:
            url: Path, or full URL on this origin.
            data: The fields, a dict or a model. Sent as JSON.
            method: POST, PUT, PATCH or DELETE.
            files: Files by field, in httpx's format. The form is then sent as multipart.
            error_bag: The error bag.
            headers: Extra headers.
        """
        return self._visit(url, Form(method.upper(), data, files, error_bag), headers)

    def reload(self, only: Names = (), except_: Names = (), reset: Names = ()) -> LivePage:
        """Reload the current page, or some of its props."""
        browser = self._tab.browser
        steps = visit_inertia(browser, _current(browser), Form(), _cookies_of(self), {}, (only, except_, reset))
        return self._page(run(self, steps))

    def inertia(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Send a single Inertia request without following redirects, for `assert_redirect` and other responses.

        Args:
            method: The HTTP method.
            url: Path or full URL.
            headers: Extra headers, which override the client's.
            options: Further arguments for httpx: json, data, files, params.
        """
        request_headers = {**inertia_headers(self.version), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return self.request(method, url, headers=request_headers, follow_redirects=False, **options)

    def validate(
        self,
        url: str,
        data: Any = None,
        *,
        method: str = "POST",
        only: Names = (),
        headers: Mapping[str, str] | None = None,
    ) -> ValidationAssertions:
        """Validate a form before it is submitted (Precognition), and return assertions about the result.

        Args:
            url: The form's path.
            data: The fields. Sent as JSON.
            method: The form's method.
            only: The fields to validate; all fields when empty.
            headers: Extra headers.
        """
        request_headers = {**precognition_headers(only), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return ValidationAssertions(
            self.request(method, url, headers=request_headers, follow_redirects=False, **Form(method, data).body())
        )

    def _visit(self, url: str, form: Form, headers: Mapping[str, str] | None) -> LivePage:
        return self._page(run(self, visit_inertia(self._tab.browser, url, form, _cookies_of(self), headers or {})))

    def _page(self, page_response: PageResponse) -> LivePage:
        return LivePage(page_response, self, root=self._tab.root, ssr_failure=self._tab.ssr_failure())


class AsyncInertiaTestClient(httpx.AsyncClient):
    """An async client that visits pages as the Inertia client does. See `InertiaTestClient`.

    The app runs on the test's event loop, so both can share a database connection. (Litestar's AsyncTestClient runs
    the app in another thread and blocks the test's loop meanwhile.)
    """

    def __init__(
        self, app: Litestar, base_url: str = "http://testserver.local", *, ssr: bool = False, **options: Any
    ) -> None:
        """Create a client. Use it as an async context manager, which starts and stops the app.

        Args:
            app: An app with VitePlugin and an InertiaConfig.
            base_url: The origin of the app.
            ssr: Render pages on the server as configured. Needs a built SSR bundle and Node, or a render server.
            options: Further arguments for httpx.AsyncClient: cookies, headers, auth, …
        """
        self._tab = _Tab(app, base_url, ssr=ssr)
        self._lifespan = AsyncExitStack()
        self.app = app
        asgi_app: Any = app  # httpx and Litestar define different ASGI types.
        super().__init__(
            transport=httpx.ASGITransport(asgi_app), base_url=base_url, **{"follow_redirects": True, **options}
        )

    @override
    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.app.lifespan())
            await super().__aenter__()
            self._lifespan = stack.pop_all()
        return self

    @override
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        try:
            await super().__aexit__(exc_type, exc_value, traceback)
        finally:
            await self._lifespan.aclose()

    @property
    def version(self) -> str | None:
        """The asset version that the client sends. Set it to simulate an outdated client."""
        return self._tab.browser.version

    @version.setter
    def version(self, version: str | None) -> None:
        self._tab.browser.version = version

    async def open(self, url: str, *, headers: Mapping[str, str] | None = None) -> AsyncLivePage:
        """Open a URL as a browser does. See `InertiaTestClient.open`."""
        self._tab.watch_renders()
        return self._page(await run_async(self, visit_document(self._tab.browser, url, headers or {})))

    async def visit(self, url: str, *, data: Any = None, headers: Mapping[str, str] | None = None) -> AsyncLivePage:
        """Visit a URL as the client does for a link. See `InertiaTestClient.visit`."""
        return await self._visit(url, Form(data=data), headers)

    async def submit(
        self,
        url: str,
        data: Any = None,
        *,
        method: str = "POST",
        files: Any = None,
        error_bag: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> AsyncLivePage:
        """Submit a form. See `InertiaTestClient.submit`."""
        return await self._visit(url, Form(method.upper(), data, files, error_bag), headers)

    async def reload(self, only: Names = (), except_: Names = (), reset: Names = ()) -> AsyncLivePage:
        """Reload the current page, or some of its props."""
        browser = self._tab.browser
        steps = visit_inertia(browser, _current(browser), Form(), _cookies_of(self), {}, (only, except_, reset))
        return self._page(await run_async(self, steps))

    async def inertia(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Send a single Inertia request without following redirects. See `InertiaTestClient.inertia`."""
        request_headers = {**inertia_headers(self.version), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return await self.request(method, url, headers=request_headers, follow_redirects=False, **options)

    async def validate(
        self,
        url: str,
        data: Any = None,
        *,
        method: str = "POST",
        only: Names = (),
        headers: Mapping[str, str] | None = None,
    ) -> ValidationAssertions:
        """Validate a form before it is submitted. See `InertiaTestClient.validate`."""
        request_headers = {**precognition_headers(only), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return ValidationAssertions(
            await self.request(
                method, url, headers=request_headers, follow_redirects=False, **Form(method, data).body()
            )
        )

    async def _visit(self, url: str, form: Form, headers: Mapping[str, str] | None) -> AsyncLivePage:
        return self._page(
            await run_async(self, visit_inertia(self._tab.browser, url, form, _cookies_of(self), headers or {}))
        )

    def _page(self, page_response: PageResponse) -> AsyncLivePage:
        return AsyncLivePage(page_response, self, root=self._tab.root, ssr_failure=self._tab.ssr_failure())


def _cookies_of(client: httpx.Client | httpx.AsyncClient) -> list[tuple[str, str]]:
    # From the jar: httpx's Cookies mapping raises on two cookies with the same name.
    return [(cookie.name, cookie.value or "") for cookie in client.cookies.jar]


def _current(browser: Browser) -> str:
    if browser.page is None:
        raise AssertionError("No page to reload. Call open() or visit() first.")
    url: str = browser.page["url"]
    return url
