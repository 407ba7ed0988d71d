"""B1: arbitrary bytes in all headers of the client. No 5xx, no hang, and always a page, a 204 or a 409."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from tests.bad_input.attack import HEADERS, WORDS, ask_all, attacked_app, noise

CASES = 2_000


def headers_of(rng: random.Random) -> list[tuple[bytes, bytes]]:
    found: list[tuple[bytes, bytes]] = []
    if rng.random() < 0.8:
        found += [(b"x-inertia", b"true"), (b"x-inertia-version", b"1")]
    if rng.random() < 0.7:
        found.append((b"x-inertia-partial-component", b"Page"))
    for name in rng.sample(HEADERS, rng.randint(0, 6)):
        kind = rng.randrange(6)
        if kind == 0:
            value = noise(rng, rng.choice([0, 1, 3, 40, 300]))
        elif kind == 1:
            value = b",".join(rng.choices(WORDS, k=rng.choice([1, 3, 300])))
        elif kind == 2:
            value = rng.choice([b",", b"a,", b"a.b."]) * rng.choice([1, 100, 4_096])
        elif kind == 3:
            value = b".".join(rng.choices(WORDS, k=rng.choice([2, 70, 2_000])))
        elif kind == 4:
            value = rng.choice(WORDS)
        else:
            value = rng.choice([b"[", b"{", b'"', b"%00", b"\t", b" "]) * rng.choice([1, 65_536])
        found.append((name, value[:65_536]))
    if rng.random() < 0.1:
        found += [(rng.choice(HEADERS), rng.choice(WORDS)) for _ in range(20)]
    return found


def test_any_headers_get_a_clean_answer(site: Path, seed: int) -> None:
    rng = random.Random(seed)
    sent = [headers_of(rng) for _ in range(CASES)]
    for headers, answer in zip(
        sent, ask_all(attacked_app(site), (("GET", "/page", headers) for headers in sent)), strict=True
    ):
        assert answer.status in {200, 204, 409}, (answer.status, headers)
        if answer.header("x-inertia") is not None:
            props = json.loads(answer.body)["props"]
            assert (props["errors"], props["there"]) == ({}, 1), headers


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize(
    "value",
    [b"a," * 10_000, b"a" * 65_536, b"a." * 5_000, b",".join(b"k%d" % number for number in range(10_000))],
    ids=["10,000 keys", "64 KiB", "5,000 segments", "10,000 different keys"],
)
def test_values_over_the_caps_count_as_absent(site: Path, name: bytes, value: bytes) -> None:
    usual = [(b"x-inertia", b"true"), (b"x-inertia-version", b"1"), (b"x-inertia-partial-component", b"Page")]
    headers = [*((key, given) for key, given in usual if key != name), (name, value)]
    (answer,) = ask_all(attacked_app(site), [("GET", "/page", headers)])
    assert answer.status in {200, 409}
    if name in {b"x-inertia-partial-data", b"x-inertia-partial-except", b"x-inertia-partial-component"}:
        assert "plain" in answer.page["props"], "a full page"
