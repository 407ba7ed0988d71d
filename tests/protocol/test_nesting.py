"""Dotted names, nested dicts, callables that return prop types, and plain data (protocol B15 to B17, E42)."""

from __future__ import annotations

import copy
import functools
from typing import Any

import pytest

from litestar_vite.exceptions import PropEncodingError, PropError
from litestar_vite.inertia._protocol.plain_props import has_dots, is_plain
from litestar_vite.inertia._protocol.resolver import plan
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import always, deep_merge, defer, merge, once, optional
from tests.protocol.planning import (
    BROWSER,
    COMPONENT,
    FULL,
    Calls,
    Row,
    avalue,
    boom,
    knows,
    once_metadata,
    partial,
    run,
    value,
)

DEFERRED_A = {"deferredProps": {"default": ["a"]}}


class Service:
    """Its three kinds of methods are props."""

    def load(self) -> int:
        return 1

    @classmethod
    def load_all(cls) -> int:
        return 2

    @staticmethod
    def count() -> int:
        return 3


TABLE: list[Row] = [
    # B15: the order of the props; a later prop with the same name replaces an earlier one in its place.
    ("B15-order", {"z": value, "a": 1, "m": avalue, "b": merge([])}, FULL, {"z": 1, "a": 1, "m": 1, "b": []}, {"mergeProps": ["b"]}),
    ("B15-order-on-partials", {"z": value, "a": 1, "m": avalue}, partial("m,a,z"), {"z": 1, "a": 1, "m": 1}, {}),
    # B16: dotted top-level names.
    ("B16-one", {"auth.user": "Ada"}, FULL, {"auth": {"user": "Ada"}}, {}),
    ("B16-deep", {"a.b.c": 1, "a.b.d": 2}, FULL, {"a": {"b": {"c": 1, "d": 2}}}, {}),
    ("B16-into-a-dict", {"auth": {"a": 1}, "auth.user": "Ada"}, FULL, {"auth": {"a": 1, "user": "Ada"}}, {}),
    ("B16-replaces-a-leaf", {"auth": {"user": "Bob", "a": 1}, "auth.user": "Ada"}, FULL, {"auth": {"user": "Ada", "a": 1}}, {}),
    ("B16-a-later-parent-replaces", {"auth.user": "Ada", "auth": {"a": 1}}, FULL, {"auth": {"a": 1}}, {}),
    ("B16-replaces-a-scalar", {"auth": 5, "auth.user": "Ada"}, FULL, {"auth": {"user": "Ada"}}, {}),
    ("B16-kind", {"auth.late": defer(boom), "auth.m": merge([1])}, FULL, {"auth": {"m": [1]}}, {"deferredProps": {"default": ["auth.late"]}, "mergeProps": ["auth.m"]}),
    ("B16-kind-on-partial", {"auth.late": defer(value), "auth.x": boom}, partial("auth.late"), {"auth": {"late": 1}}, {}),
    ("B16-callable", {"auth.user": value}, FULL, {"auth": {"user": 1}}, {}),
    ("B16-only", {"auth.user": 1, "auth.x": boom, "b": boom}, partial("auth.user"), {"auth": {"user": 1}}, {}),
    ("B16-order", {"b.x": 1, "a": 2, "b.y": 3}, FULL, {"b": {"x": 1, "y": 3}, "a": 2}, {}),
    ("B16-nested-names-are-not-unpacked", {"a": {"b.c": 1}}, FULL, {"a": {"b.c": 1}}, {}),
    # B17: callables, sync and async, and their return values.
    ("B17-sync", {"a": value}, FULL, {"a": 1}, {}),
    ("B17-async", {"a": avalue}, FULL, {"a": 1}, {}),
    ("B17-lambda", {"a": lambda: 1}, FULL, {"a": 1}, {}),
    ("B17-method", {"a": Service().load, "b": Service.load_all, "c": Service.count}, FULL, {"a": 1, "b": 2, "c": 3}, {}),
    ("B17-partial", {"a": functools.partial(int, "7")}, FULL, {"a": 7}, {}),
    ("B17-cached", {"a": functools.lru_cache(lambda: 1), "b": functools.cache(lambda: 2)}, FULL, {"a": 1, "b": 2}, {}),
    ("B17-builtin", {"a": "abc".upper}, FULL, {"a": "ABC"}, {}),
    ("B17-returns-none", {"a": lambda: None}, FULL, {"a": None}, {}),
    ("B17-returns-merge", {"a": lambda: merge([1])}, FULL, {"a": [1]}, {"mergeProps": ["a"]}),
    ("B17-returns-defer", {"a": lambda: defer(boom)}, FULL, {}, DEFERRED_A),
    ("B17-returns-defer-on-partial", {"a": lambda: defer(value)}, partial("a"), {"a": 1}, {}),
    ("B17-returns-optional", {"a": lambda: optional(boom), "b": 1}, FULL, {"b": 1}, {}),
    ("B17-returns-always", {"a": lambda: always(value)}, FULL, {"a": 1}, {}),
    ("B17-returns-once", {"a": lambda: once(boom)}, knows("a"), {}, {"onceProps": once_metadata()}),
    ("B17-returns-merge-of-defer", {"a": lambda: merge(defer(boom))}, FULL, {}, {**DEFERRED_A, "mergeProps": ["a"]}),
    ("B17-returns-merge-reset", {"a": lambda: merge([1])}, partial("a", reset="a"), {"a": [1]}, {}),
    ("B17-returns-kind-that-returns-kind", {"a": lambda: always(lambda: merge(avalue))}, FULL, {"a": 1}, {"mergeProps": ["a"]}),
    ("B17-kind-returns-kind", {"a": defer(lambda: merge([1]))}, partial("a"), {"a": [1]}, {"mergeProps": ["a"]}),
    ("B17-returns-dict-with-kinds", {"a": lambda: {"o": optional(boom), "c": value, "m": merge([1]), "d": defer(boom)}}, FULL, {"a": {"c": 1, "m": [1]}}, {"mergeProps": ["a.m"], "deferredProps": {"default": ["a.d"]}}),
    ("B17-returns-dict-with-kinds-on-partial", {"a": lambda: {"o": optional(value), "c": boom}}, partial("a.o"), {"a": {"o": 1}}, {}),
    ("B17-order-of-what-is-returned-late", {"a": lambda: merge(avalue), "b": 1, "c": lambda: {"x": value}}, FULL, {"a": 1, "b": 1, "c": {"x": 1}}, {"mergeProps": ["a"]}),
    # E42: prop types at any depth of dicts.
    ("E42-three-levels", {"a": {"b": {"c": value, "d": optional(boom), "e": 2}}}, FULL, {"a": {"b": {"c": 1, "e": 2}}}, {}),
    ("E42-an-emptied-dict-stays-an-object", {"a": {"b": optional(boom)}}, FULL, {"a": {}}, {}),
    ("E42-empty-dict", {"a": {}}, FULL, {"a": {}}, {}),
    ("E42-kind-holds-a-dict-with-kinds", {"a": always({"b": defer(boom), "c": value})}, FULL, {"a": {"c": 1}}, {"deferredProps": {"default": ["a.b"]}}),
    ("E42-known-once-in-a-dict", {"a": {"b": once(boom, key="k"), "c": 1}}, knows("k"), {"a": {"c": 1}}, {"onceProps": once_metadata("k", "a.b")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("props", "visit", "expected", "metadata"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_rows(props: dict[str, Any], visit: Visit, expected: dict[str, Any], metadata: dict[str, Any]) -> None:
    tree, written = run(props, visit)
    assert tree == expected
    assert list(tree) == list(expected), "the order of the props is kept"
    assert written == metadata


@pytest.mark.parametrize("depth", [1, 2, 5, 15, 16])
def test_e42_kinds_are_found_as_deep_as_people_nest_them(depth: int) -> None:
    props: dict[str, Any] = {"late": defer(boom), "n": value}
    for _ in range(depth):
        props = {"a": props}
    tree, metadata = run(props, FULL)
    path = ".".join("a" * depth)
    assert metadata == {"deferredProps": {"default": [f"{path}.late"]}}
    for _ in range(depth):
        tree = tree["a"]
    assert tree == {"n": 1}


@pytest.mark.parametrize("visit", [FULL, BROWSER, partial("auth.n"), partial(except_="auth.late"), knows("auth.o")])
def test_users_dicts_are_never_changed(visit: Visit) -> None:
    inner = {"late": defer(value), "n": 1, "o": once(value), "deep": {"m": merge([1]), "fn": value}}
    props = {"auth": inner, "auth.user": "Ada", "list": [1, {"x": 1}], "fn": lambda: inner}
    before, before_inner = (
        copy.copy(props),
        copy.deepcopy({key: list(item) if isinstance(item, dict) else None for key, item in inner.items()}),
    )
    first = run(props, visit)
    assert props == before
    assert list(props) == list(before)
    assert {key: list(item) if isinstance(item, dict) else None for key, item in inner.items()} == before_inner
    assert inner["deep"]["fn"] is value  # type: ignore[index]
    assert run(props, visit) == first, "the same props, for example shared ones, serve many requests"


def test_lists_and_models_are_not_entered() -> None:
    hidden = defer(boom)
    rows = [{"late": hidden}]
    tree, metadata = run({"rows": rows, "pair": (hidden,)}, FULL)
    assert tree["rows"] is rows
    assert tree["pair"] == (hidden,)
    assert metadata == {}


def test_plain_data_is_sent_as_the_very_object_it_is() -> None:
    data = {"x": {"y": [1, 2, {"z": 3}]}}
    assert run({"data": data, "fn": value}, FULL)[0]["data"] is data
    assert run({"data": data, "fn": value}, partial("data"))[0]["data"] is data


def test_a_dict_of_many_keys_is_data_and_is_not_entered() -> None:
    rows: dict[str, Any] = {str(number): {"n": number} for number in range(257)}
    rows["0"] = hidden = defer(boom)
    tree, metadata = run({"rows": rows, "late": defer(value)}, FULL)
    assert tree["rows"] is rows
    assert tree["rows"]["0"] is hidden
    assert metadata == {"deferredProps": {"default": ["late"]}}
    assert run({"rows": rows}, partial("rows.5.n"))[0] == {"rows": {"5": {"n": 5}}}


def test_a_dict_of_256_keys_is_still_entered() -> None:
    rows: dict[str, Any] = {str(number): number for number in range(255)} | {"late": defer(boom)}
    tree, metadata = run({"rows": rows}, FULL)
    assert "late" not in tree["rows"]
    assert metadata == {"deferredProps": {"default": ["rows.late"]}}


@pytest.mark.parametrize("visit", [FULL, partial("a"), partial("a.self.self"), partial(except_="a.self.x")])
@pytest.mark.parametrize("kinds", [{}, {"late": defer(value)}, {"n": always(1)}], ids=["plain", "deferred", "always"])
def test_a_dict_that_holds_itself_many_times_ends_at_once(visit: Visit, kinds: dict[str, Any]) -> None:
    """Entering all of its 200 references down to the depth limit would practically never end."""
    cycle: dict[str, Any] = {"x": 1, **kinds}
    for number in range(200):
        cycle[f"self{number}" if number else "self"] = cycle
    assert plan({"a": cycle}, visit, COMPONENT).tree["a"]["x" if visit is FULL else "self"]


def test_two_dicts_that_hold_each_other_end() -> None:
    parent: dict[str, Any] = {"children": {}}
    for number in range(100):
        parent["children"][str(number)] = {"parent": parent, "siblings": parent["children"]}
    assert is_plain({"tree": parent})
    assert plan({"tree": parent, "late": defer(boom)}, FULL, COMPONENT).tree["tree"] is parent


def test_a_dict_that_is_used_twice_is_no_cycle() -> None:
    used = {"late": defer(boom), "n": 1}
    tree, metadata = run({"a": used, "b": {"c": used}}, FULL)
    assert tree == {"a": {"n": 1}, "b": {"c": {"n": 1}}}
    assert metadata == {"deferredProps": {"default": ["a.late", "b.c.late"]}}


def test_a_callable_that_returns_kinds_for_ever_is_stopped_with_the_name_of_its_prop() -> None:
    def again() -> Any:
        return always(again)

    with pytest.raises(
        PropEncodingError, match="Prop 'a.b' keeps returning prop types. Return a value from its callable."
    ):
        run({"a": {"b": again}}, FULL)


def test_a_name_that_is_no_string_is_refused_with_what_to_write() -> None:
    with pytest.raises(
        PropError,
        match=r"The name of a prop must be a string, not 7. For data by number, return \{'items': \{7: ...\}\}",
    ):
        has_dots({"a": 1, 7: 2})  # type: ignore[dict-item]
    with pytest.raises(PropError, match="not None"):
        plan({None: 1}, FULL, COMPONENT)  # type: ignore[dict-item]


@pytest.mark.parametrize("visit", [BROWSER, FULL, partial("a,b,c,d"), partial(except_="x")])
def test_planning_calls_nothing(visit: Visit) -> None:
    calls = Calls()
    props = {
        "a": calls("a"),
        "b": always(calls("b")),
        "c": defer(calls("c")),
        "d": {"e": calls("e"), "f": once(calls("f"))},
        "g.h": calls("h"),
    }
    plan(props, visit, COMPONENT)
    assert calls == []


def test_all_kinds_of_an_answer_see_the_same_time() -> None:
    props = {"a": once(lambda: once(1, until=60), until=60, key="a"), "b": {"c": once(2, until=60)}}
    ends = {entry["expiresAt"] for entry in run(props, FULL)[1]["onceProps"].values()}
    assert len(ends) == 1


def test_a_kind_that_a_callable_returned_and_that_failed_leaves_no_label_of_the_outer_one() -> None:
    props = {"a": merge(lambda: defer(boom, rescue=True), match_on="id"), "b": merge(lambda: deep_merge({"x": 1}))}
    tree, metadata = run(props, partial("a,b"))
    assert tree == {"b": {"x": 1}}
    assert metadata == {"mergeProps": ["b"], "deepMergeProps": ["b"], "rescuedProps": ["a"]}


def test_a_long_dict_beside_kinds_is_data() -> None:
    rows = {str(number): number for number in range(300)}
    assert run({"rows": {"all": rows}, "a": always(1)}, FULL)[0] == {"rows": {"all": rows}, "a": 1}
    assert is_plain({"rows": rows, "model": object(), "again": {"rows": rows}})
    assert not is_plain({"rows": {"a": always(1)}})
