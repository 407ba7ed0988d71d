"""The planner compared with the reference, for generated pages and visits."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from litestar_vite.inertia._protocol.visit import Visit
from litestar_vite.inertia.helpers import always, deep_merge, defer, merge, once, optional, prepend
from tests.protocol import reference
from tests.protocol.planning import COMPONENT, run
from tests.protocol.reference import Asked, Spec

pytestmark = pytest.mark.protocol(
    "E34", "E35", "E36", "E37", "E38", "E39", "E40", "E41", "E42", "F43", "F44", "F45", "F46", "F47"
)

NAMES = st.sampled_from(["a", "b", "c", "x"])
VALUES = st.recursive(
    st.integers(0, 9), lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3), max_leaves=5
)
MERGES = st.tuples(
    st.sampled_from(["mergeProps", "prependProps", "deepMergeProps"]),
    st.sampled_from([None, "x"]),
    st.sampled_from([(), ("id",), ("id", "k")]),
)
SPECS = st.builds(
    Spec,
    value=VALUES,
    presence=st.sampled_from(["normal", "optional", "always", "deferred"]),
    group=st.sampled_from(["default", "side"]),
    merge=st.lists(MERGES, max_size=2),
    once=st.lists(st.tuples(st.sampled_from([None, "shared"]), st.booleans()), max_size=1),
)
BAGS = st.recursive(VALUES | SPECS, lambda inner: st.dictionaries(NAMES, inner, max_size=4), max_leaves=8).filter(
    lambda bag: isinstance(bag, dict)
)
PATHS = st.lists(st.lists(NAMES, min_size=1, max_size=3).map(tuple), max_size=3)
VISITS = st.builds(
    Asked,
    is_inertia=st.booleans(),
    is_partial=st.booleans(),
    only=PATHS,
    except_=PATHS,
    reset=PATHS.map(lambda paths: [".".join(path) for path in paths]),
    known=PATHS.map(lambda paths: [*(".".join(path) for path in paths), *(["shared"] if len(paths) > 1 else [])]),
)


def built(value: Any) -> Any:
    """Build props from a description, as a user would write them."""
    if isinstance(value, dict):
        return {key: built(item) for key, item in value.items()}
    if not isinstance(value, Spec):
        return value
    made: Any = lambda: value.value  # noqa: E731
    words = {"optional": optional, "always": always, "deferred": lambda fn: defer(fn, group=value.group)}
    for key, inner, match in value.merge:
        if key == "deepMergeProps":
            made = deep_merge(made, match_on=match)
        else:
            made = (merge if key == "mergeProps" else prepend)(made, path=inner, match_on=match)
    for key, fresh in value.once:
        made = once(made, key=key, fresh=fresh)
    return words[value.presence](made) if value.presence != "normal" else made


def described(metadata: dict[str, Any]) -> dict[str, Any]:
    """Return page keys in the format of the reference."""
    found: dict[str, Any] = {key: set(value) for key, value in metadata.items() if isinstance(value, list)}
    if "deferredProps" in metadata:
        found["deferredProps"] = {(group, path) for group, paths in metadata["deferredProps"].items() for path in paths}
    if "onceProps" in metadata:
        found["onceProps"] = {key: entry["prop"] for key, entry in metadata["onceProps"].items()}
    return found


@settings(max_examples=200)
@given(BAGS, VISITS)
def test_the_planner_and_the_reference_agree(bag: dict[str, Any], asked: Asked) -> None:
    if asked.is_partial:
        asked.is_inertia = True
    for _, spec in reference.props_of(bag):
        # A deep merge always merges the whole prop, so `deep_merge` takes no path.
        spec.merge = [(key, None if key == "deepMergeProps" else inner, match) for key, inner, match in spec.merge]
    visit = Visit(
        is_inertia=asked.is_inertia,
        partial_component=COMPONENT if asked.is_partial else None,
        only=tuple(map(".".join, asked.only)),
        except_=tuple(map(".".join, asked.except_)),
        reset=tuple(asked.reset),
        known_once=tuple(asked.known),
    )
    # The client stores one value per key. Two props with the same key are a user's mistake.
    keys = [key or ".".join(path) for path, spec in reference.props_of(bag) for key, _ in spec.once]
    assume(len(keys) == len(set(keys)))
    tree, metadata = run(built(bag), visit)
    expected = reference.sent(bag, asked)
    found = {path: value for path, value in reference.leaves(tree, ()) if value != {}}
    assert found == {path: value for path, value in expected.items() if value != {}}
    assert described(metadata) == reference.metadata(bag, asked)


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.dictionaries(NAMES, VALUES, max_size=4))
def test_merging_shared_and_page_props_twice_is_merging_them_once(shared: dict[str, Any], page: dict[str, Any]) -> None:
    merged = {**shared, **page}
    visit = Visit(is_inertia=True)
    assert run(merged, visit) == run({**shared, **merged}, visit) == run({**merged, **page}, visit)
