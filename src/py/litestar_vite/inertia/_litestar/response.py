"""`InertiaResponse`, and the ASGI response that is made from it.

How it works:
1. A handler returns props; Litestar wraps them in an InertiaResponse (or the handler makes one itself).
2. The plugin's after_request hook calls `resolve`: props are chosen, called and awaited on the request's loop, inside
   the dependency scope.
3. `to_asgi_response` encodes the page once, still inside the scope (a lazy attribute of a database model can load), and
   returns a LazyInertiaASGIResponse.
4. That makes the document and sends it.

Litestar skips after_request for exception handlers; the props are then awaited in step 4.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from litestar import Litestar, Request
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Response
from litestar.types import ResponseCookies, ResponseHeaders, TypeEncodersMap
from typing_extensions import override

from litestar_vite.exceptions import PropError
from litestar_vite.inertia._documents.head import server_head
from litestar_vite.inertia._litestar.lazy_response import LazyInertiaASGIResponse
from litestar_vite.inertia._page.assemble import SHOWN, call_planned, encode_plain_props, encode_planned, plan_page
from litestar_vite.inertia._page.content import props_of
from litestar_vite.inertia._page.demands import remember_plain_url
from litestar_vite.inertia._page.encode import Encoding
from litestar_vite.inertia._page.recipe import Recipe
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._protocol.plain_props import has_dots
from litestar_vite.inertia._protocol.resolver import Plan

if TYPE_CHECKING:
    from litestar.background_tasks import BackgroundTask, BackgroundTasks

T = TypeVar("T")

_NO_ENCODERS: Final[TypeEncodersMap] = {}
_ERROR_STATUS: Final = 400


class InertiaResponse(Response[T]):
    """A page: a component and its props.

    Attributes:
        component: The name of the page component; None for the route's `component` opt.
        url: The page's URL; None for the request's URL.
        encrypt_history: Overrides the route's and the app's setting.
        preserve_big_integers: Overrides the route's and the app's setting.
        clear_history: The client drops its encrypted history with this page.
        preserve_fragment: The client keeps the fragment of its visit.
        ssr: False leaves rendering to the browser for this response.
        hydrate: False sends the document without JavaScript: rendered on the server, without entry and page object.
            True sends them. Overrides the route's setting; None leaves it. Inertia visits get the page as ever.
        template: Name of a root template for this response.
        view_data: Values for the root template only; never sent as props.
        server_head: The page's own elements of the document's head, once it is encoded; empty for Inertia requests.
        is_scriptless: The document has no scripts. Known after the props are resolved.
        shown: The carried values that a page without scripts shows, which are carried on if it cannot be rendered.
    """

    # Defaults on the class, since pages made from a handler's return value never set them.
    component: str | None = None
    url: str | None = None
    encrypt_history: bool | None = None
    preserve_big_integers: bool | None = None
    clear_history = False
    preserve_fragment = False
    ssr = True
    hydrate: bool | None = None
    template: str | None = None
    view_data: Mapping[str, Any] | None = None
    server_head = b""
    is_scriptless = False
    shown: Mapping[str, Any] = {}
    _planned: Plan | None = None
    _page_json: bytes | None = None

    def __init__(  # noqa: PLR0913 - Litestar's own signature and ours
        self,
        content: T = cast("T", None),  # noqa: B008
        *,
        component: str | None = None,
        url: str | None = None,
        encrypt_history: bool | None = None,
        preserve_big_integers: bool | None = None,
        clear_history: bool = False,
        preserve_fragment: bool = False,
        ssr: bool = True,
        hydrate: bool | None = None,
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
        self.preserve_big_integers = preserve_big_integers
        self.clear_history = clear_history
        self.preserve_fragment = preserve_fragment
        self.ssr = ssr
        self.hydrate = hydrate
        self.template = template
        self.view_data = view_data

    async def resolve(self, inertia: InertiaRequest) -> None:
        """Choose, call and await the props. Idempotent.

        Raises:
            PropError: The handler did not return a set of props, or the component is unknown.
            PropEncodingError: A prop cannot be encoded as JSON.
            Exception: A prop's callable raised.
        """
        if self._planned is not None or self._page_json is not None:
            return
        recipe = inertia.recipe
        if self.component is None:
            self.component = recipe.component or _missing_component()
        handler: Any = inertia.scope.get("route_handler")
        inertia.is_refused = (self.status_code or getattr(handler, "status_code", None) or 200) >= _ERROR_STATUS
        self.is_scriptless = not inertia.visit.is_inertia and recipe.is_scriptless(hydrate=self.hydrate)
        props, encoding = props_of(self.content, inertia.app), self._encoding(recipe)
        if type(self) is HandlerPage and not recipe.has_prop_types and inertia.adds_nothing and not has_dots(props):
            self._page_json = encode_plain_props(
                recipe, self.component, props, inertia.url, inertia.version, encoding=encoding
            )
            if self._page_json is not None:
                if not inertia.is_refused:
                    remember_plain_url(inertia.request_url, inertia.visit, inertia.scope, inertia.headers)
                self._take_head(props, inertia)
                return
        self._planned = await plan_page(
            inertia, self.component, props, encoding, forgets_once=self.clear_history, sends_deferred=self.is_scriptless
        )
        await call_planned(inertia, self._planned)

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
            raise TypeError("InertiaResponse.to_asgi_response() needs the request.")
        inertia = InertiaRequest.of_scope(request.scope)
        if inertia.litestar_request is None:
            inertia.litestar_request = request
        if type_encoders:
            own = self.response_type_encoders
            self.response_type_encoders = cast("dict[Any, Any]", {**type_encoders, **own} if own else type_encoders)
        page_json = self._page_json
        if page_json is None and self._planned is not None:
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
        """Return the page as JSON, and mark the carried values in it as shown.

        Raises:
            PropEncodingError: A prop cannot be encoded as JSON.
        """
        if self._page_json is not None:
            return self._page_json
        if self._planned is None or self.component is None:
            raise RuntimeError("InertiaResponse.encode() before resolve(): the props are not there yet.")
        self._take_head(self._planned.tree, inertia)
        if self.is_scriptless and (carried := inertia.carried) is not None:
            self.shown = {name: value for name in SHOWN if (value := carried.get(name))}
        marks = {
            "clearHistory": self.clear_history,
            "preserveFragment": self.preserve_fragment,
            "encryptHistory": self.encrypt_history,
            "preserveBigIntegers": self.preserve_big_integers,
        }
        encoding = self._encoding(inertia.recipe)
        return encode_planned(inertia, self.component, self._planned, encoding, url=self.url, marks=marks)

    def _take_head(self, props: Mapping[str, Any], inertia: InertiaRequest) -> None:
        name = inertia.context.head_prop
        if name is not None and not inertia.visit.is_inertia:
            self.server_head = server_head(props, name)

    def _encoding(self, recipe: Recipe) -> Encoding:
        own = self.response_type_encoders
        # A response's own encoders may be created for each request, so they are not cached.
        return recipe.encoding if not own or own is recipe.type_encoders else recipe.context.make_encoding(own)


class HandlerPage(InertiaResponse[T]):
    """An InertiaResponse made from the return value of a handler with a `component`.

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
        # Read only, as in Litestar.
        self.response_type_encoders = type_encoders or _NO_ENCODERS  # type: ignore[assignment]


def _missing_component() -> str:
    raise PropError(
        "No page component: give InertiaResponse(component='Users/Index'), or the route @get('/users', "
        "component='Users/Index')."
    )
