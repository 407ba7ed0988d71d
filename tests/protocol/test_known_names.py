"""If a route knows which names hold prop types, other values are not searched."""

from __future__ import annotations

from typing import Any

from litestar_vite.inertia._protocol.resolver import plan
from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import always, defer, once
from tests.protocol.planning import BROWSER, COMPONENT, partial


def value() -> int:
    return 1


def pending(made: Any) -> list[str]:
    return [node.path for node in made.pending]


def test_only_known_names_are_searched() -> None:
    props = {"plain": {"deep": value}, "call": value, "later": defer(value)}
    made = plan(props, BROWSER, COMPONENT, known=("later", "call", "gone"))
    assert pending(made) == ["call"]
    assert list(made.tree) == ["plain", "call"]
    assert made.tree["plain"] is props["plain"]
    assert made.metadata == {"deferredProps": {"default": ["later"]}}


def test_the_rest_is_searched_when_the_encoder_found_a_prop_type() -> None:
    made = plan({"plain": 1, "call": value, "late": {"deep": value}}, BROWSER, COMPONENT, known=("call",))
    made.pending.clear()
    assert made.place_rest()
    assert pending(made) == ["late.deep"]
    made = plan({"plain": 1, "call": value}, BROWSER, COMPONENT, known=("call",))
    assert not made.place_rest()


def test_a_partial_reload_searches_all_names() -> None:
    made = plan({"a": value, "b": {"c": always(value)}}, partial("a"), COMPONENT, known=("a",))
    assert pending(made) == ["a", "b.c"]


def test_the_owner_is_part_of_a_once_propss_key() -> None:
    props = {"a": once(value)}
    made = plan(props, BROWSER, COMPONENT, once_scope=lambda: "7")
    assert made.metadata["onceProps"] == {"a@7": {"prop": "a", "expiresAt": None}}
    assert pending(plan(props, Visit(is_inertia=True, known_once=("a@7",)), COMPONENT, once_scope=lambda: "8")) == ["a"]
    assert pending(plan(props, Visit(is_inertia=True, known_once=("a@7",)), COMPONENT, once_scope=lambda: "7")) == []


def test_a_page_that_clears_the_history_names_no_once_props() -> None:
    made = plan({"a": once(value)}, Visit(is_inertia=True, known_once=("a",)), COMPONENT, forgets_once=True)
    assert (pending(made), made.metadata) == (["a"], {})
