"""`InertiaResponse` and what it becomes on the wire.

How it works:
1. A handler returns props; Litestar wraps them in an InertiaResponse (or the handler makes one itself).
2. The plugin's after_request hook calls `resolve`: props are chosen, called and awaited on the request's loop, inside the dependency scope.
3. `to_asgi_response` encodes the page once, still inside the scope (a lazy attribute of a database model can load), and returns a
   LazyInertiaASGIResponse.
4. Its `__call__` runs after yield-dependencies have closed: it waits for the render server, joins the HTML and sends.

In exception handlers there is no after_request; the props are then awaited in step 4.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from litestar.datastructures import Cookie
from litestar.datastructures.headers import MutableScopeHeaders
from litestar.response import Response
from litestar.response.base import ASGIResponse
from typing_extensions import override

from litestar_vite.exceptions import PropError
from litestar_vite.inertia.bag import props_of
from litestar_vite.inertia.encode import encode_page
from litestar_vite.inertia.evaluate import evaluate
from litestar_vite.inertia.protocol.page import attribute_element, script_element
from litestar_vite.inertia.protocol.resolver import has_dots, is_plain, plan
from litestar_vite.inertia.request import InertiaRequest, page_errors
from litestar_vite.inertia.template import render_template
from litestar_vite.ssr import gateway

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import httpx
    from litestar import Litestar, Request
    from litestar.background_tasks import BackgroundTask, BackgroundTasks
    from litestar.enums import MediaType
    from litestar.types import Receive, ResponseCookies, ResponseHeaders, Scope, Send, TypeEncodersMap

    from litestar_vite.inertia.protocol.resolver import Plan

__all__ = ("InertiaResponse", "LazyInertiaASGIResponse")

T = TypeVar("T")

_JSON_HEADERS: Final = ((b"content-type", b"application/json"), (b"x-inertia", b"true"))
_HTML_HEADERS: Final = ((b"content-type", b"text/html; charset=utf-8"),)
_VARY: Final = (b"vary", b"X-Inertia")
_OWN_HEADERS: Final = frozenset({"vary", "content-type", "content-length", "x-inertia"})
_NO_ENCODERS: Final[TypeEncodersMap] = {}
_NOTHING_SHARED: Final = ["errors"]
_CONSUMED: Final = ("flash", "errors", "clear", "fragment")
_ERROR_STATUS: Final = 400


async def _render_inertia_ssr(
    page: Mapping[str, Any] | bytes, url: str, timeout_seconds: float, client: httpx.AsyncClient | None = None
) -> gateway.Outcome:
    """Render one page on the render server; never raises but when cancelled.

    Args:
        page: The page object, or its JSON.
        url: The full URL of the render endpoint, for example "http://127.0.0.1:13714/render".
        timeout_seconds: Total time, connection included.
        client: The app's shared client. Without one (the plugin was not started) a client is opened for this call, which is slow.
    """
    import msgspec

    page_json = page if isinstance(page, bytes) else msgspec.json.encode(page)
    if client is not None:
        return await gateway.render(client, url, page_json, timeout_seconds)
    from litestar_vite.ssr.http import open_client

    async with open_client(url) as fallback:
        return await gateway.render(fallback, url, page_json, timeout_seconds)


class InertiaResponse(Response[T]):
    """A page: a component and its props.

    Attributes:
        component: Name of the page component; the route's `component` opt when None.
        url: The page's URL, the request's when None.
        encrypt_history: Overrides the route's and the app's setting.
        ssr: False leaves rendering to the browser for this response.
        template: Name of a root template for this response.
        view_data: Values for the root template only; never sent as props.
    """

    __slots__ = (
        "_clear_history",
        "_is_partial",
        "_metadata",
        "_preserve_fragment",
        "_tree",
        "component",
        "encrypt_history",
        "ssr",
        "template",
        "url",
        "view_data",
    )

    def __init__(  # noqa: PLR0913 - Litestar's own signature and ours
        self,
        content: T = cast("T", None),  # noqa: B008
        *,
        component: str | None = None,
        url: str | None = None,
        encrypt_history: bool | None = None,
        clear_history: bool = False,
        preserve_fragment: bool = False,
        ssr: bool = True,
        template: str | None = None,
        view_data: Mapping[str, Any] | None = None,
        background: BackgroundTask | BackgroundTasks | None = None,
        cookies: ResponseCookies | None = None,
        encoding: str = "utf-8",
        headers: ResponseHeaders | None = None,
        media_type: MediaType | str | None = None,
        status_code: int | None = None,
        type_encoders: TypeEncodersMap | None = None,
    ) -> None:
        if cookies or headers or self.type_encoders:
            super().__init__(
                content,
                background=background,
                cookies=cookies,
                encoding=encoding,
                headers=headers,
                media_type=media_type,
                status_code=status_code,
                type_encoders=type_encoders,
            )
        else:
            # The common case without the base class's copies: the handler's type encoders stay one object, which names our encoder.
            self.content = content
            self.background = background
            self.cookies: list[Cookie] = []
            self.encoding = encoding
            self.headers: dict[str, Any] = {}
            self.media_type = media_type
            self.status_code = status_code
            self.response_type_encoders = cast("dict[Any, Any]", type_encoders or _NO_ENCODERS)
        self.component = component
        self.url = url
        self.encrypt_history = encrypt_history
        self.ssr = ssr
        self.template = template
        self.view_data = view_data
        self._clear_history = clear_history
        self._preserve_fragment = preserve_fragment
        self._tree: dict[str, Any] | None = None

    async def resolve(self, inertia: InertiaRequest) -> None:
        """Choose, call and await the props. Idempotent.

        Raises:
            PropError: The handler returned no set of props, or no component is known.
            Exception: What a prop's callable raised.
        """
        if (planned := self.choose(inertia)) is not None:
            await self.finish(planned, inertia)

    def choose(self, inertia: InertiaRequest) -> Plan | None:
        """Choose the props of this visit; the first half of `resolve`.

        Returns:
            The plan that has to be finished; None when all props are plain values, or chosen already.

        Raises:
            PropError: The handler returned no set of props, or no component is known.
        """
        if self._tree is not None:
            return None
        context, visit = inertia.context, inertia.visit
        component = self.component
        if component is None:
            component = self.component = _component_of(inertia)
        props = props_of(self.content)
        names = _NOTHING_SHARED
        if context.shared_names or inertia.shared:
            shared = {**context.shared_props(_connection(inertia)), **inertia.shared}
            props = {**shared, **props}
            names = _shared_names(shared)
        self._metadata: dict[str, Any] = {"sharedProps": names} if context.config.share_names else {}
        self._is_partial = visit.is_partial_for(component)
        # Protocol E39: errors are there whatever a partial reload asks for.
        errors = page_errors(inertia)
        if not self._is_partial and is_plain(props) and not has_dots(props):
            self._tree = {"errors": errors, **props}
            return None
        return plan(
            props,
            visit,
            component,
            first={"errors": errors},
            to_builtins=lambda value: self._encoding(inertia).to_builtins(value),
        )

    async def finish(self, planned: Plan, inertia: InertiaRequest) -> None:
        """Call and await what was chosen; the second half of `resolve`."""
        if planned.pending:
            context = inertia.context
            await evaluate(planned, context.report_rescue, concurrent=context.config.concurrent_props)
        self._tree = planned.tree
        self._metadata = {**planned.metadata, **self._metadata}

    @override
    def to_asgi_response(  # type: ignore[override]  # Litestar 2 passes app, Litestar 3 does not; both pass keywords.
        self,
        app: Litestar | None = None,
        request: Request[Any, Any, Any] | None = None,
        *,
        background: BackgroundTask | BackgroundTasks | None = None,
        cookies: Iterable[Cookie] | None = None,
        encoded_headers: Iterable[tuple[bytes, bytes]] | None = None,
        headers: Mapping[str, str] | None = None,
        is_head_response: bool = False,
        media_type: MediaType | str | None = None,
        status_code: int | None = None,
        type_encoders: TypeEncodersMap | None = None,
    ) -> LazyInertiaASGIResponse:
        """Return the ASGI response; the page is encoded here, if its props are there, and the body is made when it is called."""
        if request is None:
            msg = "InertiaResponse.to_asgi_response() needs the request."
            raise TypeError(msg)
        inertia = InertiaRequest.of(request)
        if type_encoders and not self.response_type_encoders:
            self.response_type_encoders = cast("dict[Any, Any]", type_encoders)
        elif type_encoders and type_encoders is not self.response_type_encoders:
            self.response_type_encoders = {**type_encoders, **self.response_type_encoders}
        own = self.headers
        return LazyInertiaASGIResponse(
            self,
            inertia,
            page_json=self.encode(inertia) if self._tree is not None else None,
            status_code=self.status_code or status_code or 200,
            headers={**headers, **own} if headers and own else headers or own,
            cookies=itertools.chain(self.cookies, cookies) if cookies else self.cookies,
            background=self.background or background,
            is_head_response=is_head_response,
        )

    def encode(self, inertia: InertiaRequest) -> bytes:
        """Return the page as JSON and mark what it shows as shown.

        Raises:
            PropEncodingError: A prop is no JSON.
        """
        tree = self._tree
        if tree is None:
            msg = "InertiaResponse.encode() before resolve(): the props are not there yet."
            raise RuntimeError(msg)
        config, metadata, scope, visit = inertia.context.config, self._metadata, inertia.scope, inertia.visit
        carried = inertia.carried
        if carried is not None and (flash := carried.get("flash")):
            metadata["flash"] = flash
        if self._clear_history or (carried is not None and carried.get("clear")):
            metadata["clearHistory"] = True
        if self._preserve_fragment or (carried is not None and carried.get("fragment")):
            metadata["preserveFragment"] = True
        if inertia.route.encrypt_history if self.encrypt_history is None else self.encrypt_history:
            metadata["encryptHistory"] = True
        url = inertia.url
        page_json = encode_page(
            {"component": self.component, "props": tree, "url": self.url or url, "version": inertia.version, **metadata},
            self._encoding(inertia),
            reject_nan=scope["litestar_app"].debug if config.reject_nan is None else config.reject_nan,
        )
        if visit.is_prefetch:
            return page_json
        if carried is not None:
            inertia.is_private = any(carried.get(section) for section in _CONSUMED)
            carried.drop(*_CONSUMED)
        # Only with a session that is in use: a Set-Cookie on every anonymous page would keep pages out of shared caches.
        if scope.get("session") and not self._is_partial and scope["method"] == "GET":
            inertia.carry.remember_url(url)
        return page_json

    def _encoding(self, inertia: InertiaRequest) -> Any:
        return inertia.context.encoding(self.response_type_encoders or inertia.type_encoders())


class LazyInertiaASGIResponse(ASGIResponse):
    """A page on its way out. Its `body` does not exist before `__call__`, which may wait for the render server.

    Attributes:
        page_json: The page object, None while its props have to be awaited.
        page: The InertiaResponse it was made from.
        inertia: The request it answers.
    """

    __slots__ = ("_wire_headers", "inertia", "page", "page_json")

    def __init__(
        self,
        page: InertiaResponse[Any],
        inertia: InertiaRequest,
        *,
        page_json: bytes | None,
        status_code: int,
        headers: Mapping[str, Any],
        cookies: Iterable[Cookie],
        background: BackgroundTask | BackgroundTasks | None,
        is_head_response: bool,
    ) -> None:
        # Not the base class's constructor: it wants a body, and computes headers that we know.
        self.page = page
        self.inertia = inertia
        self.page_json = page_json
        self.status_code = status_code
        self.background = background
        self.encoding = "utf-8"
        self.is_head_response = is_head_response or inertia.scope["method"] == "HEAD"
        self._wire_headers = _wire_headers(headers, is_json=inertia.visit.is_inertia)
        self._encoded_cookies = tuple(cookie.to_encoded_header() for cookie in cookies if not cookie.documentation_only) if cookies else ()

    @property
    def headers(self) -> MutableScopeHeaders:  # type: ignore[override]
        """The headers, as a view that can be changed; made on demand, since nobody looks at them on the usual path."""
        return MutableScopeHeaders({"headers": self._wire_headers})

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        page_json = self.page_json
        if page_json is None:
            await self.page.resolve(self.inertia)
            page_json = self.page_json = self.page.encode(self.inertia)
        inertia = self.inertia
        inertia.is_page = True
        self.body = body = page_json if inertia.visit.is_inertia else await self._html(page_json)
        self.content_length = len(body)
        headers = [*self._wire_headers, (b"content-length", b"%d" % len(body)), *self._encoded_cookies]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if self.is_head_response else body, "more_body": False})
        if self.background is not None:
            await self.background()

    async def _html(self, page_json: bytes) -> bytes:
        """Put the page into its document, rendered on the server when that works."""
        context = self.inertia.context
        assets, component = context.assets, self.page.component or ""
        element, head = b"", b""
        ssr, ssr_url = context.ssr, context.ssr_url
        # Protocol K10: only for first visits, never for error pages.
        if ssr is not None and ssr_url is not None and self.page.ssr and self.status_code < _ERROR_STATUS:
            outcome = await _render_inertia_ssr(page_json, ssr_url, ssr.timeout_seconds, client=context.ssr_client)
            if isinstance(outcome, gateway.Rendered):
                element, head = outcome.body, outcome.head
            elif isinstance(outcome, gateway.Failed):
                context.report_ssr_failure(outcome, component)
        if not element:
            if context.config.legacy_root_attribute:
                element = attribute_element(page_json, context.element_id)
            else:
                element = script_element(page_json, context.element_id)
            element += assets.notice
        nonce = assets.nonce(_connection(self.inertia)) if assets.nonce is not None else None
        page_tags = assets.page_tags(component)
        template = self.page.template or context.config.template
        if template is not None:
            return render_template(self.inertia, template, head, element, page_tags, self.page.view_data or {}, nonce)
        return context.shell.render((page_tags, head), element, nonce)


def _component_of(inertia: InertiaRequest) -> str:
    """Return the route's component."""
    component = inertia.route.component
    if component is None:
        msg = (
            "No page component: give InertiaResponse(component='Users/Index'), "
            "or the route @get('/users', component='Users/Index')."
        )
        raise PropError(msg)
    return component


def _connection(inertia: InertiaRequest) -> Any:
    """Return a Request for user callables (shares, nonce)."""
    from litestar import Request

    return Request(inertia.scope)


def _shared_names(shared: Mapping[str, Any]) -> list[str]:
    """Return the top-level names that came from sharing, `errors` included (protocol G51)."""
    return ["errors", *dict.fromkeys(name.split(".", 1)[0] for name in shared if name != "errors")]


def _wire_headers(headers: Mapping[str, Any], *, is_json: bool) -> list[tuple[bytes, bytes]]:
    """Return our headers and the user's. A new list: the mapping that Litestar passes is shared by all responses of the process."""
    wire = list(_JSON_HEADERS if is_json else _HTML_HEADERS)
    if not headers:
        wire.append(_VARY)
        return wire
    vary = "X-Inertia"
    for name, value in headers.items():
        lower = name.lower()
        if lower == "vary":
            # Vary is appended, never set: the app may already vary on Cookie.
            known = [item.strip() for item in str(value).split(",") if item.strip()]
            vary = ", ".join([*known, *([] if "x-inertia" in {item.lower() for item in known} else [vary])])
        elif lower not in _OWN_HEADERS:
            wire.append((lower.encode("latin-1"), str(value).encode("latin-1")))
    wire.append((b"vary", vary.encode("latin-1")))
    return wire
