"""Laws of the selection, for generated props and visits."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from litestar_vite.inertia._protocol.paths import prune, select
from litestar_vite.inertia._protocol.props import Presence, Prop
from litestar_vite.inertia._protocol.resolver import Plan, plan
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import always, deep_merge, defer, merge, once, optional, prepend
from tests.protocol.planning import BROWSER, COMPONENT, FULL

Path = tuple[str, ...]
KEYS = st.sampled_from(["a", "b", "c", "0", "1"])
PATHS = st.lists(st.lists(KEYS, min_size=1, max_size=3).map(".".join), max_size=4)
DATA = st.recursive(
    st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=12
)
TREES = st.recursive(st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=4), max_leaves=12)
PLAIN_BAGS = st.dictionaries(KEYS, TREES, max_size=4)


def forbidden() -> Any:
    raise AssertionError("a plan called a prop")


WORDS: list[Callable[[Any], Prop]] = [
    optional,
    always,
    defer,
    lambda value: defer(value, group="side"),
    merge,
    lambda value: merge(value, path="x", match_on="id"),
    prepend,
    deep_merge,
    once,
    lambda value: once(value, key="shared", fresh=True),
]


def _wrapped(words: list[Callable[[Any], Prop]]) -> Any:
    value: Any = forbidden
    for word in words:
        value = word(value)
    return value


KINDS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(_wrapped)
BAGS = st.dictionaries(
    KEYS,
    st.recursive(
        st.integers() | st.just(forbidden) | KINDS,
        lambda inner: st.dictionaries(KEYS, inner, max_size=4),
        max_leaves=10,
    ),
    max_size=4,
)
VISITS = st.builds(
    Visit,
    is_inertia=st.booleans(),
    partial_component=st.sampled_from([None, COMPONENT, "Other"]),
    only=PATHS.map(tuple),
    except_=PATHS.map(tuple),
    reset=PATHS.map(tuple),
    known_once=PATHS.map(lambda paths: (*paths, "shared") if len(paths) > 2 else tuple(paths)),
)


def leaves(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield leaf values and empty containers, with their paths."""
    if isinstance(data, (dict, list)) and data:
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from leaves(item, (*path, str(key)))
    else:
        yield path, data


def split(paths: Any) -> list[Path]:
    return [tuple(path.split(".")) for path in paths]


def is_below(path: Path, paths: list[Path]) -> bool:
    return any(path[: len(parts)] == parts for parts in paths)


def leads_to(path: Path, paths: list[Path]) -> bool:
    return any(parts[: len(path)] == path for parts in paths)


def holds(tree: dict[str, Any], path: Path) -> bool:
    for key in path:
        if not isinstance(tree, dict) or key not in tree:
            return False
        tree = tree[key]
    return True


def partial_of(only: list[str], except_: list[str]) -> Visit:
    return Visit(is_inertia=True, partial_component=COMPONENT, only=tuple(only), except_=tuple(except_))


def pending_paths(planned: Plan) -> set[Path]:
    return {tuple(node.path.split(".")) for node in planned.pending}


@given(BAGS, VISITS)
def test_a_plan_evaluates_nothing_and_changes_nothing(bag: dict[str, Any], visit: Visit) -> None:
    before = copy.deepcopy({".".join(path): repr(item) for path, item in leaves(bag)})
    plan(bag, visit, COMPONENT)
    assert {".".join(path): repr(item) for path, item in leaves(bag)} == before


@given(BAGS, VISITS)
def test_a_plan_made_twice_is_the_same_plan(bag: dict[str, Any], visit: Visit) -> None:
    first, second = plan(bag, visit, COMPONENT), plan(bag, visit, COMPONENT)
    assert first.tree == second.tree
    assert pending_paths(first) == pending_paths(second)
    assert first.metadata == second.metadata


@given(PLAIN_BAGS, st.sampled_from([BROWSER, FULL, Visit(is_inertia=True, partial_component="Other", only=("a",))]))
def test_the_props_of_a_full_visit_equal_themselves(bag: dict[str, Any], visit: Visit) -> None:
    planned = plan(bag, visit, COMPONENT)
    assert planned.tree == bag
    assert list(planned.tree) == list(bag)
    assert not planned.pending
    assert planned.metadata == {}
    assert all(planned.tree[key] is bag[key] for key in bag), "plain data is not copied"


@given(PLAIN_BAGS, PATHS, PATHS)
def test_a_partial_reload_of_plain_props_is_their_pruned_tree(
    bag: dict[str, Any], only: list[str], except_: list[str]
) -> None:
    assert plan(bag, partial_of(only, except_), COMPONENT).tree == prune(bag, select(only, except_))


@given(BAGS, PATHS, PATHS)
def test_except_only_takes_away(bag: dict[str, Any], only: list[str], except_: list[str]) -> None:
    with_except, without = plan(bag, partial_of(only, except_), COMPONENT), plan(bag, partial_of(only, []), COMPONENT)
    assert pending_paths(with_except) <= pending_paths(without)


@given(BAGS, PATHS, PATHS)
def test_except_beats_only_and_always_beats_both(bag: dict[str, Any], only: list[str], except_: list[str]) -> None:
    planned = plan(bag, partial_of(only, except_), COMPONENT)
    sent = {(*node.path.split("."),): node.prop.presence for node in planned.pending}
    for path, presence in sent.items():
        assert presence is Presence.ALWAYS or not is_below(path, split(except_))
        assert presence is Presence.ALWAYS or not only or is_below(path, split(only)) or leads_to(path, split(only))
    always_props = {path for path, item in leaves(bag) if isinstance(item, Prop) and item.presence is Presence.ALWAYS}
    assert always_props <= set(sent)


@given(PLAIN_BAGS, PATHS)
def test_only_and_except_of_the_same_paths_give_the_whole_page_together(bag: dict[str, Any], paths: list[str]) -> None:
    assume(paths)
    only, except_ = (
        dict(leaves(plan(bag, visit, COMPONENT).tree)) for visit in (partial_of(paths, []), partial_of([], paths))
    )
    both = only.keys() | except_.keys()
    assert {path for path, item in leaves(bag) if item != {} and path} <= both


@given(BAGS, VISITS)
def test_labels_name_only_what_is_sent_announced_or_kept_by_the_client(bag: dict[str, Any], visit: Visit) -> None:
    planned = plan(bag, visit, COMPONENT)
    metadata = planned.metadata
    announced = {path for group in metadata.get("deferredProps", {}).values() for path in group}
    for name in ("mergeProps", "prependProps", "deepMergeProps", "matchPropsOn"):
        for label in metadata.get(name, []):
            owner = label.removesuffix(".id").removesuffix(".x")
            assert owner in announced or holds(planned.tree, tuple(owner.split("."))), (name, label)
            assert owner not in visit.reset
    for key, entry in metadata.get("onceProps", {}).items():
        assert (
            entry["prop"] in announced
            or holds(planned.tree, tuple(entry["prop"].split(".")))
            or key in visit.known_once
        )
    if planned.situation.is_partial:
        assert "deferredProps" not in metadata


@given(BAGS, VISITS)
def test_what_is_announced_is_not_sent(bag: dict[str, Any], visit: Visit) -> None:
    planned = plan(bag, visit, COMPONENT)
    announced = [path for group in planned.metadata.get("deferredProps", {}).values() for path in group]
    assert len(announced) == len(set(announced))
    assert not {tuple(path.split(".")) for path in announced} & pending_paths(planned)
    assert not any(holds(planned.tree, tuple(path.split("."))) for path in announced)


@given(BAGS)
def test_a_partial_reload_of_what_was_announced_gets_exactly_that_and_always_props(bag: dict[str, Any]) -> None:
    announced = [
        path for group in plan(bag, FULL, COMPONENT).metadata.get("deferredProps", {}).values() for path in group
    ]
    assume(announced)
    planned = plan(bag, partial_of(announced, []), COMPONENT)
    sent = {node.path for node in planned.pending if node.prop.presence is not Presence.ALWAYS}
    assert sent == set(announced)


@given(BAGS, VISITS)
def test_the_order_of_the_page_is_the_order_of_the_props(bag: dict[str, Any], visit: Visit) -> None:
    planned = plan(bag, visit, COMPONENT)
    assert list(planned.tree) == [key for key in bag if key in planned.tree]


@settings(deadline=None)
@given(st.dictionaries(KEYS, DATA, max_size=4), PATHS, PATHS)
def test_a_selection_keeps_exactly_the_leaves_that_a_plain_reading_of_the_rules_keeps(
    data: dict[str, Any], only: list[str], except_: list[str]
) -> None:
    """The rules: a leaf is kept if it is below or above a path of `only` (or `only` is empty), and not below a path of
    `except`.

    A leaf is above a path if the visit selects a part of a scalar, such as None. The client then gets the scalar.
    """
    wanted, unwanted = split(only), split(except_)

    def reading(value: Any, path: Path) -> Any:
        if isinstance(value, dict):
            return {key: reading(item, (*path, key)) for key, item in value.items() if is_wanted((*path, key))}
        if isinstance(value, list):
            return [
                reading(item, (*path, str(index))) for index, item in enumerate(value) if is_wanted((*path, str(index)))
            ]
        return value

    def is_wanted(path: Path) -> bool:
        return (not wanted or is_below(path, wanted) or leads_to(path, wanted)) and not is_below(path, unwanted)

    assert prune(data, select(only, except_)) == reading(data, ())
