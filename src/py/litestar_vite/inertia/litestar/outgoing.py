"""The page on its way out: what waits for the render server, after the request's dependencies have closed."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final

import msgspec
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.response.base import ASGIResponse
from typing_extensions import override

from litestar_vite.inertia.documents.cache_policy import cache_policy
from litestar_vite.inertia.documents.html import client_side_document, development_document, full_document
from litestar_vite.inertia.litestar.caching import tag_etag
from litestar_vite.inertia.litestar.headers import wire_headers
from litestar_vite.ssr.outcome import Failed, Rendered

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping
    from ssl import SSLContext

    import httpx
    from litestar.background_tasks import BackgroundTask, BackgroundTasks
    from litestar.datastructures import Cookie
    from litestar.types import Receive, Scope, Send

    from litestar_vite.config.ssr import SSRConfig
    from litestar_vite.inertia.context import InertiaContext
    from litestar_vite.inertia.litestar.response import InertiaResponse
    from litestar_vite.inertia.request import InertiaRequest
    from litestar_vite.ssr.gateway import Gateway
    from litestar_vite.ssr.outcome import Outcome

__all__ = ("LazyInertiaASGIResponse", "_render_inertia_ssr", "render_of")

_ERROR_STATUS: Final = 400
_UNAVAILABLE: Final = 503


async def _render_inertia_ssr(
    page: Mapping[str, Any] | bytes,
    url: str,
    timeout_seconds: float,
    client: httpx.AsyncClient | None = None,
    *,
    gateway: Gateway | None = None,
    component: str = "",
    ssl_context: SSLContext | None = None,
) -> Outcome:
    """Render one page on the render server; never raises but when cancelled.

    Args:
        page: The page object, or its JSON.
        url: The full URL of the render endpoint, for example "http://127.0.0.1:13714/render".
        timeout_seconds: Total time, connection included.
        client: The app's shared client. Without one (the plugin was not started) a client is opened for this call,
            which is slow.
        gateway: The app's gateway, which has a client, a URL and a time-out of its own, and may raise SSRError if the
            app wants that.
        component: The page component, for the gateway's log.
        ssl_context: Of https://, for a client that is opened for this call.
    """
    page_json = page if isinstance(page, bytes) else msgspec.json.encode(page)
    if gateway is not None:
        return await gateway.render(page_json, component)
    from litestar_vite.ssr.hop import render

    if client is not None:
        return await render(client, url, page_json, timeout_seconds)
    from litestar_vite.ssr.http import open_client

    async with open_client(url, ssl_context=ssl_context) as fallback:
        return await render(fallback, url, page_json, timeout_seconds)


def render_of(
    context: InertiaContext, ssr: SSRConfig, page_json: bytes, component: str
) -> Callable[[], Awaitable[Outcome]]:
    """Return what renders a page: by the app's gateway, or without one by `_render_inertia_ssr` alone."""
    return functools.partial(
        _render_inertia_ssr,
        page_json,
        context.ssr_url or "",
        ssr.timeout_seconds,
        context.ssr_client,
        gateway=context.gateway,
        component=component,
        ssl_context=ssr.ssl_context,
    )


class LazyInertiaASGIResponse(ASGIResponse):
    """A page on its way out. Its `body` does not exist before `__call__`, which may wait for the render server.

    Attributes:
        page: The InertiaResponse it was made from.
        inertia: The request it answers.
        page_json: The page object, None while its props have to be awaited.
    """

    __slots__ = ("_wire_headers", "inertia", "page", "page_json")

    def __init__(  # pyright: ignore[reportMissingSuperCall]  # It wants a body, and computes headers that we know.
        self,
        page: InertiaResponse[Any],
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
        self._wire_headers = wire_headers(headers, is_json=inertia.visit.is_inertia)
        self._encoded_cookies = (
            tuple(cookie.to_encoded_header() for cookie in cookies if not cookie.documentation_only) if cookies else ()
        )

    @property
    def headers(self) -> MutableScopeHeaders:  # type: ignore[override]
        """The headers, as a view that can be changed; made on demand, since nobody looks at them on the usual path."""
        return MutableScopeHeaders({"headers": self._wire_headers})

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page, inertia, page_json = self.page, self.inertia, self.page_json
        if page_json is None:
            await page.resolve(inertia)
            page_json = self.page_json = page.encode(inertia)
        context = inertia.context
        inertia.is_page = True
        if inertia.visit.is_inertia:
            body = page_json
        elif context.ssr is None and context.has_plain_documents and page.template is None and not page.server_head:
            body = client_side_document(context, page.component or "", page_json)
        else:
            body = await self._rendered_document(page_json)
        self.body = body
        self.content_length = length = len(body)
        headers = [*self._wire_headers, (b"content-length", b"%d" % length), *self._encoded_cookies]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if self.is_head_response else body, "more_body": False})
        if self.background is not None:
            await self.background()

    async def _rendered_document(self, page_json: bytes) -> bytes:
        """Let the render server render the page, if it shall and can, and put it into its document."""
        page, inertia = self.page, self.inertia
        context, component = inertia.context, page.component or ""
        dev, failed, rendered = context.assets.dev, None, None
        if dev is not None and (notice := await dev.notice()) is not None:
            self.status_code = _UNAVAILABLE
            return notice
        # Protocol K10: never for error pages.
        ssr = context.ssr
        if (
            ssr is not None
            and (context.gateway or context.ssr_url)
            and page.ssr
            and self.status_code < _ERROR_STATUS
            and _wants_ssr(inertia)
        ):
            render = render_of(context, ssr, page_json, component)
            if (cache := context.cache) is None or (policy := cache_policy(inertia)) is None:
                outcome = await render()
            elif (cached := cache.fresh(key := cache.key(page_json))) is None:
                outcome = await cache.render(key, policy, render)
            elif context.has_plain_documents and page.template is None and dev is None:
                if cached.document is None:
                    cached.document = full_document(inertia, component, page_json, cached.rendered, None, {})
                return cached.document
            else:
                outcome = cached.rendered
            if isinstance(outcome, Rendered):
                rendered = outcome
            elif isinstance(outcome, Failed):
                failed = outcome
        template, view_data = page.template or context.config.template, page.view_data or {}
        # The render server has made a head of its own.
        head = b"" if rendered is not None else page.server_head
        if dev is not None:
            return await development_document(
                inertia, component, page_json, rendered, failed, template, view_data, server_head=head
            )
        extra = (lambda _: head) if head else None
        return full_document(inertia, component, page_json, rendered, template, view_data, extra=extra)


def _wants_ssr(inertia: InertiaRequest) -> bool:
    """Tell whether the route and the path leave rendering to the server (protocol K11)."""
    is_excluded = inertia.context.is_excluded
    if is_excluded is not None and is_excluded(inertia.scope["path"]):
        return False
    return inertia.opt("ssr") is not False
