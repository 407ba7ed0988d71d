"""The ASGI response of a page, whose body is made when it is called.

It is called after yield-dependencies have closed: it waits for the render server, assembles the HTML and sends it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol

from litestar.datastructures import Cookie
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send
from typing_extensions import override

from litestar_vite.exceptions import SSRError
from litestar_vite.inertia._documents.html import at_end_of_body
from litestar_vite.inertia._documents.rendering import document
from litestar_vite.inertia._documents.scriptless import scriptless_document
from litestar_vite.inertia._litestar.cache_headers import forbids_sharing, tag_etag
from litestar_vite.inertia._litestar.headers import page_headers
from litestar_vite.inertia._litestar.seams import csrf_token, exception_handlers
from litestar_vite.inertia._litestar.server_errors import traceback_page
from litestar_vite.inertia._page.observation import MARK_KEY
from litestar_vite.inertia._page.request import InertiaRequest

if TYPE_CHECKING:
    from litestar.background_tasks import BackgroundTask, BackgroundTasks

_OK: Final = 200
_ERROR_STATUS: Final = 400
_UNAVAILABLE: Final = 503
# The breaker tries the render server again after a few seconds.
_RETRY: Final = (b"retry-after", b"5")
SCRIPTLESS_KEY: Final = "litestar_vite.scriptless"
"""Set in the scope when a document without scripts is sent."""


class Page(Protocol):
    """The parts of an InertiaResponse that a response needs."""

    component: str | None
    ssr: bool
    template: str | None
    view_data: Mapping[str, Any] | None
    server_head: bytes
    is_scriptless: bool
    shown: Mapping[str, Any]

    async def resolve(self, inertia: InertiaRequest) -> None: ...

    def encode(self, inertia: InertiaRequest) -> bytes: ...


class LazyInertiaASGIResponse(ASGIResponse):
    """The ASGI response of a page. Its `body` does not exist before `__call__`, which may wait for the render server.

    Attributes:
        page_json: The page object; None while its props have to be awaited.
    """

    __slots__ = ("_raw_headers", "inertia", "page", "page_json")

    def __init__(  # pyright: ignore[reportMissingSuperCall]  # It wants a body, and computes headers that we know.
        self,
        page: Page,
        inertia: InertiaRequest,
        page_json: bytes | None,
        status_code: int,
        headers: Mapping[str, Any],
        cookies: Iterable[Cookie],
        background: BackgroundTask | BackgroundTasks | None,
        *,
        is_head_response: bool,
    ) -> None:
        self.page = page
        self.inertia = inertia
        self.page_json = page_json
        self.status_code = status_code
        self.background = background
        self.encoding = "utf-8"
        self.is_head_response = is_head_response or inertia.scope["method"] == "HEAD"
        if headers and (name := next((name for name in headers if name.lower() == "etag"), None)) is not None:
            headers = {**headers, name: tag_etag(str(headers[name]), inertia)}
        self._raw_headers = page_headers(headers, is_json=inertia.visit.is_inertia)
        self._encoded_cookies = (
            tuple(cookie.to_encoded_header() for cookie in cookies if not cookie.documentation_only) if cookies else ()
        )

    @property
    def headers(self) -> MutableScopeHeaders:  # type: ignore[override]
        """The headers, as a mutable view. Created on demand, since most responses never need it."""
        return MutableScopeHeaders({"headers": self._raw_headers})

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page, inertia, page_json = self.page, self.inertia, self.page_json
        if inertia.raised is not None and (traceback := traceback_page(inertia, self.status_code)) is not None:
            await traceback(scope, receive, send)
            return
        if page_json is None:
            await page.resolve(inertia)
            page_json = self.page_json = page.encode(inertia)
        inertia.is_converted = True
        if (check := inertia.context.check_page) is not None:
            check(page_json, is_partial=inertia.visit.is_partial_for(page.component or ""))
        body = page_json if inertia.visit.is_inertia else await self._document(page_json)
        self.body = body
        self.content_length = length = len(body)
        headers = [*self._raw_headers, (b"content-length", b"%d" % length), *self._encoded_cookies]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if self.is_head_response else body, "more_body": False})
        if self.background is not None:
            await self.background()

    async def _document(self, page_json: bytes) -> bytes:
        page, inertia = self.page, self.inertia
        context = inertia.context
        dev = context.assets.dev
        if dev is not None and (notice := await dev.notice()) is not None:
            self.status_code = _UNAVAILABLE
            return notice
        if page.is_scriptless:
            return await self._scriptless(page_json)
        made = await document(
            inertia.recipe,
            page.component or "",
            page_json,
            inertia.scope,
            inertia.headers,
            is_private=inertia.is_private or self._is_private(),
            server_head=page.server_head,
            # Protocol K10: never for error pages.
            ssr=page.ssr and self.status_code < _ERROR_STATUS,
            template=page.template or inertia.recipe.template,
            view_data=page.view_data,
        )
        if dev is not None and self.status_code == _OK:
            mark: Any = inertia.scope.get(MARK_KEY)
            if mark is not None:
                nonce = context.assets.nonce(inertia.connection) if context.assets.nonce is not None else None
                made = at_end_of_body(made, mark(nonce))
        if context.assets.notice and self.status_code < _ERROR_STATUS:
            self.status_code = _UNAVAILABLE
        return made

    def _is_private(self) -> bool:
        """Return whether the response forbids caches a page that would be cached by its URL."""
        policy = self.inertia.recipe.cache_policy
        return policy is not None and policy.by == "url" and forbids_sharing(self._raw_headers)

    async def _scriptless(self, page_json: bytes) -> bytes:
        """Return the document of a page without scripts, or an error page."""
        page, inertia = self.page, self.inertia
        made = await scriptless_document(
            inertia,
            page.component or "",
            page_json,
            # A page cached by its URL must not be an error page of that URL.
            is_private=inertia.is_private or self._is_private() or self.status_code >= _ERROR_STATUS,
            token=csrf_token(inertia.scope) if inertia.context.csrf_cookie is not None else None,
            old_input=page.shown.get("input"),
            template=page.template or inertia.recipe.template,
            view_data=page.view_data,
        )
        inertia.scope[SCRIPTLESS_KEY] = True  # type: ignore[typeddict-unknown-key]  # ASGI lets extensions add keys.
        if made.failure is not None and made.status is not None:
            for section, value in page.shown.items():
                inertia.carry.put(section, value)
            if SSRError in exception_handlers(inertia.scope.get("route_handler", inertia.app)):
                raise made.failure.as_error()
            inertia.is_private = True  # Caches would keep it as long as the page.
            if self.status_code < _ERROR_STATUS:
                self.status_code = made.status
            if made.status == _UNAVAILABLE:
                self._raw_headers.append(_RETRY)
        return made.html
