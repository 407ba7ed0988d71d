"""`InertiaResponse` and what it becomes on the wire.

How it works:
1. A handler returns props; Litestar wraps them in an InertiaResponse (or the handler makes one itself).
2. The plugin's after_request hook calls `prepare` (and `finish` when there is something to call): props are chosen,
   called and awaited on the request's loop, inside the dependency scope.
3. `to_asgi_response` encodes the page once, still inside the scope (a lazy attribute of a database model can load), and
   returns a LazyInertiaASGIResponse.
4. Its `__call__` (see `outgoing.py`) runs after yield-dependencies have closed: it waits for the render server, joins
   the HTML and sends.

In exception handlers there is no after_request; the props are then awaited in step 4.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from litestar.response import Response
from typing_extensions import override

from litestar_vite.exceptions import PropError
from litestar_vite.inertia.bag import props_of
from litestar_vite.inertia.context import Encoding
from litestar_vite.inertia.encode import encode_page, encode_plain_page
from litestar_vite.inertia.evaluate import evaluate
from litestar_vite.inertia.forms.errors import page_errors
from litestar_vite.inertia.head import document_head
from litestar_vite.inertia.outgoing import LazyInertiaASGIResponse, _render_inertia_ssr
from litestar_vite.inertia.protocol.resolver import has_dots, is_plain, plan
from litestar_vite.inertia.request import InertiaRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from litestar import Litestar, Request
    from litestar.background_tasks import BackgroundTask, BackgroundTasks
    from litestar.datastructures import Cookie
    from litestar.enums import MediaType
    from litestar.types import ResponseCookies, ResponseHeaders, TypeEncodersMap

    from litestar_vite.inertia.carry import Carry
    from litestar_vite.inertia.protocol.resolver import Plan

__all__ = ("HandlerPage", "InertiaResponse", "LazyInertiaASGIResponse", "_render_inertia_ssr")

T = TypeVar("T")

_NO_ENCODERS: Final[TypeEncodersMap] = {}
_CONSUMED: Final = ("flash", "errors", "clear", "fragment")


class InertiaResponse(Response[T]):
    """A page: a component and its props.

    Attributes:
        component: Name of the page component; the route's `component` opt when None.
        url: The page's URL, the request's when None.
        encrypt_history: Overrides the route's and the app's setting.
        clear_history: The client drops its encrypted history with this page.
        preserve_fragment: The client keeps the fragment of its visit.
        ssr: False leaves rendering to the browser for this response.
        template: Name of a root template for this response.
        view_data: Values for the root template only; never sent as props.
        server_head: The page's own elements of the document's head, once it is encoded; empty for Inertia requests.
    """

    # Defaults on the class: a page that a handler's return value becomes never sets them.
    component: str | None = None
    url: str | None = None
    encrypt_history: bool | None = None
    clear_history = False
    preserve_fragment = False
    ssr = True
    template: str | None = None
    view_data: Mapping[str, Any] | None = None
    server_head = b""
    _tree: dict[str, Any] | None = None
    _metadata: Mapping[str, Any] = {}
    _page_json: bytes | None = None

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
        self.component = component
        self.url = url
        self.encrypt_history = encrypt_history
        self.clear_history = clear_history
        self.preserve_fragment = preserve_fragment
        self.ssr = ssr
        self.template = template
        self.view_data = view_data

    async def resolve(self, inertia: InertiaRequest) -> None:
        """Choose, call and await the props. Idempotent.

        Raises:
            PropError: The handler returned no set of props, or no component is known.
            Exception: What a prop's callable raised.
        """
        if (planned := self.prepare(inertia)) is not None:
            await self.finish(planned, inertia)

    def prepare(self, inertia: InertiaRequest) -> Plan | None:
        """Choose the props of this visit; the first half of `resolve`.

        Returns:
            The plan that has to be finished; None when there is nothing to call, or when it has been done before.

        Raises:
            PropError: The handler returned no set of props, or no component is known.
            PropEncodingError: A prop is no JSON.
        """
        if self._tree is not None or self._page_json is not None:
            return None
        context, visit = inertia.context, inertia.visit
        component = self.component
        if component is None:
            component = self.component = _component_of(inertia)
        content: Any = self.content
        props = content if type(content) is dict else props_of(content, inertia.app)
        if type(self) is HandlerPage and inertia.is_usual and not has_dots(props):
            page = context.plain_page(component, props, inertia.url, inertia.version)
            self._page_json = encode_plain_page(page, self._encoding(inertia))
            if self._page_json is not None:
                self._take_head(props, inertia)
                return None
        if context.shares or inertia.shared:
            shared = {**context.shares.for_request(inertia.connection), **inertia.shared}
            props = {**shared, **props}
            self._metadata = _shared_metadata(inertia, shared)
        # Protocol E39: errors are there whatever a partial reload asks for.
        errors = page_errors(inertia)
        if not visit.is_partial_for(component) and is_plain(props) and not has_dots(props):
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
    def to_asgi_response(  # Litestar 2 passes app, Litestar 3 does not; both pass keywords.
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
        """Return the ASGI response; the page is encoded here, if its props are there, and the body is made when it is
        called.
        """
        if request is None:
            msg = "InertiaResponse.to_asgi_response() needs the request."
            raise TypeError(msg)
        inertia = InertiaRequest.of_scope(request.scope)
        if inertia.litestar_request is None:
            inertia.litestar_request = request
        if type_encoders:
            own = self.response_type_encoders
            self.response_type_encoders = cast("dict[Any, Any]", {**type_encoders, **own} if own else type_encoders)
        page_json = self._page_json
        if page_json is None and self._tree is not None:
            page_json = self.encode(inertia)
        if headers:
            headers = {**headers, **self.headers} if self.headers else headers
        return LazyInertiaASGIResponse(
            self,
            inertia,
            page_json,
            self.status_code or status_code or 200,
            headers or self.headers,
            itertools.chain(self.cookies, cookies) if cookies else self.cookies,
            self.background or background,
            is_head_response=is_head_response,
        )

    def encode(self, inertia: InertiaRequest) -> bytes:
        """Return the page as JSON and mark what it shows as shown.

        Raises:
            PropEncodingError: A prop is no JSON.
        """
        if self._page_json is not None:
            return self._page_json
        if self._tree is None:
            msg = "InertiaResponse.encode() before resolve(): the props are not there yet."
            raise RuntimeError(msg)
        self._take_head(self._tree, inertia)
        carried = inertia.carried
        metadata = self._all_metadata(inertia, carried)
        page_json = encode_page(
            {
                "component": self.component,
                "props": self._tree,
                "url": self.url or inertia.url,
                "version": inertia.version,
                **metadata,
            },
            self._encoding(inertia),
            reject_nan=inertia.rejects_nan,
        )
        if carried is not None:
            # On a prefetch too: it shows what it does not consume.
            inertia.is_private = any(carried.get(section) for section in _CONSUMED)
        # Nobody sees the answer to HEAD.
        if not inertia.visit.is_prefetch and inertia.scope["method"] != "HEAD":
            # Asked before anything is dropped: a session that held only a flash message is in use.
            remembers = inertia.should_remember_url
            if carried is not None:
                carried.drop(*_CONSUMED)
            if remembers:
                inertia.carry.remember_url(inertia.request_url)
        return page_json

    def _take_head(self, props: Mapping[str, Any], inertia: InertiaRequest) -> None:
        name = inertia.context.head_prop
        if name is not None and name in props and not inertia.visit.is_inertia:
            self.server_head = document_head(props[name])

    def _all_metadata(self, inertia: InertiaRequest, carried: Carry | None) -> dict[str, Any]:
        """Return the optional page keys that carry something (protocol B14)."""
        metadata = dict(self._metadata)
        if inertia.context.config.share_names:
            metadata.setdefault("sharedProps", ["errors"])
        if carried is not None and (flash := carried.get("flash")):
            metadata["flash"] = flash
        if self.clear_history or (carried is not None and carried.get("clear")):
            metadata["clearHistory"] = True
        if self.preserve_fragment or (carried is not None and carried.get("fragment")):
            metadata["preserveFragment"] = True
        if inertia.encrypts_history if self.encrypt_history is None else self.encrypt_history:
            metadata["encryptHistory"] = True
        return metadata

    def _encoding(self, inertia: InertiaRequest) -> Encoding:
        handlers, own = inertia.type_encoders(), self.response_type_encoders
        # A response's own encoders may be made anew for each request: they are not remembered.
        return inertia.context.encoding(handlers) if not own or own is handlers else Encoding(own)


class HandlerPage(InertiaResponse[T]):
    """What the return value of a handler with a `component` becomes: an InertiaResponse without the options of a
    hand-made one.

    Its constructor skips the base class's copies, so that the handler's type encoders stay one object, which names the
    JSON encoder."""

    def __init__(  # pyright: ignore[reportMissingSuperCall]
        self,
        content: T,
        *,
        background: BackgroundTask | BackgroundTasks | None = None,
        media_type: MediaType | str | None = None,
        status_code: int | None = None,
        type_encoders: TypeEncodersMap | None = None,
    ) -> None:
        self.content = content
        self.background = background
        self.cookies: list[Cookie] = []
        self.encoding = "utf-8"
        self.headers: dict[str, Any] = {}
        self.media_type = media_type
        self.status_code = status_code
        self.response_type_encoders = type_encoders or _NO_ENCODERS  # type: ignore[assignment]  # Read only, as in Litestar.


def _component_of(inertia: InertiaRequest) -> str:
    """Return the route's component."""
    component = inertia.opt("component")
    if not isinstance(component, str):
        msg = "No page component: give InertiaResponse(component='Users/Index'), or the route @get('/users', component='Users/Index')."
        raise PropError(msg)
    return component


def _shared_metadata(inertia: InertiaRequest, shared: Mapping[str, Any]) -> dict[str, Any]:
    """Name the top-level props that came from sharing, `errors` included (protocol G51)."""
    if not inertia.context.config.share_names:
        return {}
    return {"sharedProps": ["errors", *dict.fromkeys(name.split(".", 1)[0] for name in shared if name != "errors")]}
