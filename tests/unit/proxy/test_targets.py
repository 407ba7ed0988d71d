"""Bad input B4: for any request line, the upstream only receives its own paths."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from litestar_vite._proxy.headers import is_safe_target
from litestar_vite._proxy.routing import DevGate
from tests.unit.proxy.conftest import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

REFUSED = [
    b"@127.0.0.1:1/x",
    b"@127.0.0.1:1/static/x",
    b":80/static/x",
    b"static/x",
    b"http://127.0.0.1:1/static/../__inertia_ssr",
    b"/__inertia_ssr",
    b"/__INERTIA_SSR/anything",
    b"//__inertia_ssr",
    b"/static/__inertia_ssr",
    b"/static/%5F%5Finertia_ssr",
    b"/static/%255F%255Finertia_ssr",
    b"/static//__Litestar_Vite/x/ping",
    b"/static/../__inertia_ssr",
    b"/static/%2e%2e/__inertia_ssr",
    b"/static/%252e%252e/secret",
    b"/static/./x",
    b"/static/..%2fx",
    b"/static/..%5cx",
    b"/static/a\\..\\x",
    b"/static/%00",
    b"/static/x%00.js",
    b"//127.0.0.1:1/static/x",
    b"///evil.test/static/x",
    b"/\\evil.test/static/x",
    b"/staticx/y",
    b"/STATIC/x",
    b"*",
]
ALLOWED = [
    b"/static/",
    b"/static/src/app.tsx",
    b"/static/@vite/client",
    b"/static/@fs/srv/project/node_modules/vite/dist/client/env.mjs",
    b"/static/@id/__x00__plugin-vue:export-helper",
    b"/static/node_modules/.vite/deps/react.js?v=1234",
    b"/static/src/a.vue?vue&type=style&index=0&lang.css",
    b"/static/src/caf%C3%A9.ts?t=1",
    b"/static/a..b/c...d",
    b"/static/src/x.ts?redirect=http://evil.test/../__inertia_ssr",
]

OF_THE_APP = [
    (b"/static/mine", b"the app's"),
    (b"/static/mine/", b"the app's"),
    (b"/static/users/ann", b"the app's ann"),
    (b"/static/2026/report", b"the app's report of 2026"),
    (b"/static/docs", b"the app's mount"),
    (b"/static/docs/a/b", b"the app's mount"),
    (b"/", b"home"),
]


@pytest.mark.parametrize("target", REFUSED)
def test_a_target_that_is_not_vites_never_reaches_the_upstream(site: Site, target: bytes) -> None:
    answer = site.ask(target)
    assert site.heads == []
    # A server that refuses the request line answers 400. The app handles OPTIONS * and unknown paths.
    assert answer == b"" or int(answer.split(b" ", 2)[1]) in {400, 404, 405}, answer
    assert b"hello" not in answer


@pytest.mark.parametrize("target", ALLOWED)
def test_a_target_of_vites_arrives_as_it_was_sent(site: Site, target: bytes) -> None:
    answer = site.ask(target)
    assert answer.startswith(b"HTTP/1.1 200"), answer
    assert site.heads[0].startswith(b"GET " + target + b" HTTP/1.1\r\n")


def test_an_absolute_target_is_at_most_its_path(site: Site) -> None:
    """h11 passes on the whole URL, httptools its path. Neither may select the upstream's address."""
    answer = site.ask(b"http://127.0.0.1:1/static/x.js")
    assert answer == b"" or int(answer.split(b" ", 2)[1]) in {200, 400, 404}
    assert all(head.startswith(b"GET /static/x.js HTTP/1.1\r\n") for head in site.heads)


def test_generated_targets_never_escape(site: Site) -> None:
    """Each of 300 seeded targets is refused, or arrives as a path below the base."""
    dice = random.Random(20)
    pieces = [
        b"/",
        b"//",
        b"\\",
        b"@",
        b":80",
        b"127.0.0.1:1",
        b"static",
        b"/static/",
        b"..",
        b"%2e%2e",
        b"%2f",
        b"%5c",
        b"%00",
        b"?",
        b"#",
    ]
    pieces += [
        b"__inertia_ssr",
        b"%5f_inertia_ssr",
        b"__LITESTAR_vite",
        b"http://",
        b"x.js",
        b"\xc3\xa9",
        b";",
        b"%zz",
        b"\t",
    ]
    for _ in range(300):
        target = b"".join(dice.choices(pieces, k=dice.randint(1, 7)))
        site.ask(target)
    for head in site.heads:
        line = head.split(b"\r\n", 1)[0]
        path = line.split(b" ")[1].partition(b"?")[0]
        assert path.startswith(b"/static/"), line
        assert is_safe_target(path), line
        assert line.count(b" ") == 2, line


@pytest.mark.parametrize(("target", "answer"), OF_THE_APP)
def test_routes_of_the_app_win(one_site: Site, target: bytes, answer: bytes) -> None:
    assert one_site.ask(target).endswith(answer)
    assert one_site.heads == []


@pytest.mark.parametrize(
    "target",
    [
        b"/static/@vite/client",
        b"/static/src/app.tsx",
        b"/static/users/ann/app.js",
        b"/static/users/",
        b"/static/docsx",
        b"/static/mine.js",
    ],
)
def test_a_route_takes_what_it_matches_and_nothing_beside(one_site: Site, target: bytes) -> None:
    assert one_site.ask(target).startswith(b"HTTP/1.1 200")
    assert one_site.heads[-1].startswith(b"GET " + target + b" HTTP/1.1\r\n")


# Under a prefix


@pytest.fixture(params=["", "/shop"], ids=["the server does not name it", "the server names it"])
def shop(request: pytest.FixtureRequest) -> Iterator[Site]:
    with Site(
        "httptools", "websockets-sansio", base="/shop/static/", root_path="/shop", server_root_path=request.param
    ) as site:
        yield site


@pytest.mark.parametrize("target", ALLOWED)
def test_vite_gets_its_targets_with_the_prefix_that_a_proxy_has_taken_off(shop: Site, target: bytes) -> None:
    assert shop.ask(target).startswith(b"HTTP/1.1 200")
    assert shop.heads[0].startswith(b"GET /shop" + target + b" HTTP/1.1\r\n")


@pytest.mark.parametrize("target", REFUSED)
def test_under_a_prefix_the_same_targets_are_refused(shop: Site, target: bytes) -> None:
    answer = shop.ask(target)
    assert shop.heads == []
    assert answer == b"" or int(answer.split(b" ", 2)[1]) in {400, 404, 405}, answer


@pytest.mark.parametrize(("target", "answer"), OF_THE_APP)
def test_routes_of_the_app_win_under_a_prefix(shop: Site, target: bytes, answer: bytes) -> None:
    assert shop.ask(target).endswith(answer)
    assert shop.heads == []


def test_a_prefix_that_the_proxy_leaves_is_there_once() -> None:
    with Site("httptools", "websockets-sansio", base="/shop/static/", root_path="/shop") as site:
        site.ask(b"/shop/static/src/app.tsx")
        assert site.heads[0].startswith(b"GET /shop/static/src/app.tsx HTTP/1.1\r\n")
        assert site.ask(b"/shop/static/mine").endswith(b"the app's")
        assert len(site.heads) == 1


@pytest.mark.parametrize(("base", "arrives"), [("/shop/", b"/shop/@vite/client"), ("/", b"/@vite/client")])
def test_a_base_that_holds_the_pages_too_leaves_them_to_the_app(base: str, arrives: bytes) -> None:
    """`/shop/` is the base with asset_url="/". A Vite config may set `/`."""
    with Site("httptools", "websockets-sansio", base=base, root_path="/shop") as site:
        assert site.ask(b"/").endswith(b"home")
        assert site.ask(b"/static/mine").endswith(b"the app's")
        assert site.heads == []
        site.ask(b"/@vite/client")
        assert site.heads[0].startswith(b"GET " + arrives + b" HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("client", "warnings"), [("192.0.2.7", 1), ("2001:db8::7", 1), ("127.0.0.1", 0), ("::1", 0), (None, 0), ("unix", 0)]
)
@pytest.mark.anyio
async def test_it_is_said_once_that_another_machine_reads_the_projects_files(
    client: str | None, warnings: int, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None: ...

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None: ...

    gate = DevGate(app, "/static/", [])
    await gate.lose()
    for path in ("/", "/static/src/app.ts", "/static/src/app.ts"):
        scope: Any = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "http_version": "1.1", "scheme": "http", "headers": [], "client": client and (client, 5), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        await gate(scope, receive, send)
    said = [record.getMessage() for record in caplog.records if "reads this project's files" in record.getMessage()]
    assert len(said) == warnings
    assert all(message.startswith(str(client)) for message in said)
