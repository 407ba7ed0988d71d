"""B10: form bodies and query strings made of names. Each costs at most twice Litestar's memory and three times its
function calls, and is rejected with 400 or 413 if it is over a limit.
"""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from litestar import Litestar, get, post
from litestar.params import FromQuery, MultipartBody, URLEncodedBody
from msgspec import Struct

from litestar_vite.inertia._forms.body import MAX_NAMES
from litestar_vite.inertia._forms.body_errors import collect
from litestar_vite.inertia._forms.brackets import MAX_DEPTH
from tests.integration.asgi import Answer, ask_async
from tests.support import make_app, make_site

URL_ENCODED = (b"content-type", b"application/x-www-form-urlencoded")
BOUNDARY = "b10"
MULTIPART = (b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())
HOSTILE = MAX_NAMES + 400
ALLOWED = 1_000
# Allowance per request on top of the ratios: less than a Litestar app needs for a hundred concurrent connections.
SPARE_BYTES = 128 * 1024
SPARE_CALLS = 2_000


class Point:
    """A type that msgspec does not know, so that a test can count its conversions."""


class Tree(Struct):
    children: list[Tree] = []
    points: list[Point] = []
    name: str = ""


class Row(Struct):
    b: int | None = None
    c: str = ""


class Table(Struct):
    a: list[Row] | dict[str, Any] | str = ""


def handlers() -> list[Any]:
    """Return new handlers, because the plugin installs hooks in the handlers of its app."""

    @post("/any", sync_to_thread=False)
    def take_any(data: URLEncodedBody[dict[str, Any]]) -> str:
        return "taken"

    @post("/typed", sync_to_thread=False)
    def take_typed(data: URLEncodedBody[Table]) -> str:
        return "taken"

    @post("/nullable", sync_to_thread=False)
    def take_nullable(data: URLEncodedBody[dict[str, int | None]]) -> str:
        return "taken"

    @post("/parts", sync_to_thread=False)
    def take_parts(data: MultipartBody[dict[str, Any]]) -> str:
        return "taken"

    @get("/query", component="Page", sync_to_thread=False)
    def take_query(a: FromQuery[list[int] | None] = None, b: FromQuery[int | None] = None) -> dict[str, Any]:
        return {}

    return [take_any, take_typed, take_nullable, take_parts, take_query]


def joined(names: list[str], value: str = "1") -> bytes:
    return "&".join(f"{name}={value}" for name in names).encode()


def deep_path(index: int) -> str:
    """Return a deeply nested name that shares no level with the names for other indexes."""
    return f"a{index}" + "[b]" * (MAX_DEPTH - 2)


SHAPES: dict[str, Callable[[int], bytes]] = {
    "rows": lambda count: joined([f"a[{i}][b]" for i in range(count)]),
    "rows from the last": lambda count: joined([f"a[{i}][b]" for i in reversed(range(count))]),
    "deep rows": lambda count: joined([f"a[{i}][b][c][d]" for i in range(count)]),
    "deep": lambda count: joined([deep_path(i) for i in range(count // 10)]),
    "flat": lambda count: joined([f"a{i}" for i in range(count)]),
    "flat and empty": lambda count: joined([f"a{i}" for i in range(count)], ""),
    "rows of empty fields": lambda count: joined([f"a[{i}][b]" for i in range(count)], ""),
    "one list": lambda count: joined(["a[]"] * count),
    "one list of empty items": lambda count: joined(["a[]"] * count, ""),
    "pushes after indexes": lambda count: joined(
        [*(f"a[{i + count // 2}]" for i in range(count // 2)), *["a[]"] * (count // 2)]
    ),
    "separators": b"&".__mul__,
    "one long name": lambda count: b"a" + b"[b]" * count,
    "open brackets": lambda count: b"a" + b"[" * count,
    "closed brackets": lambda count: b"a" + b"]" * count,
    "escaped brackets": lambda count: b"&".join(b"a%%5B%d%%5D" % i for i in range(count)),
}


SAMPLE = {"rows", "one list of empty items", "one long name"}


def shapes(*, but: str = "") -> list[Any]:
    """Return the shapes as test parameters; all except SAMPLE are marked as slow."""
    return [pytest.param(name, marks=[] if name in SAMPLE else pytest.mark.slow) for name in SHAPES if name != but]


def parts_of(body: bytes) -> bytes:
    """Return a form body as multipart."""
    parts = []
    for pair in body.decode().split("&"):
        name, _, value = pair.partition("=")
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n')
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    return make_app(make_site(tmp_path_factory.mktemp("site")), handlers())


def plain_app() -> Litestar:
    return Litestar(handlers(), logging_config=None, openapi_config=None)


class Cost(Struct):
    answer: Answer
    bytes: int
    calls: int


def cost_of(app: Litestar, target: str, header: tuple[bytes, bytes], body: bytes, method: str = "POST") -> Cost:
    """Return the cost of a request: its peak memory, and the number of calls of Python and C functions."""
    from litestar._parsers import parse_query_string, parse_url_encoded_form_data

    async def ask() -> Answer:
        parse_url_encoded_form_data.cache_clear()
        parse_query_string.cache_clear()
        return await ask_async(app, method, target, [header], body)

    calls = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    async def measure() -> Cost:
        await ask_async(app, method, target.partition("?")[0], [header], b"")  # Warms up what is compiled on first use.
        gc.collect()
        tracemalloc.start()
        sys.setprofile(count)
        try:
            before = tracemalloc.get_traced_memory()[0]
            answer = await ask()
            return Cost(answer, tracemalloc.get_traced_memory()[1] - before, calls)
        finally:
            sys.setprofile(None)
            tracemalloc.stop()

    return anyio.run(measure)


PLAIN: dict[tuple[str, int], Cost] = {}


def cost_of_litestar(shape: str, count: int) -> Cost:
    """Return the cost of reading a form as a dict in plain Litestar."""
    if (shape, count) not in PLAIN:
        PLAIN[shape, count] = cost_of(plain_app(), "/any", URL_ENCODED, SHAPES[shape](count))
    return PLAIN[shape, count]


def assert_affordable(ours: Cost, plain: Cost) -> None:
    assert ours.bytes <= 2 * plain.bytes + SPARE_BYTES, (ours.bytes, plain.bytes)
    assert ours.calls <= 3 * plain.calls + SPARE_CALLS, (ours.calls, plain.calls)
    assert ours.answer.status in {200, 201, 400, 413}, ours.answer


@pytest.mark.parametrize("count", [ALLOWED, HOSTILE], ids=["allowed", "hostile"])
@pytest.mark.parametrize("shape", shapes())
def test_a_form_body_costs_little_more_than_litestars_reading(app: Litestar, shape: str, count: int) -> None:
    assert_affordable(cost_of(app, "/any", URL_ENCODED, SHAPES[shape](count)), cost_of_litestar(shape, count))


@pytest.mark.parametrize("target", ["/typed", "/nullable"])
@pytest.mark.parametrize("shape", ["rows", "rows of empty fields", "flat and empty", "one list of empty items"])
def test_a_form_of_a_model_costs_little_more_than_litestars_reading(app: Litestar, shape: str, target: str) -> None:
    assert_affordable(cost_of(app, target, URL_ENCODED, SHAPES[shape](ALLOWED)), cost_of_litestar(shape, ALLOWED))


@pytest.mark.slow
@pytest.mark.parametrize("shape", [name for name in SHAPES if name != "separators"])
def test_a_multipart_body_costs_little_more_than_litestars_reading(app: Litestar, shape: str) -> None:
    body = parts_of(SHAPES[shape](300))
    ours = cost_of(app, "/parts", MULTIPART, body)
    assert_affordable(ours, cost_of(plain_app(), "/parts", MULTIPART, body))


@pytest.mark.parametrize(
    "count", [pytest.param(200, id="allowed", marks=pytest.mark.slow), pytest.param(5_000, id="hostile")]
)
@pytest.mark.parametrize("shape", shapes())
def test_a_query_string_costs_little_more_than_litestars_reading(app: Litestar, shape: str, count: int) -> None:
    target = "/query?" + SHAPES[shape](count).decode()
    ours = cost_of(app, target, URL_ENCODED, b"", "GET")
    assert_affordable(ours, cost_of(plain_app(), target, URL_ENCODED, b"", "GET"))


def refusal_of(
    site: Path, body: bytes, target: str = "/any", header: tuple[bytes, bytes] = URL_ENCODED, **options: Any
) -> Any:
    app = make_app(site, handlers(), **options)

    async def go() -> Answer:
        return await ask_async(app, "POST", target, [header], body)

    answer = anyio.run(go)
    return answer.status, answer.text


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
@pytest.mark.parametrize(
    ("names", "detail"),
    [
        (["a" + "[b]" * 40], "nested too deeply: at most 32 levels are read."),
        (["a[b]", "a"], "The form field 'a' conflicts with another field."),
        (["a", "a[b]"], "The form field 'a[b]' conflicts with another field."),
        (["a[b]", "a[b][c]"], "The form field 'a[b][c]' conflicts with another field."),
        (["a[b][c]", "a[b]"], "The form field 'a[b]' conflicts with another field."),
        ([f"a{i}" + "[b]" * 30 for i in range(90)], "The form has more than 308 lists and groups of fields."),
    ],
    ids=["deep", "value after group", "group after value", "group in a value", "value for a group", "groups"],
)
def test_names_that_cannot_be_nested_are_refused_and_not_dropped(
    site: Path, kind: str, names: list[str], detail: str
) -> None:
    body = joined(names)
    is_multipart = kind == "multipart"
    target, header = ("/parts", MULTIPART) if is_multipart else ("/any", URL_ENCODED)
    status, text = refusal_of(site, parts_of(body) if is_multipart else body, target, header)
    assert status == 400
    assert detail in text


def test_a_form_with_more_names_than_are_allowed_is_too_large(site: Path) -> None:
    assert refusal_of(site, SHAPES["flat"](MAX_NAMES)) == (201, "taken")
    status, text = refusal_of(site, SHAPES["flat"](MAX_NAMES + 1))
    assert (status, "The form has more than 4096 fields." in text) == (413, True)


def test_litestars_limit_of_parts_raises_the_limit_of_names(site: Path) -> None:
    body = SHAPES["rows"](5_000)
    assert refusal_of(site, body, multipart_form_part_limit=5_000) == (201, "taken")
    assert refusal_of(site, body, multipart_form_part_limit=4_999)[0] == 413


def test_a_query_string_with_more_names_than_are_allowed_is_refused(site: Path) -> None:
    app = make_app(site, handlers())

    async def go() -> list[Answer]:
        return [await ask_async(app, "GET", f"/query?{'a[]=1&' * count}b=1") for count in (1_000, MAX_NAMES)]

    taken, refused = anyio.run(go)
    assert taken.status == 200
    assert (refused.status, "more than 4096 parameters" in refused.text) == (400, True)


def tree(depth: int, points: int) -> dict[str, Any]:
    """Return a body with an error in its innermost part, after many valid parts."""
    if not depth:
        return {"points": [0] * points, "name": 1}
    return {"children": [tree(depth - 1, points)]}


@pytest.mark.parametrize(
    ("depth", "points", "converted"),
    [(2, 300, 1_800), (60, 300, 4_000), (4, 100_000, 100_001)],
    ids=["small", "deep", "large"],
)
def test_looking_for_every_error_of_a_body_costs_a_bounded_number_of_conversions(
    depth: int, points: int, converted: int
) -> None:
    calls = 0

    def decode(kind: type, raw: Any) -> Any:
        nonlocal calls
        calls += 1
        return Point()

    errors = collect(Tree, tree(depth, points), decode)
    assert [(error.path, error.message) for error in errors] == [("children.0." * depth + "name", "Must be text.")]
    assert calls <= converted
