"""Plans which props a visit receives. Nothing is evaluated here: `evaluate.py` runs the Plan.

How it works:
1. `plan(props, visit, component)` walks the mappings at prop level once. Plain values are placed in the response's tree
   at once; callables and prop types that this visit wants become pending Nodes; prop types that it does not want only
   leave their metadata.
2. `evaluate` takes the Nodes from `pending`, computes their values and returns each with `settle`, which may find new
   prop types in it.
3. When nothing is pending, `tree` holds the props and `metadata` the optional page keys.
4. A caller that knows which names contain prop types passes them as `known`; all other values of a full visit stay
   unread. If the encoder finds a prop type in one of those, `place_rest` reads them all.

Rules: lists, models and rows are never entered (cost is O(prop nodes), never O(data)); an excluded callable is never
called; dicts are entered only as deep as props are written by hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, cast

from msgspec import Struct

from litestar_vite.exceptions import PropEncodingError
from litestar_vite.inertia._protocol.durations import Durations
from litestar_vite.inertia._protocol.paths import EVERYTHING, Selection, prune, select
from litestar_vite.inertia._protocol.plain_props import (
    CALLABLE_TYPES,
    MAX_KEYS,
    SCALARS,
    has_dots,
    is_noteworthy,
    is_plain,
    unpack_dotted,
)
from litestar_vite.inertia._protocol.props import Label, Metadata, Presence, Prop, Situation
from litestar_vite.inertia._protocol.visit import Visit

# 16 levels: prop types are written by hand in nested dict literals; anything deeper (or cyclic) is data for the
# encoder.
_MAX_DEPTH: Final = 16

ToBuiltins = Callable[[Any], Any]
"""Turns a model into dicts and lists, for a partial reload that asks for a part of it."""


class Node(Struct, gc=False, eq=False):
    """A prop that this visit wants, before its value is computed."""

    path: str
    target: dict[str, Any]
    key: str
    prop: Prop[Any]
    wanted: Selection
    depth: int
    outer: tuple[Label, ...] = ()
    """Labels of outer props that returned this one from their callables. They get the value too."""
    is_timed: bool = False
    """Its time decides whether later pages send it at once."""


class Plan(Struct, eq=False):
    """The props of one response while they are being assembled.

    Attributes:
        tree: The props so far, in a new dict, so the user's dicts are not changed.
        pending: The props to call or await, in their order.
        metadata: Page keys such as `deferredProps` and `mergeProps`.
        situation: The visit as prop types see it. All props of one response see the same time.
        names: The top-level names that contained prop types or callables.
        props: The page's props, if only those of known names were searched.
        rescuable: Props with `rescue` that have their value, which may still fail to encode.
        measured: The times of timed props in milliseconds, by path.
    """

    situation: Situation
    to_builtins: ToBuiltins
    tree: dict[str, Any] = {}
    pending: list[Node] = []
    metadata: Metadata = {}
    names: set[str] = set()
    props: Mapping[str, Any] = {}
    rescuable: list[Node] = []
    measured: dict[str, float] = {}
    _known: Sequence[str] = ()
    _entered: set[int] = set()
    _inlined_ms: float = 0.0

    def place_props(self, props: Mapping[str, Any], wanted: Selection, known: Sequence[str] | None) -> None:
        """Place the page's props; with `known`, only the values of these names are searched for prop types."""
        if known is None:
            self._place_mapping(self.tree, props, "", wanted, 0)
            return
        self._known, self.props = known, props
        self.tree.update(props)
        for name in known:
            if name in props:
                self._place(self.tree, name, name, props[name], EVERYTHING, 0)

    def place_rest(self) -> bool:
        """Search the props that `place_props` left unread, and return whether one contains prop types."""
        rest = {name: value for name, value in self.props.items() if name not in self._known}
        self._place_mapping(self.tree, rest, "", EVERYTHING, 0)
        return not self.names.isdisjoint(rest)

    def settle(self, node: Node, value: Any) -> None:
        """Put the value of a Node in its place. Prop types inside it are planned too."""
        if isinstance(value, Prop):
            if node.depth > _MAX_DEPTH:
                raise PropEncodingError(
                    f"Prop {node.path!r} keeps returning prop types. Return a value from its callable."
                )
            # A callable returned a prop type, which now decides (protocol B17). Requested paths stay
            # requested.
            labels = (*node.outer, *node.prop.labels)
            self._place_prop(node.target, node.key, node.path, value, node.wanted, node.depth + 1, labels)
            return
        if node.prop.rescue:
            self.rescuable.append(node)
        for label in (*node.prop.labels, *node.outer):
            value = label.settle(node.path, self.situation, self.metadata, value)
        if isinstance(value, dict) and node.depth < _MAX_DEPTH:
            self._place_dict(
                node.target, node.key, node.path, cast("dict[str, Any]", value), node.wanted, node.depth + 1
            )
            return
        node.target[node.key] = value if node.wanted.is_whole else prune(self.to_builtins(value), node.wanted)

    def rescue(self, node: Node) -> None:
        """Leave out a Node after its callable failed, and report it to the client (protocol F, `rescue`).

        Its labels are removed too: client 3.7.1 deep-merges a prop that is named but missing into undefined, and so
        drops the value it had."""
        self._remove(node)
        self.metadata.setdefault("rescuedProps", []).append(node.path)

    def put_off(self, node: Node) -> None:
        """Announce a deferred prop that failed while the page was assembled: its own request shows the error."""
        self._remove(node)
        self._announce(node.path, node.prop)

    def _remove(self, node: Node) -> None:
        """Remove a Node and its metadata."""
        node.target.pop(node.key, None)
        described: Metadata = {}
        node.prop.describe(node.path, self.situation, described)
        for label in node.outer:
            label.describe(node.path, self.situation, described)
        for name, entries in described.items():
            self._retract(name, entries)

    def _retract(self, name: str, entries: Any) -> None:
        """Remove a label's entries under one page key."""
        written = self.metadata.pop(name)
        if isinstance(written, dict):
            kept: Any = {key: value for key, value in cast("Metadata", written).items() if entries.get(key) != value}
        else:
            kept = [entry for entry in written if entry not in entries]
        if kept:
            self.metadata[name] = kept

    def _place_mapping(
        self, target: dict[str, Any], props: Mapping[str, Any], prefix: str, wanted: Selection, depth: int
    ) -> None:
        """Place every value of a mapping of props."""
        takes_all = wanted is EVERYTHING
        if takes_all:
            # All at once. Only values that may contain a prop type or a callable are inspected again, and keep their
            # place.
            target.update(props)
        for key, value in props.items():
            kind: Any = type(value)
            if takes_all:
                if kind in SCALARS:
                    continue
                if not (kind is dict or is_noteworthy(kind) or issubclass(kind, dict)):
                    continue
                child: Selection | None = EVERYTHING
            else:
                # Keys of nested dicts may be numbers, which JSON and the client's paths show as strings.
                child = wanted.step(str(key))
                if child is None and kind in SCALARS:
                    continue
            self._place(target, key, f"{prefix}{key}", value, child, depth)

    def _place(
        self, target: dict[str, Any], key: str, path: str, value: Any, wanted: Selection | None, depth: int
    ) -> None:
        if isinstance(value, Prop):
            if depth == 0:
                self.names.add(key)
            self._place_prop(target, key, path, value, wanted, depth)
        elif isinstance(value, dict) and depth < _MAX_DEPTH:
            # Entered even if it is not selected itself, since it may contain always-props.
            self._place_dict(target, key, path, cast("dict[str, Any]", value), wanted, depth + 1)
        elif wanted is not None and isinstance(value, CALLABLE_TYPES):
            if depth == 0:
                self.names.add(key)
            target[key] = None  # Holds the prop's place in the order.
            self.pending.append(Node(path, target, key, Prop(value), wanted, depth))
        elif wanted is not None:
            target[key] = value if wanted is EVERYTHING or wanted.is_whole else prune(self.to_builtins(value), wanted)

    def _place_dict(
        self, target: dict[str, Any], key: str, path: str, value: dict[str, Any], wanted: Selection | None, depth: int
    ) -> None:
        # A dict that contains itself is also data: the encoder rejects it with the prop's name.
        if len(value) > MAX_KEYS or id(value) in self._entered or is_plain(value):
            if wanted is not None:
                target[key] = (
                    value if wanted is EVERYTHING or wanted.is_whole else prune(self.to_builtins(value), wanted)
                )
            return
        inner: dict[str, Any] = {}
        self.names.add(path.partition(".")[0])
        self._entered.add(id(value))
        self._place_mapping(inner, value, f"{path}.", wanted or _NOTHING, depth)
        self._entered.discard(id(value))
        if inner or wanted is not None:
            target[key] = inner

    def _place_prop(
        self,
        target: dict[str, Any],
        key: str,
        path: str,
        prop: Prop[Any],
        wanted: Selection | None,
        depth: int,
        outer: tuple[Label, ...] = (),
    ) -> None:
        situation = self.situation
        if prop.presence is Presence.ALWAYS:
            wanted = EVERYTHING
        elif situation.is_partial:
            if wanted is None:
                target.pop(key, None)
                return
        elif prop.presence is not Presence.NORMAL and not self._is_quick(path, prop):
            target.pop(key, None)
            self._announce(path, prop)
            return
        if prop.is_withheld(path, situation):
            target.pop(key, None)
            self._describe_withheld(path, prop)
            return
        prop.describe(path, situation, self.metadata)
        target[key] = None
        is_timed = situation.limit_of(prop) is not None
        self.pending.append(Node(path, target, key, prop, wanted or EVERYTHING, depth, outer, is_timed))

    def _is_quick(self, path: str, prop: Prop[Any]) -> bool:
        """Return whether a full visit sends a deferred prop at once. Together, such props stay within their limits."""
        if self.situation.sends_deferred and prop.presence is Presence.DEFERRED:
            return True
        durations, limit = self.situation.durations, self.situation.limit_of(prop)
        if limit is None or durations is None:
            return False
        expected = durations.get(path)
        if expected is None or self._inlined_ms + expected > limit:
            return False
        self._inlined_ms += expected
        return True

    def _announce(self, path: str, prop: Prop[Any]) -> None:
        """Write the metadata of a deferred or optional prop on a full visit."""
        if prop.is_withheld(path, self.situation):
            self._describe_withheld(path, prop)
        elif prop.presence is Presence.DEFERRED:
            prop.announce(path, self.situation, self.metadata)

    def _describe_withheld(self, path: str, prop: Prop[Any]) -> None:
        for label in prop.labels:
            label.describe_withheld(path, self.situation, self.metadata)


_NOTHING: Final = Selection(only={})
"""Selects nothing: only always-props are sent."""


def plan(  # noqa: PLR0913 - the facts about a visit and its route
    props: Mapping[str, Any],
    visit: Visit,
    component: str,
    *,
    first: Mapping[str, Any] | None = None,
    to_builtins: ToBuiltins = lambda value: value,
    known: Sequence[str] | None = None,
    once_scope: Callable[[], str] | None = None,
    forgets_once: bool = False,
    durations: Durations | None = None,
    channel_type: Callable[[str], str] | None = None,
    sends_deferred: bool = False,
) -> Plan:
    """Choose which props this visit receives, without evaluating any.

    Paths are dotted ("auth.user"). `except` wins over `only`; always-props win over both.
    Costs O(prop nodes), never O(data): lists and models are not entered.

    Args:
        props: The props by name: values, callables and prop types, dicts of those at any depth.
        visit: The client's request.
        component: The component that is rendered. A partial reload of another one is a full visit.
        first: Plain values in every response (`errors`). A prop of the same name replaces them.
        to_builtins: Turns a model into dicts when a partial reload asks for a part of it.
        known: The only names to search for prop types, in the page's order; None searches all. A
            partial reload always searches all, since a dict that it does not ask for may hold always-props.
        once_scope: Returns the owner of the once-props, called if there are any; None if they are not tied to a user.
        forgets_once: The client must drop its once-props.
        durations: The times of the route's deferred props.
        channel_type: Returns the type of a live prop's channel; None if live props are off.
        sends_deferred: Send deferred props with the page.

    Source: The protocol, "Partial reloads" (Inertia docs v3).
    """
    is_partial = visit.is_partial_for(component)
    now_ms = time.time_ns() // 1_000_000
    situation = Situation(visit, is_partial, now_ms, once_scope, forgets_once, durations, channel_type, sends_deferred)
    result = Plan(situation, to_builtins)
    if first:
        result.tree.update(first)
    wanted = select(visit.only, visit.except_) if is_partial else EVERYTHING
    if has_dots(props):
        props = unpack_dotted(props)
    result.place_props(props, wanted, None if is_partial else known)
    return result
