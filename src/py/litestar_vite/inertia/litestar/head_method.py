"""Pages answer HEAD as GET without a body, as link checkers and monitors expect (protocol B18). Litestar says 405 by
itself.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, cast

from litestar_vite.inertia.litestar.response import InertiaResponse

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.routes import HTTPRoute

__all__ = ("answer_head",)


def answer_head(route: HTTPRoute) -> None:
    """Let a route's GET page answer HEAD too, unless a handler of the user's does."""
    entry: Any = route.route_handler_map.get("GET")
    if "HEAD" in route.route_handler_map or not isinstance(entry, tuple):  # Litestar 3 keeps something else.
        return
    handler, parameters = cast("tuple[HTTPRouteHandler, Any]", entry)
    returned = handler.parsed_fn_signature.return_type
    kinds = returned.inner_types if returned.is_union else (returned,)
    if not isinstance(handler.opt.get("component"), str) and not any(
        kind.is_subclass_of(InertiaResponse) for kind in kinds
    ):
        return
    # An operation must not stand in the OpenAPI schema twice. Litestar may have resolved the setting before it was a
    # copy's.
    twin = cast("Any", copy(handler))
    twin.include_in_schema = twin._resolved_include_in_schema = False  # noqa: SLF001
    route.route_handler_map["HEAD"] = (twin, parameters)
