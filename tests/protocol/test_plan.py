"""Tables of (props, visit) → (props, metadata). Ids name the line of the protocol they show."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from litestar_vite.inertia.evaluate import evaluate
from litestar_vite.inertia.helpers import always, deep_merge, defer, lazy, merge, once, optional, prepend
from litestar_vite.inertia.protocol.headers import INERTIA
from litestar_vite.inertia.protocol.paths import prune, select
from litestar_vite.inertia.protocol.resolver import plan
from litestar_vite.inertia.protocol.visit import Visit, read_visit

FULL = Visit(is_inertia=True)
BROWSER = Visit()


def partial(only: str = "", except_: str = "", reset: str = "", known: str = "") -> Visit:
    def keys(value: str) -> tuple[str, ...]:
        return tuple(value.split(",")) if value else ()

    return Visit(
        is_inertia=True, partial_component="Page", only=keys(only), except_=keys(except_), reset=keys(reset), known_once=keys(known)
    )


def run(props: dict[str, Any], visit: Visit, rescued: list[str] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    planned = plan(props, visit, "Page")

    async def go() -> None:
        await evaluate(planned, lambda path, _: (rescued if rescued is not None else []).append(path))

    anyio.run(go)
    return planned.tree, planned.metadata


def value() -> int:
    return 1


async def avalue() -> int:
    return 1


def boom() -> None:
    raise LookupError("gone")


# (id, props, visit, expected props, expected metadata)
TABLE: list[tuple[str, dict[str, Any], Visit, dict[str, Any], dict[str, Any]]] = [
    ("F-plain-full", {"a": 1}, FULL, {"a": 1}, {}),
    ("F-callable-full", {"a": value, "b": avalue}, FULL, {"a": 1, "b": 1}, {}),
    ("F-optional-full", {"a": optional(value)}, FULL, {}, {}),
    ("F-optional-partial", {"a": optional(value)}, partial("a"), {"a": 1}, {}),
    ("F-lazy-is-optional", {"a": lazy(value)}, FULL, {}, {}),
    ("F-always-full", {"a": always(value)}, FULL, {"a": 1}, {}),
    ("F-always-partial-unselected", {"a": always(value), "b": 2}, partial("b"), {"a": 1, "b": 2}, {}),
    ("F-always-excepted", {"a": always(value), "b": 2}, partial(except_="a"), {"a": 1, "b": 2}, {}),
    ("F-defer-full", {"a": defer(value)}, FULL, {}, {"deferredProps": {"default": ["a"]}}),
    ("F-defer-browser", {"a": defer(value)}, BROWSER, {}, {"deferredProps": {"default": ["a"]}}),
    (
        "F-defer-groups",
        {"a": defer(value), "b": defer(value, group="x"), "c": defer(value, group="x")},
        FULL,
        {},
        {"deferredProps": {"default": ["a"], "x": ["b", "c"]}},
    ),
    ("F-defer-partial", {"a": defer(avalue)}, partial("a"), {"a": 1}, {}),
    ("F-defer-args", {"a": defer(lambda x, y: x + y, 1, 2)}, partial("a"), {"a": 3}, {}),
    ("F-rescue", {"a": defer(boom, rescue=True), "b": defer(value)}, partial("a,b"), {"b": 1}, {"rescuedProps": ["a"]}),
    ("F-merge-full", {"a": merge([1])}, FULL, {"a": [1]}, {"mergeProps": ["a"]}),
    ("F-merge-partial", {"a": merge([1])}, partial("a"), {"a": [1]}, {"mergeProps": ["a"]}),
    ("E47-merge-unselected", {"a": merge([1]), "b": 2}, partial("b"), {"b": 2}, {}),
    ("F-merge-path", {"a": merge({"data": [1]}, path="data")}, FULL, {"a": {"data": [1]}}, {"mergeProps": ["a.data"]}),
    ("F-prepend", {"a": prepend([1])}, FULL, {"a": [1]}, {"prependProps": ["a"]}),
    ("F-deep-merge", {"a": deep_merge({"b": [1]})}, FULL, {"a": {"b": [1]}}, {"deepMergeProps": ["a"]}),
    ("F-match-on", {"a": merge([1], match_on="id")}, FULL, {"a": [1]}, {"mergeProps": ["a"], "matchPropsOn": ["a.id"]}),
    (
        "F-match-on-path",
        {"a": merge({"data": [1]}, path="data", match_on=["id"])},
        FULL,
        {"a": {"data": [1]}},
        {"mergeProps": ["a.data"], "matchPropsOn": ["a.data.id"]},
    ),
    ("F-once-full", {"a": once(value)}, FULL, {"a": 1}, {"onceProps": {"a": {"prop": "a", "expiresAt": None}}}),
    (
        "E45-once-known",
        {"a": once(boom)},
        Visit(is_inertia=True, known_once=("a",)),
        {},
        {"onceProps": {"a": {"prop": "a", "expiresAt": None}}},
    ),
    (
        "E45-once-known-browser",
        {"a": once(value)},
        Visit(known_once=("a",)),
        {"a": 1},
        {"onceProps": {"a": {"prop": "a", "expiresAt": None}}},
    ),
    ("E45-once-known-partial", {"a": once(value)}, partial("a", known="a"), {"a": 1}, {"onceProps": {"a": {"prop": "a", "expiresAt": None}}}),
    (
        "E46-once-fresh",
        {"a": once(value, fresh=True)},
        Visit(is_inertia=True, known_once=("a",)),
        {"a": 1},
        {"onceProps": {"a": {"prop": "a", "expiresAt": None}}},
    ),
    (
        "E46-once-key",
        {"a": once(boom, key="plans")},
        Visit(is_inertia=True, known_once=("plans",)),
        {},
        {"onceProps": {"plans": {"prop": "a", "expiresAt": None}}},
    ),
    (
        "E46-once-until-datetime",
        {"a": once(1, until=datetime(2030, 1, 1, tzinfo=UTC))},
        FULL,
        {"a": 1},
        {"onceProps": {"a": {"prop": "a", "expiresAt": 1893456000000}}},
    ),
    ("E44-merge-of-defer", {"a": merge(defer(value))}, FULL, {}, {"deferredProps": {"default": ["a"]}, "mergeProps": ["a"]}),
    ("E44-defer-of-merge", {"a": defer(merge(value))}, FULL, {}, {"deferredProps": {"default": ["a"]}, "mergeProps": ["a"]}),
    ("E44-merge-of-defer-partial", {"a": merge(defer(avalue))}, partial("a"), {"a": 1}, {"mergeProps": ["a"]}),
    (
        "E44-once-of-defer",
        {"a": once(defer(value))},
        FULL,
        {},
        {"deferredProps": {"default": ["a"]}, "onceProps": {"a": {"prop": "a", "expiresAt": None}}},
    ),
    (
        "E45-once-of-defer-known",
        {"a": once(defer(boom))},
        Visit(is_inertia=True, known_once=("a",)),
        {},
        {"onceProps": {"a": {"prop": "a", "expiresAt": None}}},
    ),
    (
        "E44-merge-of-once",
        {"a": merge(once([1]))},
        FULL,
        {"a": [1]},
        {"mergeProps": ["a"], "onceProps": {"a": {"prop": "a", "expiresAt": None}}},
    ),
    ("E44-always-of-once", {"a": always(once(1)), "b": 2}, partial("b"), {"a": 1, "b": 2}, {"onceProps": {"a": {"prop": "a", "expiresAt": None}}}),
    ("E44-optional-of-once", {"a": optional(once(value))}, partial("a"), {"a": 1}, {"onceProps": {"a": {"prop": "a", "expiresAt": None}}}),
    ("E33-other-component", {"a": 1, "b": defer(value)}, Visit(is_inertia=True, partial_component="Other", only=("b",)), {"a": 1}, {"deferredProps": {"default": ["b"]}}),
    ("E33-data-header-alone", {"a": 1, "b": 2}, Visit(is_inertia=True, only=("b",)), {"a": 1, "b": 2}, {}),
    ("E34-unknown-key", {"a": 1}, partial("a,nope"), {"a": 1}, {}),
    ("E35-except", {"a": 1, "b": defer(value), "c": optional(value)}, partial(except_="a"), {"b": 1, "c": 1}, {}),
    ("E36-only-and-except", {"a": 1, "b": 2}, partial("a,b", except_="b"), {"a": 1}, {}),
    ("E37-only-leaf", {"u": {"name": "A", "mail": "m"}}, partial("u.name"), {"u": {"name": "A"}}, {}),
    ("E37-only-leaf-of-callable", {"u": lambda: {"name": "A", "mail": "m"}}, partial("u.name"), {"u": {"name": "A"}}, {}),
    ("E37-only-tree", {"u": {"name": "A", "deep": defer(value)}}, partial("u"), {"u": {"name": "A", "deep": 1}}, {}),
    ("E37-leaf-name-is-no-path", {"d": 1, "a": {"d": optional(boom)}}, partial("d"), {"d": 1}, {}),
    ("E37-except-leaf", {"u": {"name": "A", "mail": "m"}}, partial(except_="u.mail"), {"u": {"name": "A"}}, {}),
    ("E37-list-index", {"items": [{"x": 1, "y": 2}, {"x": 3}]}, partial("items.0.x"), {"items": [{"x": 1}]}, {}),
    ("E38-excluded-is-not-called", {"a": boom, "b": 2}, partial("b"), {"b": 2}, {}),
    ("E40-reset", {"a": merge([1], match_on="id")}, partial("a", reset="a"), {"a": [1]}, {}),
    ("E41-no-announcement-on-partials", {"a": defer(value), "b": 2}, partial("b"), {"b": 2}, {}),
    ("E42-nested", {"auth": {"n": defer(value), "m": merge([1]), "u": 1}}, FULL, {"auth": {"m": [1], "u": 1}}, {"deferredProps": {"default": ["auth.n"]}, "mergeProps": ["auth.m"]}),
    ("E42-nested-always", {"auth": {"n": always(1)}, "b": 2}, partial("b"), {"auth": {"n": 1}, "b": 2}, {}),
    ("B16-dotted", {"auth": {"a": 1}, "auth.user": "Ada", "auth.late": defer(value)}, FULL, {"auth": {"a": 1, "user": "Ada"}}, {"deferredProps": {"default": ["auth.late"]}}),
    ("B17-callable-gives-kind", {"a": lambda: merge([1]), "b": lambda: defer(value)}, FULL, {"a": [1]}, {"mergeProps": ["a"], "deferredProps": {"default": ["b"]}}),
    ("B17-callable-gives-dict-with-kind", {"a": lambda: {"b": optional(boom), "c": value}}, FULL, {"a": {"c": 1}}, {}),
    ("keyed-forms", {"a": defer("a", value), "b": merge("b", [1]), "c": always("c", 3), "d": optional("d", value)}, FULL, {"b": [1], "c": 3}, {"deferredProps": {"default": ["a"]}, "mergeProps": ["b"]}),
    ("order", {"z": value, "a": 1, "m": avalue}, FULL, {"z": 1, "a": 1, "m": 1}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("props", "visit", "expected", "metadata"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(props: dict[str, Any], visit: Visit, expected: dict[str, Any], metadata: dict[str, Any]) -> None:
    tree, written = run(props, visit)
    assert tree == expected
    assert list(tree) == list(expected), "the order of the props is kept"
    assert written == metadata


def test_rescued_props_are_reported() -> None:
    reported: list[str] = []
    run({"a": {"b": defer(boom, rescue=True)}}, partial("a"), reported)
    assert reported == ["a.b"]


def test_a_prop_that_is_not_rescued_raises() -> None:
    with pytest.raises(LookupError):
        run({"a": defer(boom)}, partial("a"))


@pytest.mark.parametrize(("until", "milliseconds"), [(timedelta(minutes=1), 60_000), (90, 90_000), (0.5, 500)])
def test_once_expires_after_a_while(until: Any, milliseconds: int) -> None:
    planned = plan({"a": once(1, until=until)}, FULL, "Page")
    assert planned.metadata["onceProps"]["a"]["expiresAt"] == planned.situation.now_ms + milliseconds


def test_once_until_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        once(1, until=datetime(2030, 1, 1))  # noqa: DTZ001


def test_users_dicts_are_not_changed() -> None:
    inner = {"late": defer(value), "n": 1}
    props = {"auth": inner, "auth.user": "Ada"}
    run(props, FULL)
    assert list(inner) == ["late", "n"]
    assert list(props) == ["auth", "auth.user"]


def test_a_dict_of_many_keys_is_data_and_is_not_entered() -> None:
    rows = {str(number): {"n": number} for number in range(300)}
    tree, _ = run({"rows": rows, "late": defer(value)}, FULL)
    assert tree["rows"] is rows


def test_a_cyclic_dict_ends() -> None:
    cycle: dict[str, Any] = {"late": defer(value)}
    cycle["self"] = cycle
    assert plan({"a": cycle}, FULL, "Page").tree["a"]


def test_a_callable_that_returns_kinds_for_ever_is_stopped() -> None:
    def again() -> Any:
        return always(again)

    with pytest.raises(Exception, match="keeps returning prop kinds"):
        run({"a": again}, FULL)


def test_planning_calls_nothing() -> None:
    plan({"a": boom, "b": always(boom), "c": defer(boom), "d": {"e": boom}}, FULL, "Page")
    plan({"a": boom, "b": always(boom), "c": defer(boom), "d": {"e": boom}}, partial("a,c,d"), "Page")


KEYS = st.sampled_from(["a", "b", "c", "0", "1"])
PATHS = st.lists(st.lists(KEYS, min_size=1, max_size=3).map(".".join), max_size=4)
DATA = st.recursive(st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=12)


def leaves(data: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else None
    return {path} if items is None else {leaf for key, item in items for leaf in leaves(item, (*path, str(key)))}


def starts_with_one(path: tuple[str, ...], paths: list[str]) -> bool:
    return any(path[: len(parts)] == parts for parts in (tuple(p.split(".")) for p in paths))


@given(st.dictionaries(KEYS, DATA.filter(lambda d: not isinstance(d, list)), max_size=4), PATHS, PATHS)
def test_a_selection_keeps_exactly_the_leaves_that_a_plain_reading_of_the_rules_keeps(
    data: dict[str, Any], only: list[str], except_: list[str]
) -> None:
    """The reference: a leaf stays if it is below or above a path of `only` (or there is none), and below no path of `except`.

    Above: where a part was asked for and there is only a scalar, say None, the client gets to know it.
    """
    if any(isinstance(item, list) for item in _all_values(data)):
        return  # Lists are renumbered when items are dropped.
    kept = leaves(prune(data, select(only, except_))) if data else set()
    expected = (
        {
            path
            for path in leaves(data)
            if (not only or starts_with_one(path, only) or leads_to_one(path, only)) and not starts_with_one(path, except_)
        }
        if data
        else set()
    )
    assert {path for path in kept if path} == {path for path in expected if path}


def leads_to_one(path: tuple[str, ...], paths: list[str]) -> bool:
    return any(tuple(p.split("."))[: len(path)] == path for p in paths)


def _all_values(data: Any) -> list[Any]:
    inner = list(data.values()) if isinstance(data, dict) else data if isinstance(data, list) else []
    return [data, *(value for item in inner for value in _all_values(item))]


HEADER_NAMES = st.sampled_from(
    [b"x-inertia", b"x-inertia-version", b"x-inertia-partial-component", b"x-inertia-partial-data", b"x-inertia-partial-except",
     b"x-inertia-reset", b"x-inertia-except-once-props", b"x-inertia-error-bag", b"purpose", b"precognition", b"accept"]
)  # fmt: skip


@given(st.dictionaries(HEADER_NAMES, st.binary(max_size=300)))
def test_reading_a_visit_never_raises(headers: dict[bytes, bytes]) -> None:
    visit = read_visit(headers)
    assert isinstance(visit, Visit)
    plan({"a": 1, "b": {"c": always(2)}}, visit, "Page")


@pytest.mark.parametrize(
    "data", [b"a," * 40_000, b",".join(b"%d" % n for n in range(10_000)), b"x" * 65_536], ids=["many bytes", "many keys", "one key"]
)
def test_headers_over_the_caps_give_a_full_page(data: bytes) -> None:
    visit = read_visit({INERTIA: b"true", b"x-inertia-partial-component": b"Page", b"x-inertia-partial-data": data})
    assert visit.is_inertia
    assert not visit.is_partial_for("Page")


def test_empty_items_of_a_header_are_dropped() -> None:
    visit = read_visit({INERTIA: b"true", b"x-inertia-partial-component": b"Page", b"x-inertia-partial-data": b" a,, b ,"})
    assert visit.only == ("a", "b")
