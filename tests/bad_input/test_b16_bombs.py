"""B16: bodies, cookies and headers that are deep, endless or in an unknown charset get a 4xx, or a form's redirect."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, get, post
from litestar.params import JSONBody, MultipartBody, URLEncodedBody
from msgspec import Struct

from litestar_vite.inertia._carry import Carry, CookieSigner
from tests.integration.asgi import Answer, ask
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Callable


class Tree(Struct):
    children: list[Tree] = []
    name: str = ""


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@post("/any", sync_to_thread=False)
def take_any(data: JSONBody[dict[str, Any]]) -> str:
    return "taken"


@post("/tree", sync_to_thread=False)
def take_tree(data: JSONBody[Tree]) -> str:
    return "taken"


@post("/form", sync_to_thread=False)
def take_form(data: URLEncodedBody[Tree]) -> str:
    return "taken"


@post("/parts", sync_to_thread=False)
def take_parts(data: MultipartBody[dict[str, Any]]) -> str:
    return "taken"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    return make_app(make_site(tmp_path_factory.mktemp("site")), [home, take_any, take_tree, take_form, take_parts])


def assert_refused(send: Callable[[dict[str, str]], Answer], app: Litestar) -> None:
    """Check that browsers and API clients get 400, and that an Inertia form is redirected back."""
    assert send({}).status == 400
    answer = send({**inertia_headers(app), "referer": "http://testserver.local/"})
    assert answer.redirect == (303, "/")


_DEEPEST = 100_000


@pytest.mark.parametrize("depth", [900, 1_200, 5_000, _DEEPEST])
@pytest.mark.parametrize("path", ["/any", "/tree", "/form", "/parts"])
@pytest.mark.parametrize(("opening", "closing"), [(b'{"children":[', b"]}"), (b'{"a":', b"}"), (b"[", b"]")])
def test_deep_json(app: Litestar, path: str, depth: int, opening: bytes, closing: bytes) -> None:
    body = opening * depth + (b"1" if opening.endswith(b":") else b"") + closing * depth

    def send(headers: dict[str, str]) -> Answer:
        return ask(app, "POST", path, {**headers, "content-type": "application/json"}, body)

    for headers in ({}, inertia_headers(app, referer="http://testserver.local/")):
        # A Struct ignores unknown keys, however deep they are.
        assert send(headers).status in {201, 303, 400}, (headers, depth)
    # Python 3.12 and 3.13 count C recursion differently; only the deepest body is rejected by all versions.
    if depth == _DEEPEST and path in {"/any", "/tree"}:
        assert_refused(send, app)


CHARSETS = ["zlib", "hex", "no-such", "\xff", "utf-16", "ascii", "idna", "unicode_escape", "a" * 10_000]


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("text", [b"\xff\xfe\xfd", b"a", b"\\x", b""])
def test_parts_of_any_charset(app: Litestar, charset: str, text: bytes) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset='
    body = part + charset.encode("latin-1") + b"\r\n\r\n" + text + b"\r\n--b--\r\n"
    for headers in ({}, inertia_headers(app, referer="http://testserver.local/")):
        typed = {**headers, "content-type": "multipart/form-data; boundary=b"}
        assert ask(app, "POST", "/parts", typed, body).status in {201, 303, 400}


def test_a_part_of_an_unknown_charset_is_refused(app: Litestar) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=zlib\r\n\r\na\r\n--b--\r\n'
    content_type = {"content-type": "multipart/form-data; boundary=b"}
    assert_refused(lambda headers: ask(app, "POST", "/parts", {**headers, **content_type}, part), app)


PARTS = {
    "many headers": b"\r\n".join(b"X-%d: a" % number for number in range(20_000)),
    "a long header": b"X: " + b"a" * 2_000_000,
    "many parameters": b"X: a" + b"; a=b" * 100_000,
    "many quotes": b'X: "' + b'\\"' * 500_000,
    "a folded header": b"X: a\r\n b\r\n c",
    "no colon": b"X",
    "NUL": b"X: \0",
}


@pytest.mark.parametrize("headers", PARTS.values(), ids=PARTS)
def test_part_headers_of_any_shape(app: Litestar, headers: bytes) -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="a"\r\n' + headers + b"\r\n\r\nx\r\n--b--\r\n"
    answer = ask(app, "POST", "/parts", {"content-type": "multipart/form-data; boundary=b"}, part)
    assert answer.status in {201, 400, 413}


@pytest.mark.parametrize("separators", [b";", b"; ", b" ;", b"\t;\t", b"a;", b"inertia_carry;"])
def test_a_megabyte_of_separators_costs_no_step_each(separators: bytes) -> None:
    cookies = b"inertia_carry=;" + separators * (1_000_000 // len(separators))
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    scope: Any = {"type": "http"}
    carry = Carry(scope, cookies, CookieSigner("secret"))
    sys.setprofile(count)
    try:
        assert carry.get("flash") is None
    finally:
        sys.setprofile(None)
    assert calls < 1_000


@pytest.mark.parametrize(
    "referer",
    [
        "http://testserver.local/" + "a/../" * 50_000,
        "http://" + "[[" * 50_000,
        "http://testserver.local/" + "a" * 5_000,
    ],
)
def test_a_referer_longer_than_browsers_send_is_not_repeated(app: Litestar, referer: str) -> None:
    headers = inertia_headers(app, referer=referer) | {"content-type": "application/json"}
    assert ask(app, "POST", "/tree", headers, b'{"name":1}').redirect == (303, "/")
