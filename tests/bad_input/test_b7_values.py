"""B7: any prop value is encoded, or causes one clean error. The body is never truncated, and never invalid JSON."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.params import FromPath

from litestar_vite.inertia import defer
from tests.bad_input.attack import ask_all
from tests.support import make_app, page_in

CASES = 60
ALL_CASES = 250


class Odd:
    """A type that cannot be encoded."""


def cycle() -> Any:
    ring: dict[str, Any] = {}
    ring["self"] = [ring]
    return ring


def deep(depth: int) -> Any:
    value: Any = 1
    for number in range(depth):
        value = [value] if number % 2 else {"k": value}
    return value


LEAVES: list[Any] = [
    None, True, False, 0, -1, 2**53, 2**64, -(2**63), 10**400, 0.1, 1e308, math.nan, math.inf, -math.inf, "", "text", "\ud800", "a\udfffb", "\x00", "🦄", "</script>", b"bytes",
    b"\xff\xfe", bytearray(b"x"), 1j, object(), Odd, Odd(), set(), {1, 2}, frozenset({"a"}), range(3), ..., NotImplemented, Exception("secret"), memoryview(b"x"),
]  # fmt: skip
KEYS: list[Any] = ["k", "", "a.b", "__proto__", "\ud800", 1, None, 1.5, True, (1, 2), b"k", "é", "<"]


def value_of(rng: random.Random, depth: int = 0) -> Any:
    kind = rng.randrange(8 if depth < 4 else 4)
    if kind < 4:
        return rng.choice(LEAVES)
    if kind == 4:
        return [value_of(rng, depth + 1) for _ in range(rng.randint(0, 4))]
    if kind == 5:
        return {rng.choice(KEYS): value_of(rng, depth + 1) for _ in range(rng.randint(0, 3))}
    if kind == 6:
        return tuple(value_of(rng, depth + 1) for _ in range(2))
    return rng.choice([cycle(), deep(50), deep(2_000), deep(10_000)])


def app_for(site: Path, values: list[Any], *, debug: bool = False) -> Litestar:
    @get("/{number:int}", component="Page", sync_to_thread=False)
    def page(number: FromPath[int]) -> dict[str, Any]:
        return {"value": values[number], "late": defer(lambda: values[number])}

    return make_app(site, [page], debug=debug)


@pytest.mark.parametrize("cases", [CASES, pytest.param(ALL_CASES, marks=pytest.mark.slow)])
@pytest.mark.parametrize("way", ["html", "xhr", "partial"])
def test_any_value_is_a_whole_page_or_one_clean_error(site: Path, way: str, cases: int, seed: int) -> None:
    rng = random.Random(seed)
    values = [*LEAVES, cycle(), deep(10_000), *(value_of(rng) for _ in range(cases))]
    app = app_for(site, values)
    version = page_in(ask_all(app, [("GET", "/0", ())])[0].text)["version"].encode()
    headers = [] if way == "html" else [(b"x-inertia", b"true"), (b"x-inertia-version", version)]
    if way == "partial":
        headers += [(b"x-inertia-partial-component", b"Page"), (b"x-inertia-partial-data", b"late,value.k.0")]
    statuses: set[int] = set()
    for value, answer in zip(
        values, ask_all(app, (("GET", f"/{number}", headers) for number in range(len(values)))), strict=True
    ):
        statuses.add(answer.status)
        assert answer.status in {200, 500}, type(value)
        if answer.status == 500:
            assert json.loads(answer.body) == {"status_code": 500, "detail": "Internal Server Error"}
        elif way == "html":
            page_in(answer.text)
        else:
            json.loads(answer.body, parse_constant=_refuse)
    assert statuses == {200, 500}


def _refuse(constant: str) -> None:
    raise AssertionError(constant)
