"""Plan which props a visit receives. Nothing is evaluated here: `evaluate.py` runs what a Plan holds.

How it works:
1. `plan(bag, visit, component)` walks the mappings at prop level once. Plain values are placed in the answer's tree at
   once; callables and kinds that this visit wants become pending Nodes; kinds that it does not want only leave their
   metadata.
2. Whoever runs the plan takes Nodes from `pending`, gets their values and gives each back with `settle`, which may find
   new kinds in it.
3. When nothing is pending, `tree` holds the props and `metadata` the optional page keys.

Rules: lists, models and rows are never entered (cost is O(prop nodes), never O(data)); an excluded callable is never
called; dicts are entered only as deep as people write props by hand."""

from __future__ import annotations

import functools
import time
import types
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from msgspec import Struct

from litestar_vite.exceptions import PropEncodingError, PropError
from litestar_vite.inertia.protocol.paths import EVERYTHING, Selection, prune, select
from litestar_vite.inertia.protocol.props import Label, Metadata, Presence, Prop, Situation
from litestar_vite.inertia.protocol.visit import Visit

__all__ = ("Node", "Plan", "plan")

# 256 keys: a dict of props is written by hand; a longer one is data, say rows by their id, and goes to the encoder
# unread.
_MAX_KEYS: Final = 256
# 16 levels: prop kinds are written by hand in nested dict literals; anything deeper (or cyclic) is data for the
# encoder.
_MAX_DEPTH: Final = 16

_CALLABLE_TYPES: Final = (
    types.FunctionType,
    types.MethodType,
    types.BuiltinMethodType,
    functools.partial,
    type(functools.cache(lambda: None)),  # What @cache and @lru_cache make.
)
# The types that most props have; a set lookup is several times cheaper than the cached call behind it.
_SCALARS: Final = frozenset({list, str, int, float, bool, type(None), tuple})

ToBuiltins = Callable[[Any], Any]
"""Turns a model into dicts and lists, for a partial reload that asks for a part of it."""


class Node(Struct, gc=False, eq=False):
    """A prop that this visit wants and whose value is not there yet."""

    path: str
    target: dict[str, Any]
    key: str
    prop: Prop[Any]
    wanted: Selection
    depth: int
    outer: tuple[Label, ...] = ()
    """Labels of the kinds whose callables returned this one; they get the value too."""


@functools.cache
def is_noteworthy(kind: type) -> bool:
    """Tell whether values of this type need more than being encoded: kinds and callables."""
    return issubclass(kind, (Prop, *_CALLABLE_TYPES))


def is_plain(bag: Mapping[str, Any]) -> bool:
    """Tell whether a mapping of props, its nested dicts included, holds no kind and no callable: then there is nothing
    to plan.

    Each dict is looked at once, so that cycles end. Most dicts are small: a loop over their values beats any call for
    each of them."""
    dicts: list[Mapping[str, Any]] = [bag]
    seen: set[int] = set()
    for each in dicts:  # It grows while it is walked.
        for value in each.values():
            kind: Any = type(value)
            if kind in _SCALARS:
                continue
            if kind is dict or issubclass(kind, dict):
                if len(value) <= _MAX_KEYS and id(value) not in seen:
                    seen.add(id(value))
                    dicts.append(value)
            elif is_noteworthy(kind):
                return False
    return True


def has_dots(bag: Mapping[str, Any]) -> bool:
    """Tell whether a top-level key is dotted and has to be unpacked.

    Raises:
        PropError: A key is no string.
    """
    try:
        return "." in "".join(bag)
    except TypeError:
        wrong: Any = next(key for key in cast("Mapping[Any, Any]", bag) if not isinstance(key, str))
        msg = f"The name of a prop must be a string, not {wrong!r}. For data by number, return {{'items': {{{wrong!r}: ...}}}}."
        raise PropError(msg) from None


class Plan:
    """The props of one answer while they are being put together.

    Attributes:
        tree: The props so far; a new dict of ours, the user's are not changed.
        pending: What has to be called or awaited, in the order of the props.
        metadata: Page keys such as `deferredProps` and `mergeProps`.
        visit: The visit this plan is for.
        is_partial: Whether it is a partial reload of the component that is rendered.
    """

    __slots__ = ("_entered", "_situation", "is_partial", "metadata", "pending", "to_builtins", "tree", "visit")

    def __init__(self, visit: Visit, to_builtins: ToBuiltins, *, is_partial: bool) -> None:
        self.visit = visit
        self.is_partial = is_partial
        self.tree: dict[str, Any] = {}
        self.pending: deque[Node] = deque()
        self.metadata: Metadata = {}
        self.to_builtins = to_builtins
        self._situation: Situation | None = None
        self._entered: set[int] = set()

    @property
    def situation(self) -> Situation:
        """The visit as prop kinds see it; all kinds of an answer see the same time."""
        if self._situation is None:
            self._situation = Situation(self.visit, self.is_partial, time.time_ns() // 1_000_000)
        return self._situation

    def settle(self, node: Node, value: Any) -> None:
        """Put the value of a Node in its place; kinds inside it are planned in their turn."""
        if isinstance(value, Prop):
            if node.depth > _MAX_DEPTH:
                msg = f"Prop {node.path!r} keeps returning prop kinds. Return a value from its callable."
                raise PropEncodingError(msg)
            # A callable returned a kind: it decides from here on (protocol B17), except that what was asked for stays
            # asked for.
            labels = (*node.outer, *node.prop.labels)
            self._place_prop(node.target, node.key, node.path, value, node.wanted, node.depth + 1, labels)
            return
        for label in (*node.prop.labels, *node.outer):
            value = label.settle(node.path, self.situation, self.metadata, value)
        if isinstance(value, dict) and node.depth < _MAX_DEPTH:
            self._place_dict(
                node.target, node.key, node.path, cast("dict[str, Any]", value), node.wanted, node.depth + 1
            )
            return
        node.target[node.key] = value if node.wanted.is_whole else prune(self.to_builtins(value), node.wanted)

    def rescue(self, node: Node) -> None:
        """Leave out a Node whose callable failed and tell the client so (protocol F, `rescue`).

        Its labels go too: client 3.7.1 deep-merges a prop that is named and not there into undefined, and so drops the
        value it had."""
        node.target.pop(node.key, None)
        described: Metadata = {}
        node.prop.describe(node.path, self.situation, described)
        for label in node.outer:
            label.describe(node.path, self.situation, described)
        for name, entries in described.items():
            self._retract(name, entries)
        self.metadata.setdefault("rescuedProps", []).append(node.path)

    def _retract(self, name: str, entries: Any) -> None:
        """Take back what a label wrote under one page key."""
        written = self.metadata.pop(name)
        if isinstance(written, dict):
            kept: Any = {key: value for key, value in cast("Metadata", written).items() if entries.get(key) != value}
        else:
            kept = [entry for entry in written if entry not in entries]
        if kept:
            self.metadata[name] = kept

    def place_bag(
        self, target: dict[str, Any], bag: Mapping[str, Any], prefix: str, wanted: Selection, depth: int
    ) -> None:
        """Place every value of a mapping of props."""
        if wanted is EVERYTHING:
            # All at once; only what may hold a kind or a callable is looked at again, and keeps its place in the order.
            target.update(bag)
        for key, value in bag.items():
            kind: Any = type(value)
            if wanted is EVERYTHING and (
                kind in _SCALARS or not (kind is dict or is_noteworthy(kind) or issubclass(kind, dict))
            ):
                continue
            self._place(target, key, f"{prefix}{key}", value, wanted, depth)

    def _place(self, target: dict[str, Any], key: str, path: str, value: Any, wanted: Selection, depth: int) -> None:
        # Keys of nested dicts may be numbers, which JSON and the client's paths show as strings.
        child = EVERYTHING if wanted is EVERYTHING else wanted.step(str(key))
        if isinstance(value, Prop):
            self._place_prop(target, key, path, value, child, depth)
            return
        if isinstance(value, dict) and depth < _MAX_DEPTH:
            # Entered even if it is not selected itself: it may hold always-props.
            self._place_dict(target, key, path, cast("dict[str, Any]", value), child, depth + 1)
            return
        if child is None:
            return
        if isinstance(value, _CALLABLE_TYPES):
            target[key] = None  # Holds the prop's place in the order.
            self.pending.append(Node(path, target, key, Prop(value), child, depth))
        else:
            target[key] = value if child.is_whole else prune(self.to_builtins(value), child)

    def _place_dict(
        self,
        target: dict[str, Any],
        key: str,
        path: str,
        value: dict[str, Any],
        wanted: Selection | None,
        depth: int,
    ) -> None:
        # A dict that holds itself is data too: the encoder refuses it with the prop's name.
        if len(value) > _MAX_KEYS or id(value) in self._entered or is_plain(value):
            if wanted is not None:
                target[key] = value if wanted.is_whole else prune(self.to_builtins(value), wanted)
            return
        inner: dict[str, Any] = {}
        self._entered.add(id(value))
        self.place_bag(inner, value, f"{path}.", wanted or _NOTHING, depth)
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
        elif self.is_partial:
            if wanted is None:
                target.pop(key, None)
                return
        elif prop.presence is not Presence.NORMAL:
            target.pop(key, None)
            self._announce(path, prop)
            return
        if prop.is_withheld(path, situation):
            target.pop(key, None)
            self._describe_withheld(path, prop)
            return
        prop.describe(path, situation, self.metadata)
        target[key] = None
        self.pending.append(Node(path, target, key, prop, wanted or EVERYTHING, depth, outer))

    def _announce(self, path: str, prop: Prop[Any]) -> None:
        """Write the metadata of a deferred or optional prop on a full visit."""
        if prop.is_withheld(path, self.situation):
            self._describe_withheld(path, prop)
        elif prop.presence is Presence.DEFERRED:
            prop.describe(path, self.situation, self.metadata)

    def _describe_withheld(self, path: str, prop: Prop[Any]) -> None:
        """Keep only the labels that withhold: their metadata lets the client carry its value over to this page."""
        for label in prop.labels:
            if label.withholds(path, self.situation):
                label.describe(path, self.situation, self.metadata)


_NOTHING: Final = Selection(only={})
"""Selects nothing: only always-props get through."""


def plan(
    bag: Mapping[str, Any],
    visit: Visit,
    component: str,
    *,
    first: Mapping[str, Any] | None = None,
    to_builtins: ToBuiltins = lambda value: value,
) -> Plan:
    """Choose which props this visit receives, without evaluating any.

    Paths are dotted ("auth.user"). `except` wins over `only`; always-props win over both.
    Costs O(prop nodes), never O(data): lists and models are not entered.

    Args:
        bag: The props by name: values, callables and kinds, dicts of those at any depth.
        visit: What the client asked for.
        component: The component that is rendered; a partial reload of another one is a full visit.
        first: Plain values that every answer has (`errors`); a prop of the same name replaces them.
        to_builtins: Turns a model into dicts when a partial reload asks for a part of it.

    Source: The protocol, "Partial reloads" (Inertia docs v3).
    """
    is_partial = visit.is_partial_for(component)
    result = Plan(visit, to_builtins, is_partial=is_partial)
    if first:
        result.tree.update(first)
    wanted = select(visit.only, visit.except_) if is_partial else EVERYTHING
    if has_dots(bag):
        bag = _unpack_dotted(bag)
    result.place_bag(result.tree, bag, "", wanted, 0)
    return result


def _unpack_dotted(bag: Mapping[str, Any]) -> dict[str, Any]:
    """Turn dotted top-level keys, `"auth.user"`, into nested dicts (protocol B16). The user's own dicts are copied, not
    changed.
    """
    unpacked: dict[str, Any] = {}
    for dotted, value in bag.items():
        *parents, last = dotted.split(".")
        target = unpacked
        for key in parents:
            existing = target.get(key)
            child = dict(cast("dict[str, Any]", existing)) if isinstance(existing, dict) else {}
            target[key] = child
            target = child
        target[last] = value
    return unpacked
