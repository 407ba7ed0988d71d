"""The rule for sending deferred props with the page, without an app."""

from __future__ import annotations

from typing import Any

import pytest

from litestar_vite.inertia._protocol.durations import Durations
from litestar_vite.inertia._protocol.resolver import plan
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import defer, merge, optional
from tests.protocol.planning import BROWSER, COMPONENT, FULL, partial


def durations(limit_ms: float | None = None, **known: float) -> Durations:
    made = Durations(limit_ms)
    made.learn(known)
    return made


def inlined(props: dict[str, Any], known: Durations | None, visit: Visit = BROWSER) -> list[str]:
    """Return the names that are evaluated, in order. All others must be announced."""
    made = plan(props, visit, COMPONENT, durations=known)
    names = [node.path for node in made.pending]
    announced = [path for group in made.metadata.get("deferredProps", {}).values() for path in group]
    assert visit is not BROWSER or sorted([*names, *announced]) == sorted(props)
    return names


def value() -> int:
    return 1


@pytest.mark.parametrize(
    ("prop", "limit", "seen", "is_inlined"),
    [
        (defer(value), None, 1.0, False),
        (defer(value), 50.0, None, False),
        (defer(value), 50.0, 50.0, True),
        (defer(value), 50.0, 50.1, False),
        (defer(value), 0.0, 0.1, False),
        (defer(value, inline_within_ms=50), None, 50.0, True),
        (defer(value, inline_within_ms=20), 50.0, 30.0, False),
        (defer(value, inline_within_ms=0), 50.0, 1.0, False),
        (merge(defer(value, inline_within_ms=50)), None, 1.0, True),
    ],
)
def test_a_prop_within_its_limit_is_sent_at_once(
    prop: Any, limit: float | None, seen: float | None, is_inlined: bool
) -> None:
    known = durations(limit, **({} if seen is None else {"a": seen}))
    for visit in (BROWSER, FULL):
        assert inlined({"a": prop}, known, visit) == (["a"] if is_inlined else [])


def test_without_times_everything_is_announced() -> None:
    assert inlined({"a": defer(value, inline_within_ms=50)}, None) == []


def test_an_optional_prop_is_never_sent_by_itself() -> None:
    made = plan({"a": optional(value)}, BROWSER, COMPONENT, durations=durations(50, a=1))
    assert (made.pending, made.metadata) == ([], {})


def test_the_times_of_a_page_add_up() -> None:
    props = {name: defer(value) for name in "abcd"}
    assert inlined(props, durations(50, a=20, b=40, c=30, d=1)) == ["a", "c"]


@pytest.mark.parametrize(("only", "is_timed"), [("a", True), ("b", False)])
def test_a_partial_reload_measures_props_with_a_limit(only: str, is_timed: bool) -> None:
    made = plan(
        {"a": defer(value, inline_within_ms=5), "b": defer(value)}, partial(only), COMPONENT, durations=durations()
    )
    assert [(node.path, node.is_timed) for node in made.pending] == [(only, is_timed)]


def test_a_prop_that_is_put_off_leaves_nothing_but_its_announcement() -> None:
    made = plan({"a": merge(defer(value, group="slow"))}, BROWSER, COMPONENT, durations=durations(50, a=1))
    assert made.metadata == {"mergeProps": ["a"]}
    made.put_off(made.pending[0])
    assert (made.tree, made.metadata) == ({}, {"mergeProps": ["a"], "deferredProps": {"slow": ["a"]}})


def test_a_slow_time_counts_at_once_and_fades_by_tenths() -> None:
    known = durations(a=10)
    known.learn({"a": 100})
    assert known.get("a") == 100
    known.learn({"a": 1})
    assert known.get("a") == 90
    known.forget(["a", "b"])
    assert known.get("a") is None


def test_generated_paths_do_not_fill_the_memory() -> None:
    known = durations(**{f"p{number}": 1 for number in range(1000)})
    known.learn({"p0": 7})
    assert (known.get("p0"), known.get("p255"), known.get("p256")) == (7, 1, None)
