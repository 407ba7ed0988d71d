"""The adapter's Litestar hooks: public hooks only, without overhead for other responses than pages.

How it works, in the order of a request:
1. `before_request` (on handlers that may return a page) stores the request in a ContextVar and answers a version
   mismatch with 409 before the handler runs.
2. `after_request` resolves an InertiaResponse while yield-dependencies are open.
3. `before_send` (on the app, outermost) adapts redirects, sets the carry cookie, and keeps responses for one client or
   visitor out of caches; it sees all responses, including 404s and 403s.

Users' own hooks of every layer are called as before, after the plugin's.

A handler that returns data, by its annotation, gets neither of the first two. A middleware would cost a
JSON route more than all of this together: Litestar wraps such a route in one more exception handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final, cast

from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Response
from litestar.types import HTTPResponseStartEvent, HTTPScope, Message, Scope

from litestar_vite._assets.without_cookies import remove_cookies_of_files
from litestar_vite.inertia._documents.cache_key import PRERENDER_KEY, note_clock
from litestar_vite.inertia._forms.body import BodyReader
from litestar_vite.inertia._forms.errors import forget_unseen_errors
from litestar_vite.inertia._forms.native import is_native_form, is_submit, keep_input
from litestar_vite.inertia._forms.precognition import HEADER as PRECOGNITION_HEADER
from litestar_vite.inertia._forms.precognition import PrecognitionSuccess, mark, wrap_function
from litestar_vite.inertia._forms.query import QueryRules
from litestar_vite.inertia._litestar.cache_headers import (
    drop_content,
    drop_others_token,
    empty,
    forbid_storing,
    keep_private,
    sets_cookies,
    strip_etags,
    vary_on_inertia,
)
from litestar_vite.inertia._litestar.exceptions import install_in_route
from litestar_vite.inertia._litestar.handler_checks import ReturnedData, refuse_response_class
from litestar_vite.inertia._litestar.headers import restore_vary
from litestar_vite.inertia._litestar.response import HandlerPage, InertiaResponse
from litestar_vite.inertia._litestar.response_cache import SENT_HEADERS, STORED, make_cache_key
from litestar_vite.inertia._litestar.seams import (
    Parameters,
    came_from_cache,
    effective,
    may_return_a_response,
    replace_body_reader,
    replace_query,
)
from litestar_vite.inertia._litestar.server_errors import log_failure
from litestar_vite.inertia._litestar.version_check import page_conflict, version_conflict
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.request import SCOPE_KEY, SENT, InertiaRequest, current_request
from litestar_vite.inertia._protocol.headers import INERTIA
from litestar_vite.inertia._redirects import convert_start, differs, redirect_if_empty

AfterRequest = Callable[[Any], Awaitable[Any]]
BeforeRequest = Callable[[Any], Awaitable[Any]]


_INERTIA_HEADER: Final = (INERTIA, b"true")
_OURS: Final = "litestar_vite.hooks"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_SET_COOKIE: Final = b"set-cookie"
_EMPTIED: Final = "litestar_vite.emptied"
"""Set in the scope if the body of a response is left out."""
_OK: Final = 200
_CONFLICT: Final = 409
# An empty response, and the JSON `null` of a handler that returns None.
_NO_BODY: Final = (b"content-length", b"0")
_NULL: Final = (b"content-length", b"4")


def install(handler: HTTPRouteHandler) -> None:
    """Wrap the hooks of a handler. Pages get the plugin's response class, unless the user chose one.

    The hooks find the app in the request, because Litestar registers the same handler object in every app that uses it,
    as in test suites."""
    if _OURS in handler.opt:
        return
    if isinstance(page := handler.opt.get("page"), str):  # The older name of the opt.
        handler.opt.setdefault("component", page)
    is_page = "component" in handler.opt
    install_in_route(handler)
    users_before, users_after = effective(handler, "before_request"), effective(handler, "after_request")
    handler.opt[_OURS] = users_before is users_after is None
    makes_pages = _makes_pages(handler)
    if makes_pages or not handler.http_methods <= _SAFE_METHODS:
        before = _before_page if is_page else _before_request
        handler.before_request = before(_end_precognition(handler, users_before))
    if makes_pages:
        handler.after_request = _after_request(users_after, ReturnedData(handler) if is_page else None)
    if is_page and not issubclass(effective(handler, "response_class") or Response, InertiaResponse):
        refuse_response_class(handler)
        handler.response_class = HandlerPage
    if handler.cache_key_builder is not None:
        handler.cache_key_builder = make_cache_key(handler.cache_key_builder)


def read_inputs(handler: HTTPRouteHandler, parameters: Parameters) -> None:
    """Convert a handler's body and query parameters from the values of form inputs.

    A form's handler may return data: precognition and nested names work for it too."""
    if _makes_pages(handler) or not handler.http_methods <= _SAFE_METHODS:
        replace_body_reader(parameters, partial(BodyReader.replacing, handler))
        rules = QueryRules.of(handler)
        replace_query(parameters, rules.may_change, rules.expanded)


def _makes_pages(handler: HTTPRouteHandler) -> bool:
    """Return whether a handler may send a page. One that returns data has no overhead."""
    has_hook = effective(handler, "after_request") is not None
    return "component" in handler.opt or has_hook or may_return_a_response(handler)


def _end_precognition(handler: HTTPRouteHandler, users: BeforeRequest | None) -> BeforeRequest | None:
    """End precognitive requests before the handler's function runs; return the user's before_request hook."""
    if not handler.opt.get("precognition", True):
        return users
    if not handler.parsed_fn_signature.parameters:
        return _nothing_to_validate(users)
    wrap_function(handler)
    return users


def _nothing_to_validate(users: BeforeRequest | None) -> BeforeRequest:
    async def end_precognition(request: Request[Any, Any, Any]) -> Any:
        found = cast("dict[str, Any]", request.scope).get(SCOPE_KEY)
        if found is not None and found.visit.is_precognition:
            raise PrecognitionSuccess
        return await users(request) if users is not None else None

    return end_precognition


def is_ours_alone(handler: HTTPRouteHandler) -> bool:
    """Return whether all before_request and after_request hooks of a handler are the plugin's."""
    return handler.opt.get(_OURS) is True


def _before_request(users: BeforeRequest | None) -> BeforeRequest:
    """Return the hook of a handler that may return a page. Only Inertia requests are inspected, by one search in C."""

    async def before_request(request: Request[Any, Any, Any]) -> Any:
        scope: Any = request.scope
        current_request.set(request)
        headers = scope["headers"]
        if _INERTIA_HEADER in headers or PRECOGNITION_HEADER in headers:
            inertia = InertiaRequest.of_scope(scope)
            if (conflict := version_conflict(inertia)) is not None:
                return conflict
            if is_submit(inertia):
                forget_unseen_errors(inertia)
        elif scope["method"] == "POST" and InertiaContext.of(scope["litestar_app"]).has_scriptless_pages:
            inertia = InertiaRequest.of_scope(scope)
            if is_native_form(inertia):
                forget_unseen_errors(inertia)
        return await users(request) if users is not None else None

    return before_request


def _before_page(users: BeforeRequest | None) -> BeforeRequest:
    """Return the hook of a page's handler, which always needs the InertiaRequest."""

    async def before_page(request: Request[Any, Any, Any]) -> Any:
        scope: Any = request.scope
        current_request.set(request)
        inertia = InertiaRequest.of_scope(scope)
        inertia.litestar_request = request
        if inertia.recipe.cache_policy is not None:
            note_clock(inertia.recipe, scope)
        if inertia.visit.is_inertia and (conflict := page_conflict(inertia)) is not None:
            return conflict
        if is_submit(inertia):
            forget_unseen_errors(inertia)
        if b"if-none-match" in inertia.headers:
            strip_etags(inertia)
        return await users(request) if users is not None else None

    return before_page


def _after_request(users: AfterRequest | None, returned: ReturnedData | None) -> AfterRequest:
    async def resolve_page(response: Any) -> Any:
        if isinstance(response, InertiaResponse):
            request = current_request.get()
            if request is not None:
                inertia = InertiaRequest.of_scope(request.scope)
                inertia.litestar_request = request
                await response.resolve(inertia)
        elif returned is not None and isinstance(response, Response):
            request = current_request.get()
            if request is not None and _INERTIA_HEADER in request.scope["headers"]:
                returned.look_at(response)
        return response

    if users is None:
        return resolve_page

    async def resolve_page_then_call_users(response: Any) -> Any:
        # Twice, since the user's hook may return a page. A resolved page is not resolved again.
        return await resolve_page(await users(await resolve_page(response)))

    return resolve_page_then_call_users


def make_before_send(context: InertiaContext, *, has_cors: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """Return the app's before_send hook; with CORS, Litestar replaces the Vary header of pages."""

    async def before_send(message: Message, scope: Scope) -> None:
        carrier: Any = scope
        if message["type"] != "http.response.start":
            if _EMPTIED in carrier or SENT_HEADERS in carrier:
                _send_body(message, carrier)
            return
        # Taken out, since all is decided here: without the cycle scope → InertiaRequest → scope a request is freed at
        # once, without the garbage collector.
        inertia: InertiaRequest | None = carrier.pop(SCOPE_KEY, None)
        if inertia is SENT:  # Sent by a route's early exit, without Litestar's response cache.
            if has_cors:
                restore_vary(message)
            if context.csrf_cookie is not None:
                keep_private(message, context.csrf_cookie, is_private=False)
            return
        if STORED in carrier:
            carrier[STORED] = message
        if inertia is None:
            inertia = _inertia_of_data(message, scope, context)
        if inertia is not None:
            _adapt(message, inertia)

    return before_send


def _inertia_of_data(message: HTTPResponseStartEvent, scope: Scope, context: InertiaContext) -> InertiaRequest | None:
    """Adapt the response to a request that was not inspected yet: it matched no route, a guard stopped it, or its
    handler returns data. Returns the InertiaRequest if the client may need further changes.
    """
    carrier: Any = scope
    # Each search slows JSON routes down. A GET that validates was inspected before its handler.
    headers = carrier["headers"]
    if _INERTIA_HEADER in headers or (carrier["method"] != "GET" and PRECOGNITION_HEADER in headers):
        return InertiaRequest(carrier, context)
    remove_cookies_of_files(message, scope)
    if context.csrf_cookie is not None and sets_cookies(message):
        keep_private(message, context.csrf_cookie, is_private=False)
    answer = message["headers"]
    if message["status"] != _OK or _NO_BODY in answer or _NULL in answer:
        _vary_if_other(message, carrier)
    return None


def _send_body(message: Message, carrier: Any) -> None:
    """Leave out content that must not be sent, and put back the headers that were removed for the response cache."""
    if _EMPTIED in carrier:
        empty(message)
    if SENT_HEADERS in carrier:  # Tools around the app may send the start together with the body.
        carrier[STORED]["headers"] = carrier.pop(SENT_HEADERS)


def _adapt(message: HTTPResponseStartEvent, inertia: InertiaRequest) -> None:
    """Adapt the start of a response to the request and to the carried values, in place."""
    if inertia.raised is not None:
        log_failure(inertia, message["status"])
    if inertia.is_converted:
        restore_vary(message)
    else:
        _adapt_data(message, inertia)
    if is_native_form(inertia):
        keep_input(inertia, message["status"])
    carried = inertia.carry_cookie
    cookies = inertia.set_cookies if carried is None else (carried, *inertia.set_cookies)
    if cookies:
        message["headers"] = [*message["headers"], *((_SET_COOKIE, cookie) for cookie in cookies)]
    csrf_cookie = inertia.context.csrf_cookie
    is_private = inertia.is_private or bool(cookies)
    if is_private and PRERENDER_KEY in inertia.scope:
        cast("Any", inertia.scope)[PRERENDER_KEY]["is_private"] = True
    is_stored = csrf_cookie is not None and came_from_cache(inertia.scope)
    if is_stored and csrf_cookie is not None:
        drop_others_token(message, inertia, csrf_cookie)
    if is_private or csrf_cookie is not None:
        keep_private(message, csrf_cookie, is_private=is_private)


def _adapt_data(message: HTTPResponseStartEvent, inertia: InertiaRequest) -> None:
    """Adapt the start of a response other than a page: for validation, for a browser, or for an Inertia client."""
    remove_cookies_of_files(message, inertia.scope)
    if inertia.visit.is_precognition:
        mark(message)
        forbid_storing(message)
    elif not inertia.visit.is_inertia:
        if inertia.raised is not None and inertia.scope["method"] in _SAFE_METHODS - {"OPTIONS"}:
            # An Inertia client is redirected back, or gets a page.
            vary_on_inertia(message)
        if is_native_form(inertia):
            redirect_if_empty(message, inertia)
        _vary_if_other(message, inertia.scope, is_external=inertia.is_external)
    else:
        if convert_start(message, inertia):
            forbid_storing(message)
            if message["status"] == _CONFLICT:
                drop_content(message)
                cast("dict[str, Any]", inertia.scope)[_EMPTIED] = True
        # Other responses than a route's data may depend on whether the client is an Inertia client.
        if message["status"] != _OK and inertia.scope["method"] != "OPTIONS":
            vary_on_inertia(message)


def _vary_if_other(message: HTTPResponseStartEvent, scope: HTTPScope, *, is_external: bool = False) -> None:
    """Tell caches that Inertia clients get another response to this request, in place."""
    if differs(message, scope, is_external=is_external):
        vary_on_inertia(message)
