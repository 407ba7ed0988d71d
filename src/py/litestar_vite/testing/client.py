"""Test clients that visit pages as the Inertia client does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx
from litestar import Litestar
from litestar.testing import TestClient
from typing_extensions import override

from litestar_vite.inertia.context import InertiaContext
from litestar_vite.testing.browser import Browser, Form, visit_document, visit_inertia
from litestar_vite.testing.follow import AsyncLivePage, LivePage, run, run_async
from litestar_vite.testing.inert import inert, root_of
from litestar_vite.testing.outgoing import Names, inertia_headers, precognition_headers, xsrf_headers
from litestar_vite.testing.precognition import ValidationAssertions

if TYPE_CHECKING:
    from litestar_vite.ssr.gateway import Failed
    from litestar_vite.testing.reading import Answer

__all__ = ("AsyncInertiaTestClient", "InertiaTestClient")

__tracebackhide__ = True


class _Tab:
    """One browser tab: the app, what the client in it remembers, and what went wrong with the last render."""

    def __init__(self, app: Litestar, base_url: str, *, ssr: bool) -> None:
        inert(app, ssr=ssr)
        self._context = InertiaContext.of(app)
        self._seen: Failed | None = None
        self.root = root_of(app)
        self.browser = Browser(base_url.rstrip("/"), self._context.version)

    def watch_renders(self) -> None:
        self._seen = self._last_failure()

    def ssr_failure(self) -> Failed | None:
        """Return why the last page was not rendered on the server."""
        last = self._last_failure()
        return last if last is not self._seen else None

    def _last_failure(self) -> Failed | None:
        gateway = self._context.gateway
        return gateway.last_failure if gateway is not None else None


class InertiaTestClient(TestClient[Litestar]):
    """Litestar's TestClient, which also visits pages as the Inertia client does.

    The app is made inert: it needs no build, no Node and no dev server.
    The client remembers what the real one does: the page, its asset version, once-props, cookies and the XSRF token.
    """

    def __init__(
        self, app: Litestar, base_url: str = "http://testserver.local", *, ssr: bool = False, **options: Any
    ) -> None:
        """Make a client; use it as a context manager, so that the app starts and stops.

        Args:
            app: An app with VitePlugin and an InertiaConfig.
            base_url: The origin of the app.
            ssr: Render pages on the server as configured, which needs a built SSR bundle and Node, or a render server.
            options: Further arguments of Litestar's TestClient.
        """
        self._tab = _Tab(app, base_url, ssr=ssr)
        super().__init__(app, base_url, **options)

    @property
    def version(self) -> str | None:
        """The asset version that the client sends; set it to be an old client."""
        return self._tab.browser.version

    @version.setter
    def version(self, version: str | None) -> None:
        self._tab.browser.version = version

    def open(self, url: str, *, headers: Mapping[str, str] | None = None) -> LivePage:
        """Open a URL as a browser does: the answer is an HTML document with the page in it. Redirects are followed."""
        self._tab.watch_renders()
        return self._page(run(self, visit_document(self._tab.browser, url, headers or {})))

    def visit(self, url: str, *, data: Any = None, headers: Mapping[str, str] | None = None) -> LivePage:
        """Follow a link to a URL: the answer is the page as JSON. Redirects and 409s are followed as the client does.

        Args:
            url: Path, or full URL of this origin.
            data: Fields for the query.
            headers: Further headers.
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
        """Send a form and return the page that it leads to, errors and flash included.

        Args:
            url: Path, or full URL of this origin.
            data: Fields, sent as JSON; a dict or a model.
            method: POST, PUT, PATCH or DELETE.
            files: Files by field, as httpx takes them; then it is multipart.
            error_bag: The bag for its errors.
            headers: Further headers.
        """
        return self._visit(url, Form(method.upper(), data, files, error_bag), headers)

    def reload(self, only: Names = (), except_: Names = (), reset: Names = ()) -> LivePage:
        """Reload the page that the client shows, or a part of it."""
        browser = self._tab.browser
        steps = visit_inertia(browser, _current(browser), Form(), _cookies_of(self), {}, (only, except_, reset))
        return self._page(run(self, steps))

    def inertia(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Send one Inertia request and follow nothing; for `assert_redirect` and answers that are no page.

        Args:
            method: The HTTP method.
            url: Path or full URL.
            headers: Further headers, which win.
            options: Further arguments of httpx: json, data, files, params.
        """
        ours = {**inertia_headers(self.version), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return self.request(method, url, headers=ours, follow_redirects=False, **options)

    def validate(
        self,
        url: str,
        data: Any = None,
        *,
        method: str = "POST",
        only: Names = (),
        headers: Mapping[str, str] | None = None,
    ) -> ValidationAssertions:
        """Let the server validate a form that is not sent yet (Precognition), and return the assertions of its answer.

        Args:
            url: Path of the form.
            data: Fields, sent as JSON.
            method: The method of the form.
            only: The fields that have been touched; all when empty.
            headers: Further headers.
        """
        ours = {**precognition_headers(only), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return ValidationAssertions(
            self.request(method, url, headers=ours, follow_redirects=False, **Form(method, data).body())
        )

    def _visit(self, url: str, form: Form, headers: Mapping[str, str] | None) -> LivePage:
        return self._page(run(self, visit_inertia(self._tab.browser, url, form, _cookies_of(self), headers or {})))

    def _page(self, answer: Answer) -> LivePage:
        return LivePage(answer, self, root=self._tab.root, ssr_failure=self._tab.ssr_failure())


class AsyncInertiaTestClient(httpx.AsyncClient):
    """An async client that visits pages as the Inertia client does; see `InertiaTestClient`.

    The app runs on the event loop of the test, so that both can use one database connection. (Litestar's
    AsyncTestClient runs it in another thread and blocks the loop of the test meanwhile.)"""

    def __init__(
        self, app: Litestar, base_url: str = "http://testserver.local", *, ssr: bool = False, **options: Any
    ) -> None:
        """Make a client; use it as an async context manager, so that the app starts and stops.

        Args:
            app: An app with VitePlugin and an InertiaConfig.
            base_url: The origin of the app.
            ssr: Render pages on the server as configured, which needs a built SSR bundle and Node, or a render server.
            options: Further arguments of httpx.AsyncClient: cookies, headers, auth, …
        """
        self._tab = _Tab(app, base_url, ssr=ssr)
        self._lifespan = AsyncExitStack()
        self.app = app
        asgi_app: Any = app  # httpx and Litestar describe ASGI with types of their own.
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
        """The asset version that the client sends; set it to be an old client."""
        return self._tab.browser.version

    @version.setter
    def version(self, version: str | None) -> None:
        self._tab.browser.version = version

    async def open(self, url: str, *, headers: Mapping[str, str] | None = None) -> AsyncLivePage:
        """Open a URL as a browser does; see `InertiaTestClient.open`."""
        self._tab.watch_renders()
        return self._page(await run_async(self, visit_document(self._tab.browser, url, headers or {})))

    async def visit(self, url: str, *, data: Any = None, headers: Mapping[str, str] | None = None) -> AsyncLivePage:
        """Follow a link; see `InertiaTestClient.visit`."""
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
        """Send a form; see `InertiaTestClient.submit`."""
        return await self._visit(url, Form(method.upper(), data, files, error_bag), headers)

    async def reload(self, only: Names = (), except_: Names = (), reset: Names = ()) -> AsyncLivePage:
        """Reload the page that the client shows, or a part of it."""
        browser = self._tab.browser
        steps = visit_inertia(browser, _current(browser), Form(), _cookies_of(self), {}, (only, except_, reset))
        return self._page(await run_async(self, steps))

    async def inertia(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any
    ) -> httpx.Response:
        """Send one Inertia request and follow nothing; see `InertiaTestClient.inertia`."""
        ours = {**inertia_headers(self.version), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return await self.request(method, url, headers=ours, follow_redirects=False, **options)

    async def validate(
        self,
        url: str,
        data: Any = None,
        *,
        method: str = "POST",
        only: Names = (),
        headers: Mapping[str, str] | None = None,
    ) -> ValidationAssertions:
        """Let the server validate a form that is not sent yet; see `InertiaTestClient.validate`."""
        ours = {**precognition_headers(only), **xsrf_headers(_cookies_of(self)), **(headers or {})}
        return ValidationAssertions(
            await self.request(method, url, headers=ours, follow_redirects=False, **Form(method, data).body())
        )

    async def _visit(self, url: str, form: Form, headers: Mapping[str, str] | None) -> AsyncLivePage:
        return self._page(
            await run_async(self, visit_inertia(self._tab.browser, url, form, _cookies_of(self), headers or {}))
        )

    def _page(self, answer: Answer) -> AsyncLivePage:
        return AsyncLivePage(answer, self, root=self._tab.root, ssr_failure=self._tab.ssr_failure())


def _cookies_of(client: httpx.Client | httpx.AsyncClient) -> list[tuple[str, str]]:
    # The jar, since its owner refuses two cookies of one name.
    return [(cookie.name, cookie.value or "") for cookie in client.cookies.jar]


def _current(browser: Browser) -> str:
    if browser.page is None:
        raise AssertionError("There is no page to reload. Call open() or visit() before.")
    url: str = browser.page["url"]
    return url
