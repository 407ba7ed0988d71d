"""Partial reloads (protocol E33 to E42): the parts that a visit selects, in tables of (props, visit, result)."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from litestar_vite.inertia._protocol.paths import EVERYTHING, prune, select
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import always, deep_merge, defer, merge, once, optional
from tests.protocol.planning import BROWSER, FULL, Calls, Row, avalue, boom, once_metadata, partial, run, value

USER = {"name": "Ada", "email": "ada@example.com"}
ROWS = [{"x": 1, "y": 2}, {"x": 3, "y": 4}, {"x": 5, "y": 6}]

TABLE: list[Row] = [
    # E33: the rendered component must match exactly; data and except headers alone have no effect.
    ("E33-same", {"a": 1, "b": boom}, partial("a"), {"a": 1}, {}),
    ("E33-other", {"a": 1, "b": 2}, partial("a", component="Other"), {"a": 1, "b": 2}, {}),
    ("E33-other-announces", {"a": 1, "b": defer(boom)}, partial("b", component="Other"), {"a": 1}, {"deferredProps": {"default": ["b"]}}),
    ("E33-other-case", {"a": 1, "b": 2}, partial("a", component="page"), {"a": 1, "b": 2}, {}),
    ("E33-prefix", {"a": 1, "b": 2}, partial("a", component="Page/Index"), {"a": 1, "b": 2}, {}),
    ("E33-suffix", {"a": 1, "b": 2}, partial("a", component="Pag"), {"a": 1, "b": 2}, {}),
    ("E33-space", {"a": 1, "b": 2}, partial("a", component="Page "), {"a": 1, "b": 2}, {}),
    ("E33-data-alone", {"a": 1, "b": 2}, Visit(is_inertia=True, only=("a",)), {"a": 1, "b": 2}, {}),
    ("E33-except-alone", {"a": 1, "b": 2}, Visit(is_inertia=True, except_=("a",)), {"a": 1, "b": 2}, {}),
    ("E33-no-inertia", {"a": 1, "b": 2}, Visit(partial_component="Page", only=("a",)), {"a": 1, "b": 2}, {}),
    ("E33-component-alone", {"a": 1, "b": optional(value), "c": defer(value)}, partial(), {"a": 1, "b": 1, "c": 1}, {}),
    # E34: the props listed, and always-props; unknown names are ignored.
    ("E34-one", {"a": 1, "b": 2}, partial("a"), {"a": 1}, {}),
    ("E34-two-in-the-order-of-the-page", {"a": 1, "b": 2, "c": 3}, partial("c,a"), {"a": 1, "c": 3}, {}),
    ("E34-always", {"a": 1, "b": always(2), "c": 3}, partial("a"), {"a": 1, "b": 2}, {}),
    ("E34-unknown", {"a": 1}, partial("a,nope"), {"a": 1}, {}),
    ("E34-only-unknown", {"a": boom, "b": always(2)}, partial("nope"), {"b": 2}, {}),
    ("E34-unknown-below", {"a": {"x": 1}}, partial("a.nope"), {"a": {}}, {}),
    ("E34-twice", {"a": 1, "b": 2}, partial("a,a"), {"a": 1}, {}),
    ("E34-optional", {"a": optional(value), "b": boom}, partial("a"), {"a": 1}, {}),
    ("E34-deferred", {"a": defer(avalue), "b": boom}, partial("a"), {"a": 1}, {}),
    ("E34-case-counts", {"a": 1, "A": 2}, partial("A"), {"A": 2}, {}),
    # E35: everything else, deferred and optional props included.
    ("E35-one", {"a": boom, "b": 2}, partial(except_="a"), {"b": 2}, {}),
    ("E35-deferred-and-optional", {"a": boom, "b": defer(value), "c": optional(value), "d": once(value)}, partial(except_="a"), {"b": 1, "c": 1, "d": 1}, {"onceProps": once_metadata("d")}),
    ("E35-unknown", {"a": 1, "b": defer(value)}, partial(except_="nope"), {"a": 1, "b": 1}, {}),
    ("E35-all", {"a": boom, "b": boom}, partial(except_="a,b"), {}, {}),
    # E36: only first, then except.
    ("E36-removes", {"a": 1, "b": boom, "c": boom}, partial("a,b", except_="b"), {"a": 1}, {}),
    ("E36-removes-all", {"a": boom}, partial("a", except_="a"), {}, {}),
    ("E36-removes-below", {"u": USER, "b": boom}, partial("u", except_="u.email"), {"u": {"name": "Ada"}}, {}),
    ("E36-except-above-beats-only-below", {"u": boom}, partial("u.name", except_="u"), {}, {}),
    ("E36-except-of-something-else", {"a": 1, "b": boom}, partial("a", except_="b"), {"a": 1}, {}),
    # E37: dotted paths in both directions.
    ("E37-only-leaf", {"u": USER}, partial("u.name"), {"u": {"name": "Ada"}}, {}),
    ("E37-only-two-leaves", {"u": {**USER, "id": 1}}, partial("u.id,u.name"), {"u": {"name": "Ada", "id": 1}}, {}),
    ("E37-only-subtree", {"u": {"p": USER, "q": boom}}, partial("u.p"), {"u": {"p": USER}}, {}),
    ("E37-only-parent-and-child", {"u": USER}, partial("u,u.name"), {"u": USER}, {}),
    ("E37-only-child-and-parent", {"u": USER}, partial("u.name,u"), {"u": USER}, {}),
    ("E37-only-leaf-of-callable", {"u": lambda: dict(USER)}, partial("u.name"), {"u": {"name": "Ada"}}, {}),
    ("E37-only-leaf-of-deferred", {"u": defer(lambda: dict(USER))}, partial("u.name"), {"u": {"name": "Ada"}}, {}),
    ("E37-only-leaf-of-optional", {"u": optional(lambda: dict(USER))}, partial("u.name"), {"u": {"name": "Ada"}}, {}),
    ("E37-only-leaf-of-once", {"u": once(lambda: dict(USER))}, partial("u.name"), {"u": {"name": "Ada"}}, {"onceProps": once_metadata("u")}),
    ("E37-only-leaf-of-always-gives-all", {"u": always(lambda: dict(USER))}, partial("u.name"), {"u": USER}, {}),
    ("E37-only-below-a-scalar", {"u": None, "b": boom}, partial("u.name"), {"u": None}, {}),
    ("E37-only-tree-with-kinds", {"u": {"name": "Ada", "late": defer(value), "maybe": optional(value), "kept": once(value)}}, partial("u"), {"u": {"name": "Ada", "late": 1, "maybe": 1, "kept": 1}}, {"onceProps": once_metadata("u.kept")}),
    ("E37-only-kind-in-tree", {"u": {"name": boom, "late": defer(value)}}, partial("u.late"), {"u": {"late": 1}}, {}),
    ("E37-only-leaf-of-kind-in-tree", {"u": {"late": defer(lambda: dict(USER)), "b": boom}}, partial("u.late.name"), {"u": {"late": {"name": "Ada"}}}, {}),
    ("E37-name-of-a-leaf-is-no-path", {"d": 1, "a": {"d": optional(boom)}}, partial("d"), {"d": 1}, {}),
    ("E37-prefix-of-a-name-is-no-path", {"user": boom, "users": 1}, partial("users"), {"users": 1}, {}),
    ("E37-except-leaf", {"u": USER}, partial(except_="u.email"), {"u": {"name": "Ada"}}, {}),
    ("E37-except-subtree", {"u": {"p": boom, "q": 1}}, partial(except_="u.p"), {"u": {"q": 1}}, {}),
    ("E37-except-parent-and-child", {"u": boom, "b": 1}, partial(except_="u.p,u"), {"b": 1}, {}),
    ("E37-except-all-leaves", {"u": USER, "b": 1}, partial(except_="u.name,u.email"), {"u": {}, "b": 1}, {}),
    ("E37-except-leaf-of-callable", {"u": lambda: dict(USER)}, partial(except_="u.email"), {"u": {"name": "Ada"}}, {}),
    ("E37-except-leaf-of-kind", {"u": defer(lambda: dict(USER))}, partial(except_="u.email"), {"u": {"name": "Ada"}}, {}),
    ("E37-except-kind-in-tree", {"u": {"name": "Ada", "late": defer(boom)}}, partial(except_="u.late"), {"u": {"name": "Ada"}}, {}),
    ("E37-except-below-a-scalar", {"u": 5}, partial(except_="u.name"), {"u": 5}, {}),
    ("E37-except-name-of-a-leaf-is-no-path", {"a": {"d": 1}, "d": boom}, partial(except_="d"), {"a": {"d": 1}}, {}),
    ("E37-index", {"items": ROWS}, partial("items.0.x"), {"items": [{"x": 1}]}, {}),
    ("E37-two-indexes", {"items": ROWS}, partial("items.0.x,items.2"), {"items": [{"x": 1}, {"x": 5, "y": 6}]}, {}),
    ("E37-index-of-callable", {"items": lambda: list(ROWS)}, partial("items.1"), {"items": [{"x": 3, "y": 4}]}, {}),
    ("E37-index-out-of-range", {"items": ROWS}, partial("items.9"), {"items": []}, {}),
    ("E37-index-is-no-number", {"items": ROWS}, partial("items.x"), {"items": []}, {}),
    ("E37-index-negative", {"items": ROWS}, partial("items.-1"), {"items": []}, {}),
    ("E37-index-excepted", {"items": ROWS}, partial(except_="items.1,items.0.y"), {"items": [{"x": 1}, {"x": 5, "y": 6}]}, {}),
    ("E37-index-of-tuple", {"items": ("a", "b")}, partial("items.1"), {"items": ["b"]}, {}),
    ("E37-number-as-key", {"rows": {1: {"x": 1}, 2: boom}}, partial("rows.1"), {"rows": {1: {"x": 1}}}, {}),
    ("E37-number-as-key-of-a-kind", {"rows": {1: defer(value), 2: defer(boom)}}, partial("rows.1"), {"rows": {1: 1}}, {}),
    # E38: what is excluded is not called.
    ("E38-unselected", {"a": boom, "b": 2}, partial("b"), {"b": 2}, {}),
    ("E38-below-unselected", {"a": {"x": boom, "y": {"z": defer(boom)}}, "b": 2}, partial("b"), {"b": 2}, {}),
    ("E38-beside-selected", {"a": {"x": boom, "y": 1}}, partial("a.y"), {"a": {"y": 1}}, {}),
    ("E38-excepted", {"a": boom, "b": {"c": boom, "d": 1}}, partial(except_="a,b.c"), {"b": {"d": 1}}, {}),
    # E39: always-props, also when excepted, at any depth.
    ("E39-excepted", {"a": always(1), "b": 2}, partial(except_="a"), {"a": 1, "b": 2}, {}),
    ("E39-only-and-excepted", {"a": always(1), "b": 2}, partial("b", except_="a"), {"a": 1, "b": 2}, {}),
    ("E39-nested", {"a": {"n": always(1), "x": boom}, "b": 2}, partial("b"), {"a": {"n": 1}, "b": 2}, {}),
    ("E39-nested-excepted", {"a": {"n": always(1), "x": boom}, "b": 2}, partial(except_="a"), {"a": {"n": 1}, "b": 2}, {}),
    ("E39-deep", {"a": {"b": {"c": {"d": always(value)}}}, "x": 1}, partial("x"), {"a": {"b": {"c": {"d": 1}}}, "x": 1}, {}),
    # E41: only full visits get announcements.
    ("E41-selected", {"a": defer(value)}, partial("a"), {"a": 1}, {}),
    ("E41-unselected", {"a": defer(boom), "b": 2}, partial("b"), {"b": 2}, {}),
    ("E41-excepted", {"a": defer(boom), "b": 2}, partial(except_="a"), {"b": 2}, {}),
    ("E41-nested", {"a": {"b": defer(boom), "c": 1}}, partial("a.c"), {"a": {"c": 1}}, {}),
    # E42, E47: dotted paths of nested prop types; labels only for selected props.
    ("E42-labels", {"a": {"m": merge([1]), "d": deep_merge({}), "o": once(1)}}, FULL, {"a": {"m": [1], "d": {}, "o": 1}}, {"mergeProps": ["a.m"], "deepMergeProps": ["a.d"], "onceProps": once_metadata("a.o")}),
    ("E42-merge-path", {"a": {"m": merge({"data": []}, path="data", match_on="id")}}, FULL, {"a": {"m": {"data": []}}}, {"mergeProps": ["a.m.data"], "matchPropsOn": ["a.m.data.id"]}),
    ("E42-deferred-deep", {"a": {"b": {"c": defer(boom)}}}, BROWSER, {"a": {"b": {}}}, {"deferredProps": {"default": ["a.b.c"]}}),
    ("E42-rescued-deep", {"a": {"b": {"c": defer(boom, rescue=True), "d": 1}}}, partial("a"), {"a": {"b": {"d": 1}}}, {"rescuedProps": ["a.b.c"]}),
    ("E47-label-of-an-unselected-path", {"a": {"m": merge([1]), "n": merge([2])}}, partial("a.n"), {"a": {"n": [2]}}, {"mergeProps": ["a.n"]}),
    ("E47-label-of-an-excepted-path", {"a": {"m": merge([1]), "n": merge([2])}}, partial(except_="a.m"), {"a": {"n": [2]}}, {"mergeProps": ["a.n"]}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("props", "visit", "expected", "metadata"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_rows(props: dict[str, Any], visit: Visit, expected: dict[str, Any], metadata: dict[str, Any]) -> None:
    tree, written = run(props, visit)
    assert tree == expected
    assert list(tree) == list(expected), "the order of the props is kept"
    assert written == metadata


@pytest.mark.parametrize(
    "visit", [FULL, partial("b"), partial(except_="errors"), partial("b", except_="errors"), partial("errors")]
)
def test_e39_errors_are_there_whatever_is_asked_for(visit: Visit) -> None:
    tree, _ = run({"b": 1}, visit, first={"errors": {"name": "Too short"}})
    assert tree["errors"] == {"name": "Too short"}
    assert next(iter(tree)) == "errors"


HOSTILE = [
    ".", "..", ".....", "." * 8_000, ".a", "a.", "a..", "__proto__", "__proto__.polluted", "constructor.prototype", "a.__class__", "a.__dict__", "__class__.__init__",
    "a.b." * 100, ".".join("a" * 65), "*", "a.*", "a[0]", "%61", "\x00", "a\x00", " ", "a\n", "é", "\udcff", "0", "-1", "../a", "/a", "{a}", "a;b", "true", "None",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE, ids=ascii)
def test_e37_a_hostile_path_selects_nothing_but_names(path: str) -> None:
    calls = Calls()
    tree, metadata = run(
        {"a": {"b": calls("b")}, "c": calls("c"), "d": defer(calls("d"))},
        Visit(is_inertia=True, partial_component="Page", only=(path,)),
    )
    assert "c" not in calls
    assert "d" not in calls
    assert set(tree) <= {"a"}
    assert metadata == {}


@pytest.mark.parametrize("path", [path for path in HOSTILE if path.strip(".") != "a"], ids=ascii)
def test_e37_a_hostile_except_path_removes_nothing(path: str) -> None:
    tree, _ = run(
        {"a": {"b": value}, "c": value, "d": defer(value)},
        Visit(is_inertia=True, partial_component="Page", except_=(path,)),
    )
    assert tree == {"a": {"b": 1}, "c": 1, "d": 1}


def test_e37_paths_of_many_segments_cost_no_recursion() -> None:
    deep: Any = {"x": 1}
    for _ in range(500):
        deep = {"a": deep}
    assert run({"a": deep}, partial(".".join("a" * 400)))[0] == {}
    assert run({"a": deep}, partial(except_=".".join("a" * 400)))[0] == {"a": deep}


class Address(msgspec.Struct):
    city: str = "London"
    zip_code: str = msgspec.field(default="N1", name="zip")


class Person(msgspec.Struct):
    name: str = "Ada"
    home: Address = msgspec.field(default_factory=Address)


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (partial("p.name"), {"p": {"name": "Ada"}}),
        (partial("p.home.zip"), {"p": {"home": {"zip": "N1"}}}),
        (partial(except_="p.home.city,q"), {"p": {"name": "Ada", "home": {"zip": "N1"}}}),
        (partial("q.0.name"), {"q": [{"name": "Ada"}]}),
        (partial("late.home.city"), {"late": {"home": {"city": "London"}}}),
    ],
)
def test_e37_parts_of_models_are_selected_by_their_names_on_the_wire(visit: Visit, expected: Any) -> None:
    props = {"p": Person(), "q": [Person()], "late": defer(Person)}
    tree, _ = run(props, visit, to_builtins=msgspec.to_builtins)
    if "late" not in expected:
        tree.pop("late", None)
    assert tree == expected


def test_e37_a_model_that_is_wanted_whole_is_not_turned_into_dicts() -> None:
    def forbidden(_: Any) -> Any:
        raise AssertionError("converted a model that was requested as a whole")

    person = Person()
    for visit in (FULL, partial("p"), partial(except_="q.x")):
        assert run({"p": person}, visit, to_builtins=forbidden)[0]["p"] is person


@pytest.mark.parametrize(
    ("only", "except_", "expected"),
    [
        ([], [], {"a": {"b": 1, "c": [2, 3]}, "d": 4}),
        (["a"], [], {"a": {"b": 1, "c": [2, 3]}}),
        (["a.b"], [], {"a": {"b": 1}}),
        (["a.c.1"], [], {"a": {"c": [3]}}),
        (["a.c.0.x"], [], {"a": {"c": [2]}}),
        (["a", "a.b"], [], {"a": {"b": 1, "c": [2, 3]}}),
        (["d", "a.b"], ["d"], {"a": {"b": 1}}),
        ([], ["a"], {"d": 4}),
        ([], ["a.c"], {"a": {"b": 1}, "d": 4}),
        ([], ["a.c.0"], {"a": {"b": 1, "c": [3]}, "d": 4}),
        ([], ["a", "a.b"], {"d": 4}),
        ([], ["x", "a.x", "d.x"], {"a": {"b": 1, "c": [2, 3]}, "d": 4}),
        (["a"], ["a.b"], {"a": {"c": [2, 3]}}),
        (["a.b"], ["a"], {}),
        (["."], [], {}),
        ([], ["."], {"a": {"b": 1, "c": [2, 3]}, "d": 4}),
        (["x"], [], {}),
    ],
)
def test_prune_keeps_what_is_selected(only: list[str], except_: list[str], expected: Any) -> None:
    data = {"a": {"b": 1, "c": [2, 3]}, "d": 4}
    assert prune(data, select(only, except_)) == expected
    assert data == {"a": {"b": 1, "c": [2, 3]}, "d": 4}


def test_no_lists_select_everything_at_no_cost() -> None:
    data = {"a": [1]}
    assert select([], []) is EVERYTHING
    assert EVERYTHING.step("a") is EVERYTHING
    assert prune(data, EVERYTHING) is data


@pytest.mark.protocol("E39")
@pytest.mark.parametrize(
    "visit", [partial("a.x"), partial("b"), partial(except_="a.x"), partial(except_="a"), partial("a.x", except_="a.y")]
)
def test_an_always_prop_is_whole_whatever_part_of_it_is_asked_for(visit: Visit) -> None:
    value = {"x": 1, "y": [2]}
    assert (
        run({"a": always(value), "n": {"a": always(lambda: value)}, "b": 3}, visit)[0].items()
        >= {"a": value, "n": {"a": value}}.items()
    )
