"""All uses of Litestar's private or version-dependent parts. No other module checks the Litestar version.

Litestar 2.22 and later 2.x are supported. A test compares the names used elsewhere with Litestar's private names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from copy import copy
from traceback import walk_tb
from types import FunctionType
from typing import Any, cast

from litestar import Litestar, Request
from litestar._multipart import parse_multipart_form
from litestar._parsers import parse_query_string
from litestar.enums import RequestEncodingType
from litestar.exceptions import ClientException, MethodNotAllowedException, NotFoundException, SerializationException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware.session.base import BaseBackendConfig
from litestar.response import Response
from litestar.routes import HTTPRoute
from litestar.stores.base import Store
from litestar.types.empty import Empty
from litestar.typing import FieldDefinition
from litestar.utils import normalize_path
from litestar.utils.scope.state import ScopeState

Parameters = Any
"""Litestar's private KwargsModel: the arguments of a handler, and their sources."""
Pairs = tuple[tuple[str, str], ...]
"""Names and values of a query string."""
Reader = Callable[[dict[str, Any], Any], Awaitable[None]]
"""Adds values from a request to the arguments of a handler."""


# Routes


def get_handler(route: HTTPRoute) -> tuple[HTTPRouteHandler, Parameters] | None:
    """Return a route's GET handler and its parameters; None without one."""
    return cast("tuple[HTTPRouteHandler, Any] | None", route.route_handler_map.get("GET"))


def handlers_of(route: HTTPRoute) -> list[tuple[HTTPRouteHandler, Parameters]]:
    """Return the handlers of a route with their parameters."""
    found: dict[int, Any] = {id(pair[1]): pair for pair in route.route_handler_map.values()}
    return list(found.values())


def add_head_method(route: HTTPRoute) -> None:
    """Let the GET handler of a route answer HEAD too, unless the route has a HEAD handler."""
    found = get_handler(route)
    if found is None or "HEAD" in route.route_handler_map:
        return
    # The OpenAPI schema must list an operation once. Litestar may have resolved the setting before the copy.
    twin = cast("Any", copy(found[0]))
    twin.include_in_schema = twin._resolved_include_in_schema = False  # noqa: SLF001
    route.route_handler_map["HEAD"] = (twin, found[1])


def set_class(route: HTTPRoute, kind: type[HTTPRoute]) -> None:
    """Change the class of a registered route: Litestar passes routes to plugins, but accepts no replacements."""
    route.__class__ = kind


def is_handle_wrapped() -> bool:
    """Return whether a tool, such as an error tracker, has replaced `HTTPRoute.handle`."""
    handle = HTTPRoute.__dict__["handle"]
    return type(handle) is not FunctionType or handle.__globals__["__name__"] != HTTPRoute.__module__


# Handlers


def effective(handler: HTTPRouteHandler, name: str) -> Any:
    """Return the setting that Litestar would use: that of the innermost layer which has one."""
    layers: list[Any] = getattr(handler, "ownership_layers", [handler])
    return next((value for layer in reversed(layers) if (value := getattr(layer, name, None))), None)


def exception_handlers(owner: Any) -> Mapping[Any, Any]:
    """Return the exception handlers of a route's layers, or those of the app."""
    found = owner.exception_handlers if isinstance(owner, Litestar) else owner.resolve_exception_handlers()
    return cast("Mapping[Any, Any]", found)


def parts_of(handler: HTTPRouteHandler) -> list[Any]:
    """Return what runs for a handler: its function, guards, dependencies, middleware and hooks."""
    hooks = (handler.resolve_before_request(), handler.resolve_after_response())
    provided = (each.dependency for each in handler.resolve_dependencies().values())
    found = (handler.fn, *handler.resolve_guards(), *provided, *handler.resolve_middleware(), *hooks)
    return [each for each in found if each is not None]


def parameters_of(handler: HTTPRouteHandler) -> dict[str, FieldDefinition]:
    """Return the parameters of a handler and its dependencies by name, the handler's last, without the dependencies."""
    provided = handler.resolve_dependencies()
    signatures = [handler.parsed_fn_signature]
    seen: set[str] = set()
    for signature in signatures:
        names = (signature.parameters.keys() & provided.keys()) - seen
        signatures.extend(provided[name].parsed_fn_signature for name in sorted(names))
        seen |= names
    fields = {name: field for signature in reversed(signatures) for name, field in signature.parameters.items()}
    return {name: field for name, field in fields.items() if name not in seen}


def may_return_a_response(handler: HTTPRouteHandler) -> bool:
    """Return whether a handler may return a Response, such as a page or a redirect, by its annotation."""
    annotated = handler.parsed_fn_signature.return_type
    types = annotated.inner_types if annotated.is_union else (annotated,)
    return any(each.is_any or each.annotation is object or each.is_subclass_of(Response) for each in types)


def set_function(handler: HTTPRouteHandler, function: Callable[..., Any]) -> None:
    """Replace a handler's function with one of the same signature."""
    if not handler.has_sync_callable:
        # Litestar has put it into a thread, and warns of this setting on an async function.
        handler.sync_to_thread = None
    # The decorator itself also sets the function by this call.
    handler(function)  # pyright: ignore[reportArgumentType]


def dto_wire_type(handler: Any) -> Any:
    """Return the type that the DTO of a handler converts a body to; None without one, or when Litestar hides it."""
    backends = cast("dict[str, Any]", getattr(handler.resolve_data_dto(), "_dto_backends", {}))
    return getattr(backends.get(handler.handler_id, {}).get("data_backend"), "annotation", None)


def dto_copies(handler: Any) -> list[tuple[type, Any]]:
    """Return the Structs that a handler's return DTO copies models into, each with its model; that of the result first.

    Empty without a DTO, or when Litestar hides them.
    """
    backends = cast("dict[str, Any]", getattr(handler.resolve_return_dto(), "_dto_backends", {}))
    backend = backends.get(handler.handler_id, {}).get("return_backend")
    if (root := getattr(backend, "transfer_model_type", None)) is None:
        return []
    found: list[tuple[type, Any]] = [(root, backend.model_type)]
    waiting: list[Any] = [each.transfer_type for each in backend.parsed_field_definitions if not each.is_excluded]
    while waiting:
        transfer = waiting.pop()
        if (nested := getattr(transfer, "nested_field_info", None)) is not None:
            found.append((nested.model, transfer.field_definition.annotation))
            waiting.extend(each.transfer_type for each in nested.field_definitions if not each.is_excluded)
        parts = (getattr(transfer, name, None) for name in ("inner_type", "key_type", "value_type"))
        waiting.extend(each for each in (*getattr(transfer, "inner_types", ()), *parts) if each is not None)
    return found


def has_own_response(handler: HTTPRouteHandler) -> bool:
    """Return whether a handler's settings change its response: status, cache, DTO, headers, cookies, background."""
    return bool(
        handler.status_code != 200  # noqa: PLR2004 - OK
        or handler.cache
        or handler.background
        or handler.resolve_after_response()
        or handler.resolve_return_dto()
        or handler.resolve_response_headers()
        or handler.resolve_response_cookies()
    )


def takes_arguments(parameters: Parameters) -> bool:
    """Return whether a handler takes any value from its request."""
    return bool(parameters.has_kwargs)


async def raw_arguments(handler: HTTPRouteHandler, parameters: Parameters, request: Any) -> dict[str, Any]:
    """Check the guards and return a handler's arguments as they came, as `HTTPRoute.handle` does."""
    if handler.resolve_guards():
        await handler.authorize_connection(connection=request)
    try:
        raw: dict[str, Any] = await parameters.to_kwargs(connection=request)
    except SerializationException as error:
        raise ClientException(str(error)) from error
    if raw.get("data") is Empty:  # A dependency that would take a body gets its default.
        del raw["data"]
    return raw


async def open_dependencies(parameters: Parameters, request: Any, raw: dict[str, Any]) -> Any:
    """Add a handler's dependencies to its arguments; return the group that closes them, None without dependencies."""
    return await parameters.resolve_dependencies(request, raw) if parameters.dependency_batches else None


def parsed_arguments(handler: HTTPRouteHandler, request: Any, raw: dict[str, Any]) -> dict[str, Any]:
    """Return a handler's arguments, validated and converted."""
    return handler.signature_model.parse_values_from_connection_kwargs(connection=request, kwargs=raw)


# Sessions


def session_configs(middleware: Iterable[Any]) -> list[Any]:
    """Return the configurations of Litestar's session middlewares among these, those of SessionAuth included."""
    options: list[dict[str, Any]] = [getattr(each, "kwargs", {}) for each in middleware]
    found = (
        getattr(each.get("backend"), "config", None) or getattr(each.get("config"), "session_backend_config", None)
        for each in options
    )
    return [config for config in found if isinstance(config, BaseBackendConfig)]


def session_cookies(handler: Any) -> list[bytes]:
    """Return the names of the cookies that Litestar's session middlewares set on a route's responses."""
    return [config.key.encode() for config in session_configs(handler.resolve_middleware())]


def session_cookie_names(handler: Any) -> list[str]:
    """Return the same names as text; none for a request that matched no route."""
    return [name.decode() for name in session_cookies(handler)] if handler is not None else []


# Connections


async def parsed_form(request: Request[Any, Any, Any], part_limit: int | None) -> dict[str, Any]:
    """Return a form body by name, as Litestar parses it. A repeated name has a list.

    Litestar closes its files after the response. The dict may be shared with other requests.

    Args:
        part_limit: The maximum number of parts; None for the app's limit.

    Raises:
        ClientException: The body is malformed or has too many parts.
    """
    state = ScopeState.from_scope(request.scope)
    content_type, options = request.content_type
    if part_limit is not None and state.form is Empty and content_type == RequestEncodingType.MULTI_PART:
        boundary = options.get("boundary", "").encode()
        state.form = await parse_multipart_form(request.stream(), boundary, part_limit)
    await request.form()
    return cast("dict[str, Any]", state.form)


def replace_body_reader(parameters: Parameters, make: Callable[[Reader], Reader]) -> None:
    """Replace what reads the body of a handler that takes `data`; `make` gets Litestar's reader."""
    reserved = list(parameters.expected_reserved_kwargs)
    if "data" in reserved:
        # Litestar makes the readers of reserved names first, in this order.
        index = reserved.index("data")
        parameters.extractors[index] = make(parameters.extractors[index])


def replace_query(
    parameters: Parameters, may_change: Callable[[bytes], bool], expanded: Callable[[Pairs], Pairs]
) -> None:
    """Let Litestar read the query parameters of a handler from other pairs. The request keeps the original ones."""
    if not parameters.expected_query_params:
        return
    read: Reader = parameters.extractors[-1]  # Litestar makes the reader of the query string last.

    async def read_expanded(values: dict[str, Any], request: Any) -> None:
        if not may_change(request.scope["query_string"]):
            await read(values, request)
            return
        state = ScopeState.from_scope(request.scope)
        pairs: Pairs = parse_query_string(request.scope["query_string"])
        request._parsed_query = expanded(pairs)  # noqa: SLF001
        try:
            await read(values, request)
        finally:
            request._parsed_query = state.parsed_query = pairs  # noqa: SLF001

    parameters.extractors[-1] = read_expanded


def read_form(scope: Any) -> Mapping[str, Any]:
    """Return the fields of a form that was read, by name. A repeated name has a list. Empty if no form was read."""
    form = ScopeState.from_scope(scope).form
    return cast("Mapping[str, Any]", form) if isinstance(form, dict) else {}


def csrf_token(scope: Any) -> str | None:
    """Return the visitor's CSRF token; None if Litestar's CSRF middleware did not run for this request."""
    token = ScopeState.from_scope(scope).csrf_token
    return token if isinstance(token, str) else None


def came_from_cache(scope: Any) -> bool:
    """Return whether this response comes from Litestar's response cache."""
    return ScopeState.from_scope(scope).is_cached is True


# Exceptions


def came_from_route(exc: BaseException) -> bool:
    """Return whether an exception was raised inside a route. If not, middleware has already finished."""
    return any(isinstance(frame.f_locals.get("self"), HTTPRoute) for frame, _ in walk_tb(exc.__traceback__))


def was_raised_by_litestar(exc: BaseException) -> bool:
    """Return whether Litestar itself raised an exception, rather than the app."""
    return module_that_raised(exc).startswith("litestar.")


def module_that_raised(exc: BaseException) -> str:
    """Return the name of the module that raised an exception; "" if it was not raised."""
    module = ""
    for frame, _ in walk_tb(exc.__traceback__):
        module = str(frame.f_globals.get("__name__"))
    return module


# Apps


def store_of(app: Litestar, name: str) -> Store | None:
    """Return one of the app's stores; None for a name that Litestar's default factory would create in memory."""
    from litestar.stores.registry import default_default_factory

    is_made_up = name not in store_names(app) and app.stores._default_factory is default_default_factory  # noqa: SLF001
    return None if is_made_up else app.stores.get(name)


def store_names(app: Litestar) -> list[str]:
    """Return the names of the app's stores."""
    return sorted(app.stores._stores)  # noqa: SLF001


def has_route(app: Litestar, path: str, method: str) -> bool:
    """Return whether a route of the app answers this method at a normalised path. The router caches what it finds."""
    try:
        app.asgi_router.handle_routing(path=path, method=cast("Any", method))
    except (NotFoundException, MethodNotAllowedException):
        return False
    return True


async def enter_route(app: Litestar, route_path: str, scope: Any, receive: Any, send: Any) -> None:
    """Answer a request by another route, with its middleware and guards, which see the request's own path."""
    asgi_app, handler, *_, template = app.asgi_router.handle_routing(path=route_path, method="GET")
    path: str = scope["path"]
    if root_path := scope.get("root_path", ""):
        path = path.split(root_path, maxsplit=1)[-1]
    scope.update(path=normalize_path(path), path_params={}, route_handler=handler, path_template=template)
    ScopeState.from_scope(scope).exception_handlers = handler.resolve_exception_handlers()
    await asgi_app(scope, receive, send)
