"""Pages on the wire: headers, escaping, versions, bad props, structured returns."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import attrs
import msgspec
import pydantic
import pytest
from litestar import Litestar, Request, Response, get, head, post
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, InertiaResponse, defer, flash, share
from tests.support import inertia_headers, make_app, page_in

if TYPE_CHECKING:
    from pathlib import Path

CONTENT: dict[str, Any] = {}


@get(["/", "/sub/"], component="Home", sync_to_thread=False)
def home() -> Any:
    return CONTENT["props"]


@get("/json", sync_to_thread=False)
def plain_json() -> dict[str, Any]:
    return {"a": 1}


@pytest.fixture(autouse=True)
def _props() -> None:
    CONTENT["props"] = {"n": 1}


def visit(app: Litestar, path: str = "/", **headers: str) -> Any:
    with TestClient(app) as client:
        return client.get(path, headers=inertia_headers(app, **headers))


def test_a1_a2_a5_b8_html_and_json_are_the_same_page(site: Path) -> None:
    app = make_app(site, [home])
    with TestClient(app) as client:
        html = client.get("/?q=1")
        xhr = client.get("/?q=1", headers=inertia_headers(app))
    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert "x-inertia" not in html.headers
    assert xhr.headers["content-type"] == "application/json"
    assert xhr.headers["x-inertia"] == "true"
    assert html.headers["vary"] == xhr.headers["vary"] == "X-Inertia"
    assert page_in(html.text) == xhr.json()
    assert xhr.json()["url"] == "/?q=1"


def test_b9_other_routes_do_not_answer_as_pages_after_a_page_was_served(site: Path) -> None:
    app = make_app(site, [home, plain_json])
    with TestClient(app) as client:
        client.get("/", headers=inertia_headers(app))
        other = client.get("/json", headers=inertia_headers(app))
        missing = client.get("/gone", headers=inertia_headers(app))
    assert "x-inertia" not in other.headers
    assert "x-inertia" not in missing.headers
    assert "vary" not in other.headers


def test_b8_the_users_vary_and_headers_are_kept(site: Path) -> None:
    @get(
        "/",
        component="Home",
        response_headers={"Vary": "Cookie", "Cache-Control": "no-store", "X-Mine": "1"},
        sync_to_thread=False,
    )
    def mine() -> dict[str, int]:
        return {}

    response = visit(make_app(site, [mine]))
    assert response.headers["vary"] == "Cookie, X-Inertia"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-mine"] == "1"


def test_b13_the_url_keeps_a_trailing_slash_and_the_raw_query(site: Path) -> None:
    app = make_app(site, [home])
    assert visit(app, "/sub/?a[]=1&b=%2F").json()["url"] == "/sub/?a[]=1&b=%2F"
    with TestClient(app, root_path="/prefix") as client:
        assert client.get("/sub/", headers=inertia_headers(app)).json()["url"] == "/prefix/sub/"


def test_b18_head_answers_like_get_without_a_body(site: Path) -> None:
    @head("/", component="Home", sync_to_thread=False)
    def head_only() -> None:
        return None

    with TestClient(make_app(site, [head_only])) as client:
        response = client.head("/")
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["content-length"]) > 100


XSS = [
    "</script><script>alert(1)</script>", "<!--<script>", "<!-- <script>", "]]>", "</SCRIPT >", "<svg onload=alert(1)>", "&lt;/script&gt;",
    "\u2028\u2029", "'\"`${x}", "\\u003c/script>", "<\x00script>", "javascript:alert(1)", "</title><script>", "\\", "\\</script>", "é\U0001f600",
]  # fmt: skip


class Scripts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[dict[str, str | None]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.scripts.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        if self.scripts and self.scripts[-1].get("data-page"):
            self.text += data


@pytest.mark.parametrize("attack", XSS)
def test_a4_hostile_props_stay_data(site: Path, attack: str) -> None:
    CONTENT["props"] = {"a": attack, attack: [attack]}
    app = make_app(site, [home])
    with TestClient(app) as client:
        html = client.get("/").text
        xhr = client.get("/", headers=inertia_headers(app)).json()
    parser = Scripts()
    parser.feed(html)
    assert len(parser.scripts) == 2, "the entry and the page, nothing else"
    assert json.loads(re.search(r'application/json">(.*?)</script>', html, re.DOTALL)[1]) == xhr
    assert xhr["props"]["a"] == attack
    inner = html.split('application/json">', 1)[1].split("</script>", 1)[0]
    assert not re.search("[<>&\u2028\u2029]", inner)


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def cycle() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


BAD = {
    "cycle": cycle(), "depth": deep(10_000), "surrogate": "\ud800", "type": object(), "set of types": [object()],
}  # fmt: skip


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("wrapped", [False, True], ids=["plain", "planned"])
def test_b7_what_is_no_json_is_one_clean_error_that_names_the_prop(
    site: Path, value: Any, debug: bool, wrapped: bool
) -> None:
    CONTENT["props"] = {"fine": 1, "secret_name": value, **({"late": defer(lambda: 1)} if wrapped else {})}
    app = make_app(site, [home], debug=debug)
    response = visit(app)
    assert response.status_code == 500
    if debug:
        assert "secret_name" in response.text
    else:
        assert response.json() == {"status_code": 500, "detail": "Internal Server Error"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a6_a_number_that_is_none_is_null_or_an_error_that_names_its_path(site: Path, value: float) -> None:
    CONTENT["props"] = {"chart": {"points": [1.0, value]}, "none": None}
    assert visit(make_app(site, [home])).json()["props"]["chart"] == {"points": [1.0, None]}
    assert visit(make_app(site, [home], InertiaConfig(reject_nan=True))).status_code == 500
    in_debug = visit(make_app(site, [home], debug=True))
    assert in_debug.status_code == 500
    assert "chart.points.1" in in_debug.text


def test_plain_and_planned_pages_have_the_same_bytes(site: Path) -> None:
    """The joined page of plain props and the page encoded as one object must not differ."""

    @get("/a", component="Home", sync_to_thread=False)
    def joined() -> dict[str, Any]:
        return {"a": [1, "é<"], "b": {"c": None}}

    @get("/a", component="Home", sync_to_thread=False)
    def encoded() -> InertiaResponse[dict[str, Any]]:
        return InertiaResponse({"a": [1, "é<"], "b": {"c": None}})

    bodies = [visit(make_app(site, [handler]), "/a").content for handler in (joined, encoded)]
    assert bodies[0] == bodies[1]
    CONTENT["props"] = {}
    assert visit(make_app(site, [home])).json()["props"] == {"errors": {}}
    CONTENT["props"] = {"errors": {"mine": "x"}}
    assert visit(make_app(site, [home])).json()["props"] == {"errors": {"mine": "x"}}


class AsStruct(msgspec.Struct, rename="camel"):
    first_name: str = "Ada"
    late: Any = msgspec.field(default_factory=lambda: defer(lambda: 1))


@dataclasses.dataclass
class AsDataclass:
    firstName: str = "Ada"  # noqa: N815
    late: Any = dataclasses.field(default_factory=lambda: defer(lambda: 1))


@attrs.define
class AsAttrs:
    firstName: str = "Ada"  # noqa: N815
    late: Any = attrs.field(factory=lambda: defer(lambda: 1))


class AsModel(pydantic.BaseModel):
    firstName: str = "Ada"  # noqa: N815
    late: Any = pydantic.Field(default_factory=lambda: defer(lambda: 1))


@pytest.mark.parametrize("kind", [AsStruct, AsDataclass, AsAttrs, AsModel])
def test_objects_with_fields_are_props(site: Path, kind: Any) -> None:
    CONTENT["props"] = kind()
    page = visit(make_app(site, [home])).json()
    assert page["props"] == {"errors": {}, "firstName": "Ada"}
    assert page["deferredProps"] == {"default": ["late"]}


def test_c19_an_old_version_is_sent_away_before_the_handler_runs(site: Path) -> None:
    calls: list[int] = []

    @get("/page", component="Home", sync_to_thread=False)
    def counted(request: Request[Any, Any, Any]) -> dict[str, Any]:
        calls.append(1)
        return {"q": request.url.query}

    @post("/page", status_code=200, sync_to_thread=False)
    def posted() -> InertiaResponse[None]:
        return InertiaResponse(component="Home")

    app = make_app(site, [counted, posted])
    current = inertia_headers(app)["X-Inertia-Version"]
    with TestClient(app) as client:
        for old in ({"X-Inertia-Version": "old"}, {}):
            response = client.get("/page?q=1", headers={"X-Inertia": "true", **old})
            assert response.status_code == 409
            assert response.headers["x-inertia-location"] == "/page?q=1"
            assert response.headers["x-inertia-version"] == current
            assert "x-inertia" not in response.headers
            assert response.content == b""
        assert calls == []
        assert client.post("/page", headers={"X-Inertia": "true", "X-Inertia-Version": "old"}).status_code == 200


@pytest.mark.parametrize(
    ("configured", "version"),
    [("v1", "v1"), (lambda: "v2", "v2"), (lambda request: request.url.path, "/"), (lambda: None, None), ("", "")],
)
def test_c23_the_version_can_be_configured(site: Path, configured: Any, version: str | None) -> None:
    app = make_app(site, [home], InertiaConfig(asset_version=configured))
    with TestClient(app) as client:
        page = client.get("/", headers={"X-Inertia": "true", "X-Inertia-Version": version or "anything"}).json()
    assert page["version"] == version


def test_g51_g52_shared_props_come_first_and_are_named(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def handler(request: Request[Any, Any, Any]) -> dict[str, Any]:
        share(request, "auth.user", "Ada")
        share(request, "n", 0)
        return {"n": 1}

    app = make_app(
        site,
        [handler],
        InertiaConfig(share={"app": "Demo", "path": lambda request: request.url.path, "late": defer(lambda: 1)}),
    )
    page = visit(app).json()
    assert page["props"] == {"errors": {}, "app": "Demo", "path": "/", "auth": {"user": "Ada"}, "n": 1}
    assert page["sharedProps"] == ["errors", "app", "path", "late", "auth", "n"]
    assert page["deferredProps"] == {"default": ["late"]}


def test_r13_interleaved_requests_never_see_each_others_data(site: Path) -> None:
    import anyio
    import httpx

    @get("/", component="Home")
    async def handler(request: Request[Any, Any, Any]) -> dict[str, Any]:
        user = request.query_params["user"]
        share(request, "shared", user)
        await anyio.lowlevel.checkpoint()
        flash(request, user)
        await anyio.lowlevel.checkpoint()

        async def late() -> str:
            await anyio.lowlevel.checkpoint()
            return user

        return {"late": late, "user": user}

    app = make_app(site, [handler])
    answers: dict[str, Any] = {}

    async def main() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client:

            async def one(user: str) -> None:
                answers[user] = (await client.get(f"/?user={user}", headers=inertia_headers(app))).json()

            async with anyio.create_task_group() as group:
                for number in range(200):
                    group.start_soon(one, f"u{number}")

    anyio.run(main)
    assert len(answers) == 200
    for user, page in answers.items():
        assert page["props"] == {"errors": {}, "shared": user, "late": user, "user": user}
        assert page["flash"] == {"info": [user]}


def test_a_response_class_of_the_users_own_is_kept(site: Path) -> None:
    class Mine(InertiaResponse[Any]):
        pass

    seen: list[type] = []

    async def look(response: Response[Any]) -> Response[Any]:
        seen.append(type(response))
        return response

    @get("/", component="Home", response_class=Mine, after_request=look, sync_to_thread=False)
    def handler() -> dict[str, int]:
        return {"n": 1}

    assert visit(make_app(site, [handler])).json()["props"]["n"] == 1
    assert seen == [Mine]
