"""A page route's early exit and Litestar's own path give the same responses (docs/design/0030-one-way-to-a-page.md)."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Annotated, Any

import anyio
import msgspec
import pytest
from litestar import Controller, HttpMethod, Litestar, Request, Response, get, route
from litestar.di import NamedDependency, Provide
from litestar.exceptions import PermissionDeniedException, ValidationException
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.pagination import CursorPagination
from litestar.params import QueryParameter
from litestar.response import Redirect
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import (
    InertiaConfig,
    InertiaResponse,
    ScrollMetadata,
    always,
    defer,
    flash,
    merge,
    once,
    optional,
    scroll,
    share,
)
from tests.integration.asgi import ask_async
from tests.support import inertia_headers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from pathlib import Path

    import httpx
    from litestar.connection import ASGIConnection


class Person(msgspec.Struct, rename="camel"):
    first_name: str
    nick: str | msgspec.UnsetType = msgspec.UNSET


@dataclasses.dataclass
class Box:
    items: list[int]


WHERE = ScrollMetadata(current_page=1, next_page=2)
PROPS: dict[str, Any] = {"a": [1, {"b": None}], "text": "</script><!-- & \u2028", "nested": {"deep": {"er": 1.5}}}


@get("/plain", component="Plain")
async def plain() -> dict[str, Any]:
    return PROPS


@get("/sync", component="Plain", sync_to_thread=False)
def in_sync() -> dict[str, Any]:
    return PROPS


@get("/thread", component="Plain", sync_to_thread=True)
def in_thread() -> dict[str, Any]:
    return PROPS


@get("/struct", component="Plain")
async def struct() -> Person:
    return Person("Ada")


@get("/dataclass", component="Plain")
async def data_class() -> Box:
    return Box([1])


@get("/nothing", component="Plain")
async def nothing() -> None:
    return None


@get("/list", component="Plain")
async def a_list() -> list[int]:
    return [1]


@get("/query", component="Plain")
async def query(page: Annotated[int, QueryParameter()] = 1, q: Annotated[str, QueryParameter()] = "") -> dict[str, Any]:
    return {"page": page, "q": q}


@get("/path/{name:str}", component="Plain")
async def path(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"name": request.path_params["name"]}


@get(["/both", "/both/{name:str}"], component="Plain")
async def two_paths(request: Request[Any, Any, Any], page: Annotated[int, QueryParameter()] = 1) -> dict[str, Any]:
    return {"page": page, **request.path_params}


@get("/kinds", component="Plain")
async def kinds() -> dict[str, Any]:
    return {"later": defer(lambda: 1), "now": always(2), "call": lambda: 3}


@get("/deferred", component="Plain")
async def deferred() -> dict[str, Any]:
    return {**PROPS, "stats": defer(lambda: 1), "later": defer(lambda: {"deep": always(lambda: 2)}, group="slow")}


@get("/in-dicts", component="Plain")
async def in_dicts() -> dict[str, Any]:
    return {**PROPS, "auth": {"user": {"name": "Ada", "stats": optional(lambda: 1)}, "now": always(2)}, "a": dict}


@get("/sometimes/{key:str}", component="Plain")
async def sometimes(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The names that hold prop types differ from request to request."""
    return {
        "first": {"n": 1},
        request.path_params["key"]: {"inner": defer(lambda: 1), "n": lambda: 2},
        "last": {"n": 3},
    }


@get("/in-a-list", component="Plain")
async def in_a_list() -> dict[str, Any]:
    return {"items": [always(1), {"deep": always(lambda: 2)}], "now": always(3), "nested": {"list": [always(4)]}}


@get("/labels", component="Plain")
async def labels() -> dict[str, Any]:
    return {
        "rows": merge([1], match_on="id"),
        "plans": once(lambda: ["free"], key="plans"),
        "pages": scroll([1], metadata=WHERE),
    }


@get("/rescued", component="Plain")
async def rescued() -> dict[str, Any]:
    return {"ok": 1, "broken": defer(lambda: 1 / 0, rescue=True), "async": defer(thing)}


class BrokenError(Exception):
    """Raised by a prop."""


def broken() -> int:
    raise BrokenError


@get("/prop-raises", component="Plain", exception_handlers={BrokenError: lambda *_: Redirect("https://other.example/")})
async def prop_raises() -> dict[str, Any]:
    return {"broken": always(broken)}


@get("/cursor", component="Plain")
async def cursor() -> dict[str, Any]:
    """The current page of a cursor pagination is read from the URL."""
    return {"pages": scroll(CursorPagination(items=[1], results_per_page=1, cursor="next"))}


@get("/clears", component="Plain")
async def clears(request: Request[Any, Any, Any]) -> dict[str, Any]:
    request.clear_session()
    return PROPS


@get("/clears-and-defers", component="Plain")
async def clears_and_defers(request: Request[Any, Any, Any]) -> dict[str, Any]:
    request.clear_session()
    return {**PROPS, "stats": defer(lambda: 1)}


@get("/dots", component="Plain")
async def dots() -> dict[str, Any]:
    return {"auth.user": "Ada", "auth.team": "Engines"}


@get("/shared", component="Plain")
async def shared(request: Request[Any, Any, Any]) -> dict[str, Any]:
    share(request, "user", "Ada")
    return PROPS


@get("/flashes", component="Plain")
async def flashes(request: Request[Any, Any, Any]) -> dict[str, Any]:
    flash(request, "Saved")
    return PROPS


@get("/flash-and-go", component="Plain")
async def flash_and_go(request: Request[Any, Any, Any]) -> Redirect:
    flash(request, "Gone")
    return Redirect("/plain")


@get("/redirect", component="Plain")
async def redirect() -> Redirect:
    return Redirect("/plain#top")


@get("/response", component="Plain")
async def response() -> InertiaResponse[dict[str, Any]]:
    return InertiaResponse(PROPS, component="Other", headers={"X-Mine": "1"}, status_code=203)


@get("/raw", component="Plain")
async def raw() -> Response[bytes]:
    return Response(b"raw", media_type="text/plain")


@get("/raises", component="Plain")
async def raises() -> dict[str, Any]:
    raise ValidationException(detail="No", extra=[{"key": "name", "message": "Too short"}])


@get("/unencodable", component="Plain")
async def unencodable() -> dict[str, Any]:
    return {"what": object()}


@get("/nan", component="Plain")
async def nan() -> dict[str, Any]:
    return {"number": float("nan"), "null": None}


@get("/session", component="Plain")
async def session(request: Request[Any, Any, Any]) -> dict[str, Any]:
    request.session["visits"] = request.session.get("visits", 0) + 1
    return dict(request.session)


@get("/headers", component="Plain", response_headers={"Vary": "Cookie", "X-Layer": "1"})
async def headers() -> dict[str, Any]:
    return PROPS


@get("/created", component="Plain", status_code=201)
async def created() -> dict[str, Any]:
    return PROPS


@get("/encrypted", component="Plain", encrypt_history=True)
async def encrypted() -> dict[str, Any]:
    return PROPS


async def thing() -> str:
    return "injected"


@get("/dependency", component="Plain", dependencies={"it": Provide(thing)})
async def dependency(it: NamedDependency[str]) -> dict[str, Any]:
    return {"it": it}


class Session:
    """A database session whose rows can only be read while it is open."""

    is_open = True


class Row:
    """A row with a lazy attribute."""

    def __init__(self, session: Session) -> None:
        self.session = session


def encode_row(row: Row) -> str:
    return "read" if row.session.is_open else "too late"


async def open_session() -> AsyncIterator[Session]:
    session = Session()
    try:
        yield session
    except ValueError:
        session.is_open = False
        raise
    session.is_open = False


@get("/lazy-row", component="Plain", dependencies={"session": Provide(open_session)}, type_encoders={Row: encode_row})
async def lazy_row(session: NamedDependency[Session]) -> dict[str, Any]:
    return {"row": Row(session)}


@get(
    "/lazy-row-and-kinds",
    component="Plain",
    dependencies={"session": Provide(open_session)},
    type_encoders={Row: encode_row},
)
async def lazy_row_and_kinds(session: NamedDependency[Session]) -> dict[str, Any]:
    return {"row": Row(session), "now": always(lambda: Row(session))}


@get("/dependency-and-error", component="Plain", dependencies={"session": Provide(open_session)})
async def dependency_and_error(session: NamedDependency[Session]) -> dict[str, Any]:
    raise ValidationException(detail=f"open: {session.is_open}")


def refuse_strangers(connection: ASGIConnection[Any, Any, Any, Any], _: Any) -> None:
    if connection.query_params.get("key") != "open":
        raise PermissionDeniedException


@get("/guarded", component="Plain", guards=[refuse_strangers])
async def guarded() -> dict[str, Any]:
    return PROPS


@get("/own-user", component="Plain")
async def own_user() -> dict[str, Any]:
    return {"user": "my own", "a": 1}


@route("/many", http_method=[HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST], component="Plain", status_code=200)
async def many() -> dict[str, Any]:
    return PROPS


async def users_before(request: Request[Any, Any, Any]) -> None:
    request.state.seen = True


class Guarded(Controller):
    path = "/controller"
    before_request = users_before

    @get("/", component="Plain")
    async def index(self, request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"seen": request.state.seen}


HANDLERS: list[Any] = [
    plain,
    in_sync,
    in_thread,
    struct,
    data_class,
    nothing,
    a_list,
    query,
    path,
    two_paths,
    kinds,
    deferred,
    in_dicts,
    sometimes,
    in_a_list,
    labels,
    rescued,
    prop_raises,
    cursor,
    clears,
    clears_and_defers,
    dots,
    shared,
    flashes,
    flash_and_go,
    redirect,
    response,
    raw,
    raises,
    unencodable,
    nan,
    session,
    headers,
    created,
    encrypted,
    dependency,
    lazy_row,
    lazy_row_and_kinds,
    dependency_and_error,
    guarded,
    own_user,
    many,
    Guarded,
]
PATHS = [
    "/plain",
    "/plain?x=1&y=%C3%BC",
    "/sync",
    "/thread",
    "/struct",
    "/dataclass",
    "/nothing",
    "/list",
    "/query",
    "/query?page=7&q=%3Cscript%3E",
    "/query?page=seven",
    "/path/Ada",
    "/both?page=2",
    "/both/Ada",
    "/both?page=3",
    "/kinds",
    "/deferred",
    "/in-dicts",
    "/sometimes/middle",
    "/sometimes/other",
    "/sometimes/first",
    "/in-a-list",
    "/labels",
    "/rescued",
    "/prop-raises",
    "/cursor?cursor=here",
    "/dots",
    "/shared",
    "/flashes",
    "/flash-and-go",
    "/redirect",
    "/response",
    "/raw",
    "/raises",
    "/unencodable",
    "/nan",
    "/session",
    "/deferred?session=1",
    "/clears",
    "/session",
    "/clears-and-defers",
    "/headers",
    "/created",
    "/encrypted",
    "/dependency",
    "/lazy-row",
    "/lazy-row-and-kinds",
    "/dependency-and-error",
    "/guarded",
    "/guarded?key=open",
    "/own-user",
    "/many",
    "/controller",
    "/missing",
]
VISITS: dict[str, dict[str, str]] = {
    "browser": {},
    "page change": {"x-inertia": "true", "x-inertia-version": "{version}"},
    "page change with referer": {
        "x-inertia": "true",
        "x-inertia-version": "{version}",
        "referer": "http://testserver.local/from",
    },
    "other version": {"x-inertia": "true", "x-inertia-version": "old"},
    "no version": {"x-inertia": "true"},
    "x-inertia: false": {"x-inertia": "false", "x-inertia-version": "{version}"},
    "partial": {
        "x-inertia": "true",
        "x-inertia-version": "{version}",
        "x-inertia-partial-component": "Plain",
        "x-inertia-partial-data": "a,later",
    },
    "partial of what is deferred": {
        "x-inertia": "true",
        "x-inertia-version": "{version}",
        "x-inertia-partial-component": "Plain",
        "x-inertia-partial-data": "stats,later,auth.user,broken,async,middle",
    },
    "partial but for": {
        "x-inertia": "true",
        "x-inertia-version": "{version}",
        "x-inertia-partial-component": "Plain",
        "x-inertia-partial-except": "a,auth.now",
        "x-inertia-reset": "rows",
    },
    "known once-props": {"x-inertia": "true", "x-inertia-version": "{version}", "x-inertia-except-once-props": "plans"},
    "prefetch": {"x-inertia": "true", "x-inertia-version": "{version}", "purpose": "prefetch"},
    "forged cookie": {"cookie": "inertia_carry=forged"},
    "head": {},
}


async def shared_async(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {"path": request.url.path}


SHARES: dict[str, Any] = {
    "app": "Contacts",
    "user": lambda request: request.headers.get("host"),
    "place": shared_async,
    "answer": lambda: 42,
    "last": [1],
}
APPS: dict[str, dict[str, Any]] = {
    "as it comes": {},
    "debug": {"debug": True},
    "with a session": {"session": True},
    "with a share": {"inertia": InertiaConfig(share={"app": "Contacts"})},
    "with shares to call": {"inertia": InertiaConfig(share=SHARES)},
    "with a share that gives a kind": {"inertia": InertiaConfig(share={**SHARES, "lazy": lambda: optional(lambda: 1)})},
    "with a shared kind": {"inertia": InertiaConfig(share={**SHARES, "kind": defer(lambda: 1)})},
    "with a dotted share": {"inertia": InertiaConfig(share={**SHARES, "auth.user": "Ada"})},
    "with a version of the request": {
        "inertia": InertiaConfig(asset_version=lambda request: request.query_params.get("v"))
    },
    "with encrypted history": {"inertia": InertiaConfig(encrypt_history=True), "session": True},
    "with a URL resolver": {"inertia": InertiaConfig(url_resolver=lambda request: f"/at{request.url.path}")},
    "with props that run together": {"inertia": InertiaConfig(concurrent_props=True, share=SHARES)},
    "without share names": {"inertia": InertiaConfig(share_names=False)},
}


def build(
    site: Path, *, is_early: bool, debug: bool = False, session: bool = False, inertia: InertiaConfig | None = None
) -> Litestar:
    config = inertia or InertiaConfig()
    plugin = VitePlugin(ViteConfig(root=site, inertia=dataclasses.replace(config, secret="fixed")))
    if not is_early:
        assert plugin.inertia is not None
        plugin.inertia._page_route = None
    middleware = [ServerSideSessionConfig().middleware] if session else []
    app = Litestar(
        HANDLERS, plugins=[plugin], debug=debug, middleware=middleware, openapi_config=None, logging_config=None
    )
    kinds = {type(each).__name__ for each in app.routes if each.path == "/plain"}
    assert kinds == ({"PageRoute"} if is_early else {"HTTPRoute"})
    return app


def seen(answer: httpx.Response) -> dict[str, Any]:
    """Return the parts of a response that do not contain a time or a random id."""
    cookies = sorted(value.partition("=")[0] for value in answer.headers.get_list("set-cookie"))
    kept = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
    if "allow" in kept:  # Litestar writes a set, in any order.
        kept["allow"] = ", ".join(sorted(kept["allow"].split(", ")))
    shows = "trace" in answer.text.lower() or 'name="editor"' in answer.text
    has_traceback = answer.status_code >= 500 and (shows or answer.request.method == "HEAD")
    body = "a traceback" if has_traceback else answer.text
    if body == "a traceback":
        kept.pop("content-length", None)
    return {"status": answer.status_code, "headers": kept, "cookies": cookies, "body": body}


MAIN_VISITS = ("browser", "page change", "partial", "partial of what is deferred", "known once-props", "head")
MAIN_APPS = ("with a session", "with shares to call", "with a shared kind", "with props that run together")


def _pairs() -> Iterator[Any]:
    """Yield the main visits for the default app, and a page change for some others. The rest are marked slow."""
    for setting in APPS:
        for visit in VISITS:
            is_usual = setting == "as it comes" and visit in MAIN_VISITS
            is_slow = not is_usual and not (setting in MAIN_APPS and visit == "page change")
            yield pytest.param(visit, setting, id=f"{visit}-{setting}", marks=[pytest.mark.slow] if is_slow else [])


@pytest.mark.parametrize(("visit", "setting"), [*_pairs()])
def test_the_early_exit_and_litestars_way_give_the_same_answers(site: Path, visit: str, setting: str) -> None:
    def walk(*, is_early: bool) -> list[dict[str, Any]]:
        app = build(site, is_early=is_early, **APPS[setting])
        with TestClient(app, raise_server_exceptions=False) as client:
            version = inertia_headers(app)["X-Inertia-Version"]
            sent = {name: value.format(version=version) for name, value in VISITS[visit].items()}
            ask: Callable[..., httpx.Response] = client.head if visit == "head" else client.get
            # Twice: the first request to a handler inspects it.
            return [
                {"path": path, **seen(ask(path, headers=sent, follow_redirects=False))}
                for path in PATHS
                for _ in range(2)
            ]

    for early, whole in zip(walk(is_early=True), walk(is_early=False), strict=True):
        assert early == whole


def test_a_plain_page_is_sent_without_a_request_and_a_response(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("Litestar's own path was taken")

    app = build(site, is_early=True)
    with TestClient(app) as client:
        monkeypatch.setattr(InertiaResponse, "resolve", refuse)
        assert client.get("/plain").status_code == 200
        assert client.get("/plain", headers=inertia_headers(app)).json()["component"] == "Plain"
        assert client.get("/query?page=2").status_code == 200
        # A search form sends an empty `q`, for which the early exit suffices.
        assert client.get("/query?q=&page=2").status_code == 200


def test_rows_are_encoded_while_their_session_is_open(site: Path) -> None:
    app = build(site, is_early=True)
    with TestClient(app) as client:
        assert client.get("/lazy-row", headers=inertia_headers(app)).json()["props"]["row"] == "read"


def test_a_share_is_called_once_even_if_the_page_turns_out_not_to_be_plain(site: Path) -> None:
    calls: list[str] = []

    def counted() -> Any:
        calls.append("counted")
        return 1

    def kind() -> Any:
        calls.append("kind")
        return always(2)

    app = build(site, is_early=True, inertia=InertiaConfig(share={"counted": counted, "kind": kind}))
    with TestClient(app) as client:
        props = client.get("/plain", headers=inertia_headers(app)).json()["props"]
    assert (props["counted"], props["kind"]) == (1, 2)
    assert calls == ["counted", "kind"]


def test_a_share_that_the_page_replaces_is_not_called(site: Path) -> None:
    app = build(site, is_early=True, inertia=InertiaConfig(share={"user": lambda: pytest.fail("called")}))
    with TestClient(app) as client:
        assert client.get("/own-user", headers=inertia_headers(app)).json()["props"]["user"] == "my own"


def test_one_handler_in_two_apps_has_the_version_of_each(site: Path) -> None:
    first = build(site, is_early=True, inertia=InertiaConfig(asset_version="one"))
    second = build(site, is_early=True, inertia=InertiaConfig(asset_version="two"))
    for app, version in ((first, "one"), (second, "two"), (first, "one")):
        with TestClient(app) as client:
            page = client.get("/plain", headers={"X-Inertia": "true", "X-Inertia-Version": version}).json()
            assert page["version"] == version


def test_a_file_left_by_a_handler_that_reads_a_form_is_closed(site: Path) -> None:
    kept: list[Any] = []

    @get("/form", component="Form")
    async def form(request: Request[Any, Any, Any]) -> dict[str, Any]:
        upload = (await request.form())["file"]
        kept.append(upload)
        return {"name": upload.filename}

    plugin = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig()))
    with TestClient(Litestar([form], plugins=[plugin], openapi_config=None)) as client:
        assert client.request("GET", "/form", files={"file": ("a.txt", b"x")}).status_code == 200
    assert kept[0].file.closed


def test_a_tool_that_wraps_litestars_handle_sees_every_page(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Error trackers replace the method on the class before the app is created, and open their scope in it."""
    seen_paths: list[str] = []
    seen_names: set[str] = set()
    litestars = HTTPRoute.handle

    @get("/with-query", component="Home", sync_to_thread=False)
    def with_query(page: Annotated[int, QueryParameter()] = 1) -> dict[str, Any]:
        return {"page": page}

    @functools.wraps(litestars)
    async def handle(self: Any, scope: Any, receive: Any, send: Any) -> None:
        seen_paths.append(scope["path"])
        # Sentry reads the name of a request like this.
        seen_names.add(scope["route_handler"].fn.__name__)
        await litestars(self, scope, receive, send)

    monkeypatch.setattr(HTTPRoute, "handle", handle)
    app = build(site, is_early=False, inertia=InertiaConfig())
    plugin = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig(secret="fixed")))
    watched = Litestar([plain, deferred, with_query], plugins=[plugin], openapi_config=None, logging_config=None)
    with TestClient(watched) as client, TestClient(app) as other:
        for path in ("/plain", "/deferred"):
            assert client.get(path).text == other.get(path).text
        client.get("/with-query")
    assert seen_paths == ["/plain", "/plain", "/deferred", "/deferred", "/with-query"]
    assert seen_names == {"plain", "deferred", "with_query"}


def test_a_route_that_knows_its_prop_types_finds_new_ones(site: Path) -> None:
    """The route learns from the first page which names hold prop types. Other names may hold them on later pages."""
    app = build(site, is_early=True)
    with TestClient(app) as client:
        for key in ("middle", "other", "middle"):
            page = client.get(f"/sometimes/{key}", headers=inertia_headers(app)).json()
            assert page["props"][key] == {"n": 2}
            assert page["deferredProps"] == {"default": [f"{key}.inner"]}
            assert list(page["props"]) == ["errors", "first", key, "last"]


def test_a_callable_in_a_name_that_held_none_is_called_once(site: Path) -> None:
    calls: list[str] = []

    @get("/", component="Home")
    async def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
        found = {"inner": {"n": lambda: calls.append("inner")}} if request.query_params else {"inner": {"n": 1}}
        return {"always": always(lambda: calls.append("always")), **found}

    plugin = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig()))
    with TestClient(Litestar([home], plugins=[plugin], openapi_config=None)) as client:
        client.get("/")
        assert calls == ["always"]
        client.get("/?more=1")
        assert calls == ["always", "always", "inner"]
        client.get("/?more=1")
        assert calls[3:] == ["always", "inner"]


def test_a_partial_reload_finds_always_props_under_names_that_held_none(site: Path) -> None:
    @get("/", component="Home")
    async def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
        extra = {"now": always(2)} if request.query_params else {}
        return {"later": defer(lambda: 1), "box": {"n": 1, **extra}, "list": [1]}

    plugin = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig()))
    app = Litestar([home], plugins=[plugin], openapi_config=None)
    with TestClient(app) as client:
        assert client.get("/").status_code == 200
        partial = inertia_headers(app, partial_component="Home", partial_data="later")
        props = client.get("/?more=1", headers=partial).json()["props"]
    assert props == {"errors": {}, "later": 1, "box": {"now": 2}}


@pytest.mark.anyio
async def test_a_page_finds_its_prop_types_though_another_one_learns_meanwhile(site: Path) -> None:
    """Two pages are planned with the same knowledge. While one waits for a prop, the other extends the knowledge."""
    waits, released = anyio.Event(), anyio.Event()

    async def wait() -> int:
        waits.set()
        await released.wait()
        return 1

    @get("/", component="Home")
    async def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
        extra = {"box": {"later": defer(lambda: 1)}} if request.query_params else {"box": {}}
        return {"slow": wait if "wait" in request.query_params else (lambda: 0), **extra}

    plugin = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig()))
    app = Litestar([home], plugins=[plugin], openapi_config=None)
    version = inertia_headers(app)
    await ask_async(app, target="/", headers=version)
    answers: list[Any] = []

    async def slow() -> None:
        answers.append(await ask_async(app, target="/?wait=1", headers=version))

    async with anyio.create_task_group() as group:
        group.start_soon(slow)
        await waits.wait()
        answers.append(await ask_async(app, target="/?more=1", headers=version))
        released.set()
    for answer in answers:
        assert answer.page["props"]["box"] == {}
        assert answer.page["deferredProps"] == {"default": ["box.later"]}
