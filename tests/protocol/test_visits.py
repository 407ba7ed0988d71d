"""Reading the request's headers: `read_visit` never raises, and unreadable headers select a full page."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from litestar_vite.inertia._protocol.resolver import plan
from litestar_vite.inertia._protocol.visit import (
    BROWSER_VISIT,
    INERTIA_HEADERS,
    MAX_HEADER_BYTES,
    MAX_KEYS,
    Visit,
    read_visit,
)
from litestar_vite.inertia.helpers import always, merge, once
from tests.protocol.planning import run

I = (b"x-inertia", b"true")  # noqa: E741 - I as in I-request
PAGE = (b"x-inertia-partial-component", b"Page")


def read(*headers: tuple[bytes, bytes]) -> Visit:
    return read_visit(dict(headers))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([], Visit()),
        ([(b"accept", b"application/json")], Visit()),
        ([I], Visit(is_inertia=True)),
        ([(b"x-inertia", b"false")], Visit()),
        ([(b"x-inertia", b"1")], Visit()),
        ([(b"x-inertia", b"")], Visit()),
        ([I, (b"x-inertia-version", b"v1")], Visit(is_inertia=True, version="v1")),
        ([(b"x-inertia-version", b"v1")], Visit(version="v1")),
        ([I, PAGE], Visit(is_inertia=True, partial_component="Page")),
        ([I, PAGE, (b"x-inertia-partial-data", b"a,b.c")], Visit(is_inertia=True, partial_component="Page", only=("a", "b.c"))),
        ([I, PAGE, (b"x-inertia-partial-data", b" a ,, b,")], Visit(is_inertia=True, partial_component="Page", only=("a", "b"))),
        ([I, PAGE, (b"x-inertia-partial-data", b",,,")], Visit(is_inertia=True, partial_component="Page")),
        ([I, PAGE, (b"x-inertia-partial-except", b"a")], Visit(is_inertia=True, partial_component="Page", except_=("a",))),
        ([I, (b"x-inertia-reset", b"a,b")], Visit(is_inertia=True, reset=("a", "b"))),
        ([I, (b"x-inertia-except-once-props", b"plans,a.b")], Visit(is_inertia=True, known_once=("plans", "a.b"))),
        ([I, (b"x-inertia-error-bag", b"login")], Visit(is_inertia=True, error_bag="login")),
        ([I, (b"x-inertia-error-bag", b"")], Visit(is_inertia=True)),
        ([I, (b"x-inertia-infinite-scroll-merge-intent", b"prepend")], Visit(is_inertia=True, merge_intent="prepend")),
        ([I, (b"x-inertia-infinite-scroll-merge-intent", b"append")], Visit(is_inertia=True)),
        ([I, (b"x-inertia-infinite-scroll-merge-intent", b"sideways")], Visit(is_inertia=True)),
        ([I, (b"purpose", b"prefetch")], Visit(is_inertia=True, is_prefetch=True)),
        ([(b"purpose", b"prefetch")], Visit(is_prefetch=True)),
        ([I, (b"purpose", b"preview")], Visit(is_inertia=True)),
        ([(b"precognition", b"true")], Visit(is_precognition=True)),
        ([(b"precognition", b"no")], Visit()),
        ([I, (b"x-inertia-partial-component", "Café".encode())], Visit(is_inertia=True, partial_component="Café")),
        ([I, (b"x-inertia-partial-component", "Café".encode("latin-1"))], Visit(is_inertia=True, partial_component="Café")),
    ],
)  # fmt: skip
def test_headers_are_read(headers: list[tuple[bytes, bytes]], expected: Visit) -> None:
    assert read(*headers) == expected


def test_requests_without_our_headers_share_one_visit() -> None:
    assert read((b"host", b"x"), (b"cookie", b"y")) is BROWSER_VISIT


def test_plain_page_changes_of_one_version_share_one_visit() -> None:
    headers = [I, (b"x-inertia-version", b"v7")]
    assert read(*headers) is read(*headers)


LISTS = {
    "x-inertia-partial-data": "only",
    "x-inertia-partial-except": "except_",
    "x-inertia-reset": "reset",
    "x-inertia-except-once-props": "known_once",
}


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_read_up_to_their_caps(name: str) -> None:
    keys = ",".join(f"k{number}" for number in range(MAX_KEYS)).encode()
    long = b"k" * MAX_HEADER_BYTES
    assert len(getattr(read(I, PAGE, (name.encode(), keys)), LISTS[name])) == MAX_KEYS
    assert getattr(read(I, PAGE, (name.encode(), long)), LISTS[name]) == (long.decode(),)
    assert read(I, PAGE, (name.encode(), keys)).is_partial_for("Page")


OVER = {
    "257 keys": b",".join(b"k%d" % number for number in range(MAX_KEYS + 1)),
    "8 KiB and a byte": b"k" * (MAX_HEADER_BYTES + 1),
    "64 KiB": b"k" * 65_536,
    "64 KiB of commas": b"," * 65_536,
    "10,000 keys": b",".join(b"%d" % number for number in range(10_000)),
    "a key many times": b"a," * 40_000,
}


@pytest.mark.parametrize("value", OVER.values(), ids=OVER)
@pytest.mark.parametrize("name", LISTS)
def test_b1_a_list_over_the_caps_is_absent_and_what_it_chooses_from_is_a_full_page(name: str, value: bytes) -> None:
    visit = read(I, PAGE, (name.encode(), value))
    assert visit.is_inertia
    assert getattr(visit, LISTS[name]) == ()
    assert visit.is_partial_for("Page") is (name not in {"x-inertia-partial-data", "x-inertia-partial-except"})


def test_b1_a_full_page_is_the_answer_to_an_unreadable_partial() -> None:
    props = {"a": 1, "b": merge([1]), "c": once(2)}
    plain = run(props, read(I))
    for name in ("x-inertia-partial-data", "x-inertia-partial-except"):
        assert run(props, read(I, PAGE, (name.encode(), OVER["10,000 keys"]))) == plain


@pytest.mark.parametrize("name", ["x-inertia-version", "x-inertia-error-bag", "x-inertia-partial-component"])
def test_b1_a_single_value_over_the_cap_is_absent(name: str) -> None:
    visit = read(I, (name.encode(), b"v" * 65_536))
    assert visit == Visit(is_inertia=True)


NAMES = st.sampled_from([*sorted(INERTIA_HEADERS), b"accept", b"x-inertia-unknown"])
VALUES = st.binary(max_size=400) | st.sampled_from(
    [*OVER.values(), b"true", b"Page", b"a", b"a.b,c", b"\xff\xfe", b"\x00" * 9_000, b"\xe2\x82" * 40_000]
)


@settings(max_examples=400, deadline=None)
@given(st.dictionaries(NAMES, VALUES))
def test_b1_reading_never_raises_and_every_visit_can_be_planned(headers: dict[bytes, bytes]) -> None:
    visit = read_visit(headers)
    assert isinstance(visit, Visit)
    for list_name in LISTS.values():
        assert len(getattr(visit, list_name)) <= MAX_KEYS
    props: dict[str, Any] = {"a": 1, "b": {"c": always(2), "d": merge([3])}, "o": once(4)}
    assert plan(props, visit, "Page").tree["b"]["c"] is None, "the always-prop is still pending"


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=64), st.integers(1, 65_536))
def test_b1_any_64_kib_are_read_in_bounds(pattern: bytes, size: int) -> None:
    value = (pattern * size)[:size]
    visit = read(I, PAGE, (b"x-inertia-partial-data", value), (b"x-inertia-reset", value))
    assert len(visit.only) <= MAX_KEYS
    if len(value) > MAX_HEADER_BYTES or value.count(b",") >= MAX_KEYS:
        assert not visit.is_partial_for("Page")
