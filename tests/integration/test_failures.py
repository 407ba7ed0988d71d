"""A server error is never silent: it is logged with its traceback, which development also shows in the browser."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest
from litestar import Controller, Litestar, Response, get, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.logging import LoggingConfig

from litestar_vite._ssr.rendering import Rendering
from litestar_vite.exceptions import SSRError
from litestar_vite.inertia import InertiaConfig, InertiaResponse, SSRConfig, defer, merge, once
from tests.integration.asgi import Answer, ask, ask_async
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from pathlib import Path

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
DATA = {"accept": "application/json"}


class Broken(Controller):
    @get("/boom", component="Home", sync_to_thread=False)
    def boom(self) -> dict[str, Any]:
        raise RuntimeError("a secret of the server")

    @get("/async", component="Home")
    async def asynchronous(self) -> dict[str, Any]:
        raise RuntimeError("a secret of the server")

    @post("/form", sync_to_thread=False)
    def form(self) -> None:
        raise RuntimeError("a secret of the server")

    @get("/prop", component="Home", sync_to_thread=False)
    def prop(self) -> dict[str, Any]:
        def fails() -> int:
            raise RuntimeError("a secret of the server")

        return {"n": fails}

    @get("/unsendable", component="Home", sync_to_thread=False)
    def unsendable(self) -> dict[str, Any]:
        return {"secret": object()}

    @get("/missing", component="Home", sync_to_thread=False)
    def missing(self) -> dict[str, Any]:
        raise NotFoundException("a secret of the server")

    @get("/closed", component="Home", sync_to_thread=False)
    def closed(self) -> dict[str, Any]:
        raise HTTPException("a secret of the server", status_code=503)


FAILING = [("GET", "/boom"), ("GET", "/async"), ("POST", "/form"), ("GET", "/prop"), ("GET", "/unsendable")]


def users_page(_: Any, exc: Exception) -> Response[Any]:
    status = getattr(exc, "status_code", 500)
    return InertiaResponse({"status": status}, component="Error", status_code=status)


def users_data(_: Any, __: Exception) -> Response[Any]:
    return Response({"detail": "Sorry"}, status_code=500)


# How an app shows its errors: with the setting, with exception handlers (pages or data), or not at all.
WAYS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "setting": ({"error_page": "Error"}, {}),
    "handlers": ({}, {"exception_handlers": {HTTPException: users_page, 500: users_page}}),
    "data": ({}, {"exception_handlers": {500: users_data}}),
    "nothing": ({}, {}),
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def apps(site: Path) -> dict[str, Litestar]:
    return {way: make_app(site, [Broken], InertiaConfig(**inertia), **app) for way, (inertia, app) in WAYS.items()}


@pytest.fixture(scope="module")
def developed(site: Path) -> dict[str, Litestar]:
    vite = {"dev_mode": True, "entry": "src/app.tsx"}
    return {
        way: make_app(site, [Broken], InertiaConfig(**inertia), vite=vite, **app)
        for way, (inertia, app) in WAYS.items()
    }


def visit(app: Litestar, method: str, path: str, client: str = "xhr") -> Answer:
    accept = {"accept": "text/html, application/xhtml+xml"}
    return ask(app, method, path, {**inertia_headers(app), **accept} if client == "xhr" else BROWSER)


def tracebacks(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [str(record.exc_info[1]) for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("client", ["xhr", "html"])
@pytest.mark.parametrize(("method", "path"), FAILING)
@pytest.mark.parametrize("way", WAYS)
def test_a_server_error_is_logged_once_and_shows_nothing_of_itself_in_production(
    apps: dict[str, Litestar], caplog: pytest.LogCaptureFixture, way: str, method: str, path: str, client: str
) -> None:
    answer = visit(apps[way], method, path, client)
    assert answer.status == 500
    assert "a secret" not in answer.text
    assert len(tracebacks(caplog)) == 1
    assert ("a secret of the server" in tracebacks(caplog)[0]) is (path != "/unsendable")


@pytest.mark.parametrize("client", ["xhr", "html"])
@pytest.mark.parametrize(("method", "path"), FAILING)
@pytest.mark.parametrize("way", ["setting", "handlers", "nothing"])
def test_development_shows_the_traceback_in_the_browser_and_logs_it(
    developed: dict[str, Litestar], caplog: pytest.LogCaptureFixture, way: str, method: str, path: str, client: str
) -> None:
    answer = visit(developed[way], method, path, client)
    assert answer.status == 500
    assert answer.header("content-type") == "text/html; charset=utf-8"
    assert answer.header("x-inertia") is None
    assert ("encode.py" if path == "/unsendable" else "test_failures.py") in answer.text
    assert ("sent as JSON" if path == "/unsendable" else "<h1>a secret of the server</h1>") in answer.text
    assert len(tracebacks(caplog)) == 1


@pytest.mark.parametrize("client", ["xhr", "html"])
@pytest.mark.parametrize(("path", "status", "is_logged"), [("/missing", 404, False), ("/closed", 503, True)])
@pytest.mark.parametrize("way", ["setting", "handlers"])
def test_expected_errors_are_pages_in_development_too(
    developed: dict[str, Litestar],
    caplog: pytest.LogCaptureFixture,
    way: str,
    path: str,
    status: int,
    is_logged: bool,
    client: str,
) -> None:
    answer = visit(developed[way], "GET", path, client)
    assert answer.status == status
    assert '"component":"Error"' in answer.text
    assert "a secret" not in answer.text
    assert bool(tracebacks(caplog)) is is_logged


@pytest.mark.parametrize("way", ["setting", "data", "nothing"])
def test_scripts_get_what_they_got_and_litestar_decides_about_their_log(
    apps: dict[str, Litestar], developed: dict[str, Litestar], caplog: pytest.LogCaptureFixture, way: str
) -> None:
    for app in (apps[way], developed[way]):
        answer = ask(app, "POST", "/form", DATA)
        assert (answer.status, "test_failures.py" in answer.text) == (500, False)
    assert not tracebacks(caplog)


LITESTARS = logging.getLogger("litestar")


@pytest.mark.parametrize(
    ("settings", "debug", "count"),
    [
        ({}, False, 1),
        ({}, True, 1),
        ({"log_exceptions": "always"}, False, 1),
        ({"log_exceptions": "never"}, False, 0),
        ({"disable_stack_trace": {RuntimeError}}, False, 0),
        (
            {"exception_logging_handler": lambda _, scope, lines: LITESTARS.error("%s %s", scope["path"], lines[-1])},
            False,
            1,
        ),
    ],
)
def test_litestars_logging_writes_the_line_once(
    site: Path, caplog: pytest.LogCaptureFixture, settings: dict[str, Any], debug: bool, count: int
) -> None:
    config = LoggingConfig(configure_root_logger=False, **settings)
    app = make_app(site, [Broken], InertiaConfig(error_page="Error"), logging_config=config, debug=debug)
    LITESTARS.handlers.append(caplog.handler)
    try:
        assert visit(app, "GET", "/boom").status == 500
    finally:
        LITESTARS.handlers.remove(caplog.handler)
    records = {id(record): record for record in caplog.records}.values()
    assert [record.name for record in records] == ["litestar"] * count
    assert all("/boom" in record.getMessage() for record in records)


def test_a_render_that_fails_on_the_early_exit_has_an_error_page(
    site: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, Any]:
        return {}

    class Failing:
        async def render(self, *_: Any) -> None:
            raise SSRError("the renderer said no", kind="render")

    ssr = SSRConfig(url="http://127.0.0.1:9", raise_on_error=True, cache=None)
    app = make_app(site, [home], InertiaConfig(ssr=ssr, error_page="Error"))
    monkeypatch.setattr(app.state["litestar_vite.inertia"], "rendering", Rendering(gateway=cast("Any", Failing())))
    answer = ask(app, "GET", "/", BROWSER)
    assert answer.status == 500
    assert '"component":"Error"' in answer.text
    assert tracebacks(caplog) == ["the renderer said no"]


class Unloadable:
    """A value with a type encoder that raises ConnectionError."""


def unloadable(_: Unloadable) -> None:
    raise ConnectionError("the database is gone")


async def late_failure() -> int:
    raise ConnectionError("the database is gone")


FAILED_PROPS: dict[str, Any] = {
    "sync": lambda: 1 / 0,
    "async": late_failure,
    "unsendable": object,
    "unloadable": Unloadable,
    "inside": lambda: {"rows": [Unloadable()]},
    "nan": lambda: float("nan"),
    "coroutine": lambda: {"rows": [late_failure()]},
}


@get("/props", component="Home", sync_to_thread=False)
def props() -> dict[str, Any]:
    rescued = {
        f"{kind}_{name}": helper(defer(fn, rescue=True))
        for kind, helper in {"defer": lambda prop: prop, "merge": merge, "once": once}.items()
        for name, fn in FAILED_PROPS.items()
    }
    return {"shown": 1, "fine": defer(lambda: 2), **rescued}


@pytest.fixture(scope="module")
def with_props(site: Path) -> Litestar:
    return make_app(site, [props], InertiaConfig(reject_nan=True), type_encoders={Unloadable: unloadable})


@pytest.mark.parametrize("kind", ["defer", "merge", "once"])
@pytest.mark.parametrize("name", FAILED_PROPS)
def test_a_rescued_prop_that_fails_in_any_way_is_logged_by_name_and_leaves_the_page_alone(
    with_props: Litestar, caplog: pytest.LogCaptureFixture, kind: str, name: str
) -> None:
    wanted = f"{kind}_{name}"
    headers = inertia_headers(with_props, partial_component="Home", partial_data=f"{wanted},fine")
    page = ask(with_props, "GET", "/props", headers).page
    assert page["props"] == {"errors": {}, "fine": 2}
    assert page["rescuedProps"] == [wanted]
    assert not {"mergeProps", "onceProps"} & page.keys()
    (record,) = caplog.records
    assert repr(wanted) in record.getMessage()
    assert record.exc_info is not None


async def total() -> int:
    return 1


UNAWAITED: dict[str, Any] = {
    "prop": lambda: {"total": total()},
    "in a dict": lambda: {"total": {"of": total()}},
    "in a list": lambda: {"total": [total()]},
    "next to a prop type": lambda: {"total": total(), "late": defer(lambda: 1)},
    "all props": lambda: InertiaResponse(total()),
}


@pytest.mark.parametrize("client", ["xhr", "html"])
@pytest.mark.parametrize("case", UNAWAITED)
def test_a_forgotten_await_is_named(site: Path, caplog: pytest.LogCaptureFixture, case: str, client: str) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def home() -> Any:
        return UNAWAITED[case]()

    assert visit(make_app(site, [home]), "GET", "/", client).status == 500
    (message,) = tracebacks(caplog)
    assert "`await total(...)`" in message
    assert "'total'" in message or case == "all props"


def test_production_without_a_build_is_unavailable(tmp_path: Path) -> None:
    app = make_app(tmp_path, [Broken, props], InertiaConfig(error_page="Error"))
    for path, status in (("/props", 503), ("/missing", 404), ("/boom", 500)):
        answer = ask(app, "GET", path, BROWSER)
        assert (answer.status, "has not been built" in answer.text) == (status, True)


class CountingExecutor(ThreadPoolExecutor):
    """Counts the calls that run in a thread."""

    count = 0

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self.count += 1
        return super().submit(*args, **kwargs)


@pytest.mark.anyio
@pytest.mark.parametrize("debug", [False, True])
async def test_an_exception_needs_no_thread(tmp_path: Path, debug: bool) -> None:
    """Litestar runs sync exception hooks in a thread, after each exception of the app."""
    app = make_app(make_site(tmp_path), [Broken], debug=debug)
    executor = CountingExecutor(1)
    asyncio.get_running_loop().set_default_executor(executor)
    assert (await ask_async(app, "GET", "/nowhere")).status == 404
    assert (await ask_async(app, "GET", "/async", headers=inertia_headers(app))).status == 500
    assert executor.count == 0
