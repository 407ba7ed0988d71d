"""B5: tampered cookies, sessions and flash data are ignored, and the page is served."""

from __future__ import annotations

import base64
import json
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Request, get
from litestar.middleware.session.client_side import CookieBackendConfig

from litestar_vite.inertia import InertiaConfig
from litestar_vite.inertia._carry import CARRY_KEY, CookieSigner
from tests.bad_input.attack import ask_all, attacked_app, noise, page
from tests.support import make_app

CASES = 1_000
SECRET = "secret"
JSON: list[Any] = [
    None,
    0,
    -1,
    1.5,
    "",
    "text",
    "<b>",
    [],
    [[]],
    ["a"],
    {},
    {"a": "b"},
    {"a": ["b"]},
    {"a": {"b": ["c"]}},
    {"a": None},
    True,
    False,
    "x" * 3000,
    {"\ud7ff": 1},
]


def cookie_of(app: Any) -> bytes:
    (answer,) = ask_all(app, [("GET", "/flash", ())])
    return (
        next(value for value in answer.all("set-cookie") if value.startswith("inertia_carry=")).split(";")[0].encode()
    )


def changed(rng: random.Random, cookie: bytes) -> bytes:
    """Return a cookie header with a tampered value."""
    name, _, value = cookie.partition(b"=")
    at = rng.randrange(len(value))
    payload = base64.urlsafe_b64encode(json.dumps(rng.choice(JSON)).encode()).rstrip(b"=")
    ways = [
        value[:at] + noise(rng, rng.randint(1, 9)) + value[at:],
        value[:at],
        value[:at] + bytes([value[at] ^ (1 << rng.randrange(7))]) + value[at + 1 :],
        noise(rng, rng.choice([0, 1, 50, 5_000])),
        noise(rng, 9) + b"; " + (name + b"=" + noise(rng, 9) + b"; ") * rng.randint(1, 40),
        noise(rng, 40) + b";" + name,
        b".".join([payload, *value.split(b".")[1:]]),
    ]
    return name + b"=" + rng.choice(ways)


def test_changed_cookies_are_ignored(site: Path, seed: int) -> None:
    app, rng = attacked_app(site), random.Random(seed)
    cookie = cookie_of(app)
    sent = [changed(rng, cookie) for _ in range(CASES)]
    inertia = [(b"x-inertia", b"true"), (b"x-inertia-version", b"1")]
    shown = []
    for given, answer in zip(
        sent, ask_all(app, (("GET", "/page", [*inertia, (b"cookie", one)]) for one in sent)), strict=True
    ):
        assert answer.status == 200
        # Base64 has several spellings of the same bytes; the page shows the signed data, or nothing.
        both = (answer.page.get("flash"), answer.page["props"]["errors"])
        assert both in [(None, {}), ({"info": ["Saved"]}, {"name": "is taken"})], given
        shown.append(both[0] is not None)
    assert sum(shown) < CASES / 20


def test_signed_cookies_of_any_shape_leave_a_page(site: Path, seed: int) -> None:
    app = make_app(site, [page], InertiaConfig(asset_version="1", secret=SECRET))
    signer, rng = CookieSigner(SECRET), random.Random(seed)
    sections = ["flash", "errors", "clear", "fragment", "previous", "unknown"]
    payloads = [
        rng.choice(JSON)
        if rng.random() < 0.1
        else {rng.choice(sections): rng.choice(JSON) for _ in range(rng.randint(1, 4))}
        for _ in range(CASES)
    ]
    inertia = [(b"x-inertia", b"true"), (b"x-inertia-version", b"1")]
    sent = [
        [*inertia, (b"cookie", b"inertia_carry=" + signer.sign(msgspec.json.encode(payload)).encode())]
        for payload in payloads
    ]
    for payload, answer in zip(payloads, ask_all(app, (("GET", "/page", headers) for headers in sent)), strict=True):
        assert answer.status == 200, payload
        assert isinstance(answer.page["props"]["errors"], dict)
        assert isinstance(answer.page.get("flash", {}), dict)


@pytest.mark.parametrize("values", JSON, ids=repr)
def test_sessions_of_any_shape_leave_a_page(site: Path, values: Any) -> None:
    @get("/spoil", sync_to_thread=False)
    def spoil(request: Request[Any, Any, Any]) -> None:
        request.session[CARRY_KEY] = values

    app = make_app(
        site,
        [page, spoil],
        InertiaConfig(asset_version="1"),
        middleware=[CookieBackendConfig(secret=b"k" * 16).middleware],
    )
    (spoilt,) = ask_all(app, [("GET", "/spoil", ())])
    cookies = b"; ".join(value.split(";")[0].encode() for value in spoilt.all("set-cookie"))
    for headers in ([(b"x-inertia", b"true"), (b"x-inertia-version", b"1")], []):
        (answer,) = ask_all(app, [("GET", "/page", [*headers, (b"cookie", cookies)])])
        assert answer.status == 200
