"""The facts about a response, for spans and metrics: the kind of visit, the reason of a 409, a form with errors.

Rule: every value comes from a fixed set, or is known when the app starts. Text from a request never becomes a label."""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Final

from msgspec import Struct

from litestar_vite.inertia._page.observation import Observation
from litestar_vite.inertia._protocol.props import Presence
from litestar_vite.inertia._protocol.visit import Visit, read_visit

OTHER: Final = "other"
"""The label of components that were unknown at start-up, and of props beyond the limit."""

_CONFLICT: Final = 409
_LOCATION: Final = b"x-inertia-location"
_VERSION: Final = b"x-inertia-version"
_FRAGMENT: Final = b"x-inertia-redirect"
_PRECOGNITION: Final = (b"precognition", b"true")
# Refusals such as a 403 go back to their form too, but are no validation errors.
_INVALID: Final = frozenset({400, 422})


class Facts(Struct, frozen=True):
    """One response.

    Attributes:
        component: The page component, or OTHER; "" for a response without a page.
        visit: first, visit, partial, deferred, prefetch, precognition, or "http" for other requests.
        conflict: The reason of a 409: version, location, fragment; None without one.
        invalid_route: The path of the route whose form had validation errors; None without any.
        lost: The sections of carried values that were cut: errors, flash.
    """

    component: str
    visit: str
    conflict: str | None
    invalid_route: str | None
    lost: tuple[str, ...]


def facts_of(observation: Observation, message: Any, components: Container[str]) -> Facts | None:
    """Return the facts of a response; None if there is nothing to record. `components` are those that were known at
    start-up.
    """
    is_precognition = _PRECOGNITION in message["headers"]
    conflict = _conflict(message["headers"]) if message["status"] == _CONFLICT else None
    is_page = observation.page is not None
    if not (is_page or is_precognition or conflict or observation.is_invalid or observation.lost):
        return None
    visit = read_visit(dict(observation.scope["headers"]))
    component = observation.component or ""
    return Facts(
        component=component if not component or component in components else OTHER,
        visit=kind_of(visit, observation) if is_page or visit.is_inertia or is_precognition else "http",
        conflict=conflict,
        invalid_route=_route(observation.scope) if _is_invalid(observation) else None,
        lost=observation.lost,
    )


def kind_of(visit: Visit, observation: Observation) -> str:
    """Return the kind of a visit. The first match decides.

    The protocol does not mark deferred requests: a partial reload is one if all props that it names are deferred.
    """
    if visit.is_precognition:
        return "precognition"
    if visit.is_prefetch:
        return "prefetch"
    if not visit.is_inertia:
        return "first"
    if observation.component is None or not visit.is_partial_for(observation.component):
        return "visit"
    props = observation.props
    is_deferred = bool(visit.only) and all(
        path in props and props[path].prop.presence is Presence.DEFERRED for path in visit.only
    )
    return "deferred" if is_deferred else "partial"


def _conflict(headers: Any) -> str | None:
    names = {name.lower() for name, _ in headers}
    if _FRAGMENT in names:
        return "fragment"
    if _LOCATION in names:
        return "version" if _VERSION in names else "location"
    return None


def _is_invalid(observation: Observation) -> bool:
    return observation.is_invalid and getattr(observation.raised, "status_code", 422) in _INVALID


def _route(scope: Any) -> str:
    # Absent if a middleware has answered.
    return str(scope.get("path_template") or "")
