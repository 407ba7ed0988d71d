"""The props of a page as shown in an entry: their type, group, merging, source lines and time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from litestar_vite._devtools.sources import HandlerSource, source, source_of
from litestar_vite.inertia._page.configured_shares import ConfiguredShares
from litestar_vite.inertia._page.observation import Observation, ObservedProp
from litestar_vite.inertia._protocol.props import Merge, Once, Presence, Prop
from litestar_vite.inertia._protocol.scroll import Scroll
from litestar_vite.inertia._protocol.visit import Visit

Described = dict[str, Any]

_BARE: Final = frozenset({"shared", "inertiaType"})


def describe_props(
    observation: Observation,
    props: Mapping[str, Any],
    visit: Visit,
    shares: ConfiguredShares,
    handler: HandlerSource | None,
    *,
    is_deferred: bool,
) -> dict[str, Described]:
    """Describe all top-level props, and nested ones that have a prop type.

    Args:
        props: The props that were sent, decoded.
        shares: The shared props from the config.
        handler: The source lines of the route's handler.
        is_deferred: The client indicates that it is fetching deferred props.
    """
    shared = {"errors", *_tops(shares.names), *observation.shared}
    found: dict[str, Described] = {}
    for path in dict.fromkeys((*props, *observation.props)):
        observed = observation.props.get(path)
        described: Described = {"shared": path in shared, "inertiaType": None}
        if observed is not None:
            described |= _classified(path, observed, visit, is_deferred=is_deferred)
        if path in visit.reset:
            described["reset"] = True
        is_bare = described.keys() == _BARE and described["inertiaType"] is None
        if path not in props and "." not in path and is_bare:
            continue  # The prop was evaluated for a page that was not sent.
        _add_lines(described, path, observation, shares, handler)
        if observed is not None:
            described["seconds"] = round(observed.seconds, 6)
            if observed.error is not None:
                described["error"] = observed.error
        found[path] = described
    return found


def _tops(names: Iterable[str]) -> set[str]:
    return {name.split(".", 1)[0] for name in names}


def _classified(path: str, observed: ObservedProp, visit: Visit, *, is_deferred: bool) -> Described:
    prop = observed.prop
    described: Described = {"inertiaType": _type_of(prop, is_deferred=is_deferred)}
    if prop.presence is Presence.DEFERRED and is_deferred:
        described["deferGroup"] = prop.group
    if any(isinstance(label, Once) for label in prop.labels):
        described["once"] = True
    if path not in visit.reset:
        for label in prop.labels:
            described |= _merging(label, visit)
    if observed.is_rescued:
        described["rescued"] = True
    return described


def _merging(label: Any, visit: Visit) -> Described:
    if isinstance(label, Scroll):
        merged: Described = {"mergeDirection": visit.merge_intent}
    elif isinstance(label, Merge):
        merged = {"mergeDirection": "prepend" if label.mode == "prepend" else "append"}
        if label.mode == "deep":
            merged["deepMerge"] = True
    else:
        return {}
    if label.match_on:
        merged["deepMerge"] = True
    return merged


def _type_of(prop: Prop[Any], *, is_deferred: bool) -> str | None:
    if prop.presence is Presence.ALWAYS:
        return "always"
    if prop.presence is Presence.DEFERRED:
        # In a partial reload by the app's own code, it is an ordinary prop.
        return "defer" if is_deferred else None
    if prop.presence is Presence.OPTIONAL:
        return "optional"
    for kind, name in ((Scroll, "scroll"), (Merge, "merge"), (Once, "once")):
        if any(isinstance(label, kind) for label in prop.labels):
            return name
    return None


def _add_lines(
    described: Described, path: str, observation: Observation, shares: ConfiguredShares, handler: HandlerSource | None
) -> None:
    top = path.split(".", 1)[0]
    if top in observation.shared:
        described["shareSource"] = source(*observation.shared[top])
    elif described["shared"]:
        found = source_of(shares.source(top))
        if found is not None:
            described["shareSource"] = source(found.file, found.line)
    elif handler is not None and (line := handler.props.get(path.rsplit(".", 1)[-1])) is not None:
        described["renderSource"] = source(handler.file, line)
