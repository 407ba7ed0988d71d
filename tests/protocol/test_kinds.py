"""Table F of the protocol, cell by cell: whether each prop type is sent and called on each visit, and its metadata."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from msgspec import Struct
from pydantic import BaseModel

from litestar_vite.inertia._pagination import ScrollMetadata, scroll
from litestar_vite.inertia._protocol.props import Prop
from litestar_vite.inertia._protocol.resolver import plan
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import always, deep_merge, defer, lazy, merge, once, optional, prepend
from tests.protocol.planning import (
    BROWSER,
    COMPONENT,
    FULL,
    Calls,
    Row,
    aboom,
    boom,
    knows,
    once_metadata,
    partial,
    run,
    value,
)

VISITS: dict[str, Visit] = {
    "browser": BROWSER,
    "full": FULL,
    "elsewhere": partial("a", component="Other"),
    "selected": partial("a"),
    "below": partial("a.x"),
    "unselected": partial("b"),
    "excepted": partial(except_="a"),
    "not-excepted": partial(except_="b"),
    "only-and-excepted": partial("a,b", except_="a"),
    "reset": partial("a", reset="a"),
    "reset-alone": partial("b", reset="a"),
    "known": knows("a"),
    "known-browser": Visit(known_once=("a",)),
    "known-partial": partial("a", known="a"),
}
WHOLE = frozenset({"browser", "full", "elsewhere", "known", "known-browser"})
"""The visits that get a whole page, including a partial reload of another component."""
CHOSEN = frozenset({"selected", "below", "not-excepted", "reset", "known-partial"})
"""The partial reloads that select the prop."""
EVERY = frozenset(VISITS)
NOT_RESET = frozenset({"selected", "below", "not-excepted", "known-partial"})


class Kind(Struct):
    """One line of table F."""

    make: Callable[[Any], Any]
    sent: frozenset[str]
    metadata: dict[str, tuple[Any, frozenset[str]]] = {}
    """Page key → its value, and the visits that have it."""


def scrolled(fn: Any) -> Any:
    return scroll(fn, wrapper="x", metadata=ScrollMetadata(1, None, 2))


class Scrolled(dict[str, Any]):
    """The value of scrollProps. `reset` depends on the visit."""

    def on(self, visit: str) -> dict[str, Any]:
        return {
            "a": {
                "pageName": "page",
                "previousPage": None,
                "nextPage": 2,
                "currentPage": 1,
                "reset": VISITS[visit].reset == ("a",),
            }
        }


DEFERRED = {"default": ["a"]}
SCROLLED = Scrolled()
SCROLL_LABEL = (["a.x"], WHOLE | NOT_RESET)
ONCE = once_metadata()
KINDS: dict[str, Kind] = {
    "callable": Kind(lambda fn: fn, WHOLE | CHOSEN),
    "optional": Kind(optional, CHOSEN),
    "lazy": Kind(lazy, CHOSEN),
    "always": Kind(always, EVERY),
    "defer": Kind(defer, CHOSEN, {"deferredProps": (DEFERRED, WHOLE)}),
    "defer-group": Kind(lambda fn: defer(fn, group="side"), CHOSEN, {"deferredProps": ({"side": ["a"]}, WHOLE)}),
    "defer-rescue": Kind(lambda fn: defer(fn, rescue=True), CHOSEN, {"deferredProps": (DEFERRED, WHOLE)}),
    "merge": Kind(merge, WHOLE | CHOSEN, {"mergeProps": (["a"], WHOLE | NOT_RESET)}),
    "merge-path": Kind(lambda fn: merge(fn, path="x"), WHOLE | CHOSEN, {"mergeProps": (["a.x"], WHOLE | NOT_RESET)}),
    "prepend": Kind(prepend, WHOLE | CHOSEN, {"prependProps": (["a"], WHOLE | NOT_RESET)}),
    "prepend-path": Kind(
        lambda fn: prepend(fn, path="x"), WHOLE | CHOSEN, {"prependProps": (["a.x"], WHOLE | NOT_RESET)}
    ),
    "deep-merge": Kind(deep_merge, WHOLE | CHOSEN, {"deepMergeProps": (["a"], WHOLE | NOT_RESET)}),
    "match-on": Kind(
        lambda fn: merge(fn, match_on="id"),
        WHOLE | CHOSEN,
        {"mergeProps": (["a"], WHOLE | NOT_RESET), "matchPropsOn": (["a.id"], WHOLE | NOT_RESET)},
    ),
    "once": Kind(once, (WHOLE | CHOSEN) - {"known"}, {"onceProps": (ONCE, WHOLE | CHOSEN)}),
    "once-fresh": Kind(lambda fn: once(fn, fresh=True), WHOLE | CHOSEN, {"onceProps": (ONCE, WHOLE | CHOSEN)}),
    "once-other-key": Kind(
        lambda fn: once(fn, key="plans"), WHOLE | CHOSEN, {"onceProps": (once_metadata("plans", "a"), WHOLE | CHOSEN)}
    ),
    # Protocol E44, compositions: each label is independent of the others.
    "merge(defer)": Kind(
        lambda fn: merge(defer(fn)),
        CHOSEN,
        {"deferredProps": (DEFERRED, WHOLE), "mergeProps": (["a"], WHOLE | NOT_RESET)},
    ),
    "defer(merge)": Kind(
        lambda fn: defer(merge(fn)),
        CHOSEN,
        {"deferredProps": (DEFERRED, WHOLE), "mergeProps": (["a"], WHOLE | NOT_RESET)},
    ),
    "deep_merge(defer)": Kind(
        lambda fn: deep_merge(defer(fn)),
        CHOSEN,
        {"deferredProps": (DEFERRED, WHOLE), "deepMergeProps": (["a"], WHOLE | NOT_RESET)},
    ),
    "once(defer)": Kind(
        lambda fn: once(defer(fn)),
        CHOSEN,
        {"deferredProps": (DEFERRED, WHOLE - {"known"}), "onceProps": (ONCE, WHOLE | CHOSEN)},
    ),
    "defer(once)": Kind(
        lambda fn: defer(once(fn)),
        CHOSEN,
        {"deferredProps": (DEFERRED, WHOLE - {"known"}), "onceProps": (ONCE, WHOLE | CHOSEN)},
    ),
    "optional(once)": Kind(lambda fn: optional(once(fn)), CHOSEN, {"onceProps": (ONCE, CHOSEN | {"known"})}),
    "once(optional)": Kind(lambda fn: once(optional(fn)), CHOSEN, {"onceProps": (ONCE, CHOSEN | {"known"})}),
    "merge(once)": Kind(
        lambda fn: merge(once(fn)),
        (WHOLE | CHOSEN) - {"known"},
        # A value that the client keeps is not merged, as the page has no new value.
        {"mergeProps": (["a"], (WHOLE | NOT_RESET) - {"known"}), "onceProps": (ONCE, WHOLE | CHOSEN)},
    ),
    "once(merge)": Kind(
        lambda fn: once(merge(fn)),
        (WHOLE | CHOSEN) - {"known"},
        {"mergeProps": (["a"], (WHOLE | NOT_RESET) - {"known"}), "onceProps": (ONCE, WHOLE | CHOSEN)},
    ),
    "always(once)": Kind(lambda fn: always(once(fn)), EVERY - {"known"}, {"onceProps": (ONCE, EVERY)}),
    "once(always)": Kind(lambda fn: once(always(fn)), EVERY - {"known"}, {"onceProps": (ONCE, EVERY)}),
    "always(merge)": Kind(
        lambda fn: always(merge(fn)), EVERY, {"mergeProps": (["a"], EVERY - {"reset", "reset-alone"})}
    ),
    "once(merge(defer))": Kind(
        lambda fn: once(merge(defer(fn, group="side"))),
        CHOSEN,
        {
            "deferredProps": ({"side": ["a"]}, WHOLE - {"known"}),
            "mergeProps": (["a"], (WHOLE | NOT_RESET) - {"known"}),
            "onceProps": (ONCE, WHOLE | CHOSEN),
        },
    ),
    "scroll": Kind(scrolled, WHOLE | CHOSEN, {"mergeProps": SCROLL_LABEL, "scrollProps": (SCROLLED, WHOLE | CHOSEN)}),
    "scroll(defer)": Kind(
        lambda fn: scrolled(defer(fn)),
        CHOSEN,
        {"deferredProps": (DEFERRED, WHOLE), "mergeProps": SCROLL_LABEL, "scrollProps": (SCROLLED, CHOSEN)},
    ),
    "defer(scroll)": Kind(
        lambda fn: defer(scrolled(fn)),
        CHOSEN,
        {"deferredProps": (DEFERRED, WHOLE), "mergeProps": SCROLL_LABEL, "scrollProps": (SCROLLED, CHOSEN)},
    ),
    "scroll(optional)": Kind(
        lambda fn: scrolled(optional(fn)),
        CHOSEN,
        {"mergeProps": (["a.x"], NOT_RESET), "scrollProps": (SCROLLED, CHOSEN)},
    ),
    "once(scroll)": Kind(
        lambda fn: once(scrolled(fn)),
        (WHOLE | CHOSEN) - {"known"},
        {
            "mergeProps": (["a.x"], (WHOLE | NOT_RESET) - {"known"}),
            "onceProps": (ONCE, WHOLE | CHOSEN),
            "scrollProps": (SCROLLED, (WHOLE | CHOSEN) - {"known"}),
        },
    ),
    # The outermost presence wins.
    "always(defer)": Kind(lambda fn: always(defer(fn)), EVERY),
    "defer(always)": Kind(lambda fn: defer(always(fn)), CHOSEN, {"deferredProps": (DEFERRED, WHOLE)}),
    "optional(defer)": Kind(lambda fn: optional(defer(fn)), CHOSEN),
    "defer(optional)": Kind(lambda fn: defer(optional(fn)), CHOSEN, {"deferredProps": (DEFERRED, WHOLE)}),
}


@pytest.mark.parametrize("visit", VISITS)
@pytest.mark.parametrize("kind", KINDS)
def test_e43_f_every_kind_on_every_visit(kind: str, visit: str) -> None:
    line, calls = KINDS[kind], Calls()
    tree, metadata = run({"a": line.make(calls("a", {"x": 1})), "b": 2}, VISITS[visit])
    sent = visit in line.sent
    assert ("a" in tree) is sent, "sent"
    assert calls == (["a"] if sent else []), "called once, and only when it is sent"
    if sent:
        assert tree["a"] == {"x": 1}
    expected = {key: value for key, (value, visits) in line.metadata.items() if visit in visits}
    assert metadata == {
        key: value.on(visit) if isinstance(value, Scrolled) else value for key, value in expected.items()
    }


@pytest.mark.parametrize("visit", VISITS)
@pytest.mark.parametrize("kind", ["callable", "always", "defer", "merge(defer)", "optional(once)"])
def test_e43_f_an_async_callable_is_treated_as_a_sync_one(kind: str, visit: str) -> None:
    sync, later = Calls(), Calls()
    make = KINDS[kind].make
    assert run({"a": make(sync("a")), "b": 2}, VISITS[visit]) == run(
        {"a": make(later.later("a")), "b": 2}, VISITS[visit]
    )
    assert sync == later


@pytest.mark.parametrize("visit", [name for name in VISITS if name != "below"])
@pytest.mark.parametrize("word", [always, merge, prepend, deep_merge, once])
def test_e43_f_a_value_is_treated_as_a_callable_that_returns_it(word: Any, visit: str) -> None:
    assert run({"a": word([1]), "b": 2}, VISITS[visit]) == run({"a": word(lambda: [1]), "b": 2}, VISITS[visit])


@pytest.mark.parametrize("visit", VISITS)
def test_f_a_plain_value_is_sent_when_it_is_selected_and_says_nothing_of_itself(visit: str) -> None:
    tree, metadata = run({"a": {"x": 1}, "b": 2}, VISITS[visit])
    assert ("a" in tree) is (visit in WHOLE | CHOSEN)
    assert metadata == {}


MORE: list[Row] = [
    ("F-defer-args", {"a": defer(lambda x, y: x + y, 1, 2)}, partial("a"), {"a": 3}, {}),
    ("F-optional-args", {"a": optional(lambda x, y: x + y, 1, 2)}, partial("a"), {"a": 3}, {}),
    (
        "F-defer-groups-keep-the-order-of-the-page",
        {"a": defer(value), "b": defer(value, group="x"), "c": defer(value, group="y"), "d": defer(value, group="x")},
        FULL,
        {},
        {"deferredProps": {"default": ["a"], "x": ["b", "d"], "y": ["c"]}},
    ),
    ("E49-one-group-is-one-answer", {"a": defer(value, group="x"), "b": defer(value, group="x")}, partial("a,b"), {"a": 1, "b": 1}, {}),
    ("F-keyed-defer-args", {"a": defer("a", lambda x: x, 5)}, partial("a"), {"a": 5}, {}),
    ("F-a-lone-string-is-a-value", {"a": merge("x"), "b": always("y"), "c": once("z", fresh=True)}, partial("a,b"), {"a": "x", "b": "y"}, {"mergeProps": ["a"]}),
    ("F-merge-path-deep", {"a": merge({"x": {"y": [1]}}, path="x.y", match_on="id")}, FULL, {"a": {"x": {"y": [1]}}}, {"mergeProps": ["a.x.y"], "matchPropsOn": ["a.x.y.id"]}),
    ("F-match-on-several", {"a": merge([1], match_on=["id", "kind"])}, FULL, {"a": [1]}, {"mergeProps": ["a"], "matchPropsOn": ["a.id", "a.kind"]}),
    ("F-match-on-dotted", {"a": deep_merge({"m": [1]}, match_on="m.id")}, FULL, {"a": {"m": [1]}}, {"deepMergeProps": ["a"], "matchPropsOn": ["a.m.id"]}),
    ("F-match-on-prepend", {"a": prepend([1], match_on="id")}, partial("a"), {"a": [1]}, {"prependProps": ["a"], "matchPropsOn": ["a.id"]}),
    (
        "F-several-merges-at-several-paths",
        {"a": merge(prepend({"new": [1], "old": [2]}, path="new"), path="old")},
        FULL,
        {"a": {"new": [1], "old": [2]}},
        {"prependProps": ["a.new"], "mergeProps": ["a.old"]},
    ),
    ("E40-reset-keeps-others", {"a": merge([1], match_on="id"), "b": merge([2], match_on="id")}, partial("a,b", reset="a"), {"a": [1], "b": [2]}, {"mergeProps": ["b"], "matchPropsOn": ["b.id"]}),
    ("E40-reset-of-a-path", {"a": merge({"x": [1]}, path="x")}, partial("a", reset="a"), {"a": {"x": [1]}}, {}),
    ("E40-reset-nested", {"a": {"m": merge([1])}}, partial("a.m", reset="a.m"), {"a": {"m": [1]}}, {}),
    ("E40-reset-on-a-full-visit", {"a": merge([1])}, Visit(is_inertia=True, reset=("a",)), {"a": [1]}, {}),
    ("E40-reset-of-a-plain-prop", {"a": 1}, partial("a", reset="a"), {"a": 1}, {}),
    ("E40-reset-of-a-once-prop", {"a": once(value)}, partial("a", reset="a"), {"a": 1}, {"onceProps": once_metadata()}),
    ("E40-reset-of-an-unknown-prop", {"a": 1}, partial("a", reset="nope"), {"a": 1}, {}),
    ("E45-other-keys-known", {"a": once(value)}, knows("b", "c"), {"a": 1}, {"onceProps": once_metadata()}),
    ("E46-key-hides-the-path", {"a": once(value, key="plans")}, knows("a"), {"a": 1}, {"onceProps": once_metadata("plans", "a")}),
    ("E46-key-shared-by-pages", {"a": once(boom, key="plans")}, knows("plans"), {}, {"onceProps": once_metadata("plans", "a")}),
    ("E46-fresh-with-key", {"a": once(value, key="plans", fresh=True)}, knows("plans"), {"a": 1}, {"onceProps": once_metadata("plans", "a")}),
    ("E45-nested-once-is-known-by-its-path", {"a": {"b": once(boom), "c": 1}}, knows("a.b"), {"a": {"c": 1}}, {"onceProps": once_metadata("a.b")}),
    (
        "E45-a-known-deferred-prop-leaves-its-group",
        {"a": once(defer(boom, group="g")), "b": defer(value, group="g")},
        knows("a"),
        {},
        {"onceProps": once_metadata(), "deferredProps": {"g": ["b"]}},
    ),
    ("E47-once-of-an-unselected-prop", {"a": once(boom), "b": 1}, partial("b", known="a"), {"b": 1}, {}),
    ("E47-match-of-an-unselected-prop", {"a": merge([1], match_on="id"), "b": 1}, partial("b"), {"b": 1}, {}),
    ("E47-match-of-an-excepted-prop", {"a": merge([1], match_on="id"), "b": 1}, partial(except_="a"), {"b": 1}, {}),
    ("E50-rescue", {"a": defer(boom, rescue=True), "b": defer(value)}, partial("a,b"), {"b": 1}, {"rescuedProps": ["a"]}),
    ("E50-rescue-async", {"a": defer(aboom, rescue=True), "b": 2}, partial("a,b"), {"b": 2}, {"rescuedProps": ["a"]}),
    ("E50-rescue-several", {"a": defer(boom, rescue=True), "b": {"c": defer(boom, rescue=True)}}, partial("a,b"), {"b": {}}, {"rescuedProps": ["a", "b.c"]}),
    ("E50-rescue-that-works", {"a": defer(value, rescue=True)}, partial("a"), {"a": 1}, {}),
    ("E50-rescue-survives-other-words", {"a": merge(defer(boom, rescue=True))}, partial("a"), {}, {"rescuedProps": ["a"]}),
    ("E50-rescued-deep-merge-is-not-named", {"a": deep_merge(defer(boom, rescue=True), match_on="x.id"), "b": deep_merge({"x": 1})}, partial("a,b"), {"b": {"x": 1}}, {"rescuedProps": ["a"], "deepMergeProps": ["b"]}),
    ("E50-rescued-once-is-not-promised", {"a": once(defer(boom, rescue=True)), "b": once(value)}, partial("a,b"), {"b": 1}, {"rescuedProps": ["a"], "onceProps": once_metadata("b")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("props", "visit", "expected", "metadata"), [row[1:] for row in MORE], ids=[row[0] for row in MORE]
)
def test_rows(props: dict[str, Any], visit: Visit, expected: dict[str, Any], metadata: dict[str, Any]) -> None:
    tree, written = run(props, visit)
    assert tree == expected
    assert list(tree) == list(expected), "the order of the props is kept"
    assert written == metadata


KEYED = {
    "defer": (defer("a", value), defer(value)),
    "defer-args": (defer("a", lambda x: x, 1), defer(lambda x: x, 1)),
    "optional": (optional("a", value), optional(value)),
    "lazy": (lazy("a", value), lazy(value)),
    "always": (always("a", value), always(value)),
    "merge": (merge("a", value), merge(value)),
    "prepend": (prepend("a", [1]), prepend([1])),
    "deep-merge": (deep_merge("a", [1]), deep_merge([1])),
    "once": (once("a", value, key="k"), once(value, key="k")),
    "nested": (merge("a", defer("a", value)), merge(defer(value))),
}


@pytest.mark.parametrize("visit", ["full", "selected", "unselected", "known"])
@pytest.mark.parametrize("word", KEYED)
def test_the_keyed_form_of_older_apps_means_the_same(word: str, visit: str) -> None:
    keyed, usual = KEYED[word]
    assert run({"a": keyed, "b": 2}, VISITS[visit]) == run({"a": usual, "b": 2}, VISITS[visit])


@pytest.mark.parametrize(
    ("until", "milliseconds"),
    [(timedelta(minutes=1), 60_000), (timedelta(milliseconds=1), 1), (90, 90_000), (0.5, 500), (0, 0), (timedelta(days=365), 31_536_000_000)],
)  # fmt: skip
def test_e46_once_may_end_some_time_from_now(until: Any, milliseconds: int) -> None:
    planned = plan({"a": once(1, until=until), "b": {"c": once(2, until=until)}}, FULL, COMPONENT)
    expires_at = planned.situation.now_ms + milliseconds
    assert planned.metadata["onceProps"] == once_metadata(expires_at=expires_at) | once_metadata(
        "b.c", expires_at=expires_at
    )


@pytest.mark.parametrize(
    ("until", "milliseconds"),
    [
        (datetime(2030, 1, 1, tzinfo=UTC), 1_893_456_000_000),
        (datetime(2030, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))), 1_893_456_000_000),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
        (datetime(2030, 1, 1, microsecond=500_000, tzinfo=UTC), 1_893_456_000_500),
    ],
)
def test_e46_once_may_end_at_a_point_in_time(until: datetime, milliseconds: int) -> None:
    assert run({"a": once(1, until=until)}, FULL)[1] == {"onceProps": once_metadata(expires_at=milliseconds)}


def test_e46_once_refuses_a_time_without_a_zone_and_says_what_to_use() -> None:
    with pytest.raises(ValueError, match=r"lacks a time zone. Use datetime.now\(timezone.utc\) or a timedelta"):
        once(1, until=datetime(2030, 1, 1))  # noqa: DTZ001


def test_e50_a_rescued_prop_is_reported_by_its_path_and_any_other_error_is_raised() -> None:
    reported: list[str] = []
    run({"a": {"b": defer(boom, rescue=True)}}, partial("a"), reported)
    assert reported == ["a.b"]
    for props in ({"a": defer(boom)}, {"a": boom}, {"a": defer(aboom)}, {"a": defer(boom, rescue=True), "b": boom}):
        with pytest.raises(LookupError, match="gone"):
            run(props, partial("a,b"))


def test_e49_the_props_of_a_group_are_called_in_the_one_request_that_asks_for_them() -> None:
    calls = Calls()
    props = {"a": defer(calls("a"), group="g"), "b": defer(calls.later("b"), group="g"), "c": defer(calls("c"))}
    assert run(props, partial("a,b"))[0] == {"a": 1, "b": 1}
    assert calls == ["a", "b"]


def test_words_do_not_change_the_prop_they_wrap() -> None:
    inner = defer(value, group="side")
    before = inner.fields()
    for wrap in (merge, prepend, deep_merge, once, always, optional, defer):
        assert wrap(inner) is not inner
    assert inner.fields() == before


def test_a_prop_shows_its_kind_and_labels() -> None:
    assert repr(merge(once(defer(value)))) == "<DeferredProp deferred value [once, merge]>"
    assert repr(Prop(3)) == "<Prop normal int>"


@pytest.mark.parametrize("word", [optional, defer, always, merge, prepend, deep_merge, once])
def test_words_keep_how_the_wrapped_prop_is_run(word: Any) -> None:
    wrapped = word(defer(value, concurrent=True, sync_to_thread=True))
    assert (wrapped.concurrent, wrapped.sync_to_thread) == (True, True)


@pytest.mark.protocol("F48")
def test_a_scroll_prop_may_match_its_items_and_be_the_list_itself() -> None:
    made = scroll([1], wrapper=None, match_on=("id", "slug"), metadata={"current_page": 1, "page_name": "p"})
    tree, metadata = run({"a": made}, FULL)
    assert tree == {"a": [1]}
    assert metadata == {
        "mergeProps": ["a"],
        "matchPropsOn": ["a.id", "a.slug"],
        "scrollProps": {
            "a": {"pageName": "p", "previousPage": None, "nextPage": None, "currentPage": 1, "reset": False}
        },
    }


@pytest.mark.protocol("F48")
@pytest.mark.parametrize(("intent", "key"), [("append", "mergeProps"), ("prepend", "prependProps")])
def test_a_scroll_prop_goes_where_the_client_says(intent: Any, key: str) -> None:
    visit = Visit(is_inertia=True, partial_component=COMPONENT, only=("a",), merge_intent=intent)
    assert run({"a": scrolled(lambda: {"x": [1]})}, visit)[1][key] == ["a.x"]


def test_a_kind_knows_whether_it_is_called() -> None:
    assert (Prop(value).is_callable, Prop(1).is_callable) == (True, False)


def test_pydantic_takes_a_kind_for_a_field_of_any_type() -> None:
    class Page(BaseModel):
        typed: Prop[int]
        untyped: Prop  # type: ignore[type-arg]

    page = Page(typed=merge(1), untyped=merge("x"))
    assert (page.typed.value, page.untyped.value) == (1, "x")
    assert Page.model_json_schema()["properties"] == {
        "typed": {"title": "Typed", "type": "integer"},
        "untyped": {"title": "Untyped"},
    }
