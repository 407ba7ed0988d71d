"""Names with brackets: how they are nested, and limits for hostile names (protocol I66)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litestar_vite.inertia._forms.brackets import BracketError, expand_query, grouped, has_brackets, nested

pytestmark = pytest.mark.protocol("I66")


def nest(pairs: dict[str, Any], max_groups: int) -> dict[str, Any]:
    """Return nested form data, without the type of a model."""
    return {name: nested(value) for name, value in grouped(pairs, max_groups).items()}


def deep_list(depth: int) -> Any:
    return [deep_list(depth - 1)] if depth else 1


ROWS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("flat", {"a": 1, "b": 2}, {"a": 1, "b": 2}),
    ("mapping", {"a[b]": 1, "a[c]": 2}, {"a": {"b": 1, "c": 2}}),
    ("deep", {"a[b][c][d]": 1}, {"a": {"b": {"c": {"d": 1}}}}),
    ("indexes", {"a[0]": 1, "a[1]": 2}, {"a": [1, 2]}),
    ("indexes in another order", {"a[1]": 2, "a[0]": 1}, {"a": [1, 2]}),
    ("numbers that do not count are keys", {"a[7]": 2, "a[3]": 1}, {"a": {"7": 2, "3": 1}}),
    ("numbers from 1 are keys", {"a[1]": 1, "a[2]": 2}, {"a": {"1": 1, "2": 2}}),
    ("indexes are numbers", {f"a[{i}]": i for i in (10, *range(10))}, {"a": list(range(11))}),
    ("push one", {"a[]": 1}, {"a": [1]}),
    ("push several", {"a[]": [1, 2]}, {"a": [1, 2]}),
    ("push inside", {"a[b][]": [1, 2]}, {"a": {"b": [1, 2]}}),
    ("list of mappings", {"a[0][n]": 1, "a[0][m]": 2, "a[1][n]": 3}, {"a": [{"n": 1, "m": 2}, {"n": 3}]}),
    ("mixed keys are a mapping", {"a[0]": 1, "a[x]": 2}, {"a": {"0": 1, "x": 2}}),
    ("a huge index is one key", {"a[999999999]": 1}, {"a": {"999999999": 1}}),
    ("a number written twice is a key", {"a[0]": 1, "a[00]": 2}, {"a": {"0": 1, "00": 2}}),
    ("a number of many digits is a key", {"a[9999999999]": 1}, {"a": {"9999999999": 1}}),
    ("other digits are keys", {"a[²]": 1}, {"a": {"²": 1}}),
    ("not closed", {"a[b": 1}, {"a[b": 1}),
    ("not opened", {"a]": 1}, {"a]": 1}),
    ("no base", {"[a]": 1}, {"[a]": 1}),
    ("something after", {"a[b]c": 1}, {"a[b]c": 1}),
    ("brackets in brackets", {"a[b[c]]": 1}, {"a[b[c]]": 1}),
    ("push after indexes", {"a[7]": 1, "a[]": [2, 3], "a[5]": 0}, {"a": [0, 1, 2, 3]}),
    ("push groups", {"a[][n]": 1, "a[][m]": 2}, {"a": [{"n": 1}, {"m": 2}]}),
    ("push and keys", {"a[x]": 1, "a[0]": 2, "a[]": [3, 4]}, {"a": {"x": 1, "0": 2, "1": 3, "2": 4}}),
    ("a push before an index", {"a[]": 1, "a[0]": 2}, {"a": [2, 1]}),
    ("no name", {"": 1, "a[b]": 2}, {"": 1, "a": {"b": 2}}),
    ("as deep as can be", {"a" + "[]" * 31: 1}, {"a": deep_list(31)}),
    ("python's own names are names", {"__class__[__init__]": 1}, {"__class__": {"__init__": 1}}),
]


@pytest.mark.parametrize(("pairs", "nested"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_names_are_nested(pairs: dict[str, Any], nested: dict[str, Any]) -> None:
    assert nest(pairs, 100) == nested


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a[b]", "a"], "'a' conflicts"),
        (["a", "a[b]"], r"'a\[b\]' conflicts"),
        (["a[b]", "a[b][c]"], r"'a\[b\]\[c\]' conflicts"),
        (["a" + "[b]" * 32], r"'a(\[b\])+\[b…' is nested too deeply: at most 32 levels"),
        ([f"a[{index}][b]" for index in range(100)], "more than 100 lists and groups"),
    ],
    ids=["value after group", "group after value", "group in a value", "too deep", "too many"],
)
def test_names_that_cannot_be_nested_raise(names: list[str], message: str) -> None:
    with pytest.raises(BracketError, match=message):
        nest(dict.fromkeys(names, 1), 100)


@pytest.mark.parametrize(
    ("pairs", "added"),
    [
        ([], []),
        ([("a", "1"), ("b", "2")], []),
        ([("a[]", "1"), ("c", "3"), ("a[]", "2")], [("a", "1"), ("a", "2")]),
        ([("a[0]", "x"), ("a[1]", "y")], [("a", "x"), ("a", "y")]),
        ([("a[[]", "1"), ("[]", "2"), ("a]", "3"), ("a[b]", "4"), ("a[0][b]", "5"), ("a[²]", "6")], []),
        ([("&x[]", "1"), ("é[]", "2")], [("&x", "1"), ("é", "2")]),
    ],
)
def test_lists_of_a_query_are_also_written_as_litestar_reads_them(
    pairs: list[tuple[str, str]], added: list[tuple[str, str]]
) -> None:
    assert expand_query(pairs) == [*pairs, *added]


@pytest.mark.parametrize(
    ("names", "has"), [(["a"], False), (["a", "b[]"], True), (["a]"], False), (["[a]"], False), ([], False)]
)
def test_brackets_are_seen(names: list[str], has: bool) -> None:
    assert has_brackets(names) is has


def flattened(value: Any, name: str) -> dict[str, Any]:
    """Return a value as Inertia's objectToFormData writes it."""
    if isinstance(value, dict):
        return {key: item for part, inner in value.items() for key, item in flattened(inner, f"{name}[{part}]").items()}
    if isinstance(value, list):
        return {
            key: item for index, inner in enumerate(value) for key, item in flattened(inner, f"{name}[{index}]").items()
        }
    return {name: value}


NAMES = st.text("abcé-_ .", min_size=1, max_size=4)
VALUES = st.recursive(
    st.text(max_size=3),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3) | st.lists(inner, min_size=1, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_the_client_flattens_comes_back(data: dict[str, Any]) -> None:
    pairs = {key: item for name, value in data.items() for key, item in (flattened(value, name)).items()}
    assert nest(pairs, 100) == data


def count_of(value: Any) -> int:
    parts = value.values() if isinstance(value, dict) else value
    return sum(map(count_of, parts)) if isinstance(value, dict | list) else 1


@given(st.dictionaries(st.text("ab[]01", max_size=12), st.text(max_size=2), max_size=8))
def test_any_names_are_nested_or_left_alone_or_raise(pairs: dict[str, str]) -> None:
    try:
        nested = nest(pairs, 100)
    except BracketError:
        return
    assert count_of(nested) == len(pairs), "nothing is dropped"
