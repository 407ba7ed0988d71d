"""The page encoder of a handler reuses its buffer: a page must never contain bytes of another."""

from __future__ import annotations

import json
import threading
import time
import tracemalloc
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from litestar_vite.inertia import defer
from litestar_vite.inertia._page.encode import Encoding, PropFoundError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(st.lists(VALUES | st.integers(1, 20_000).map("x".__mul__), min_size=1, max_size=6))
def test_pages_one_after_another_are_what_the_encoder_makes_of_each_alone(pages: list[Any]) -> None:
    encoding = Encoding({})
    came = [encoding.encode_plain(page) for page in pages]
    assert came == [msgspec.json.encode(page) for page in pages]


def test_a_page_that_failed_leaves_nothing_to_the_next() -> None:
    encoding = Encoding({})
    encoding.encode_plain({"long": "y" * 5_000})
    with pytest.raises(PropFoundError):
        encoding.encode_plain({"long": "x" * 10_000, "kind": defer(lambda: 1)})
    with pytest.raises(TypeError):
        encoding.encode_plain({"long": "x" * 10_000, "odd": object()})
    assert encoding.encode_plain({"a": 1}) == b'{"a":1}'


class Money:
    """A type that only the app's type encoders can encode."""


def test_a_type_encoder_may_make_a_page_of_its_own_meanwhile() -> None:
    inner: list[bytes] = []

    def encode_money(_: Money) -> str:
        inner.append(encoding.encode_plain({"inner": "i" * 3_000}))
        return "5 EUR"

    encoding = Encoding({Money: encode_money})
    for _ in range(3):
        page = json.loads(
            encoding.encode_plain({"before": "b" * 2_000, "money": [Money(), Money()], "after": "a" * 2_000})
        )
        assert page == {"before": "b" * 2_000, "money": ["5 EUR", "5 EUR"], "after": "a" * 2_000}
    assert {json.loads(page)["inner"] for page in inner} == {"i" * 3_000}


def test_threads_get_their_own_pages() -> None:
    def encode_money(_: Money) -> str:
        time.sleep(0.0002)  # Lets another thread run in the middle of a page.
        return "m" * 100

    encoding = Encoding({Money: encode_money})
    wrong: list[bytes] = []

    def make(letter: str) -> None:
        expected = [letter * 500, "m" * 100] * 5
        pages = (encoding.encode_plain([letter * 500, Money()] * 5) for _ in range(20))
        wrong.extend(page for page in pages if json.loads(page) != expected)

    threads = [threading.Thread(target=make, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_memory_of_a_huge_page_is_given_back() -> None:
    encoding = Encoding({})
    huge = ["x" * 1_000] * 4_000
    tracemalloc.start()
    try:
        encoding.encode_plain(huge)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < 64 * 1024
