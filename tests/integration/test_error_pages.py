"""Exceptions as pages, through one setting (protocol B11; the issue's fourth part)."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from advanced_alchemy.exceptions import DuplicateKeyError, NotFoundError
from litestar import Controller, Litestar, Request, Response, get
from litestar.exceptions import HTTPException, NotAuthorizedException, NotFoundException
from litestar.plugins.problem_details import ProblemDetailsConfig, ProblemDetailsException, ProblemDetailsPlugin
from litestar.testing import TestClient

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, InertiaResponse, flash
from tests.integration.asgi import ask
from tests.support import inertia_headers, make_app, make_site, page_in

SECRET = "SELECT password FROM users"


class Thrown(Controller):
    @get("/boom", component="Home", sync_to_thread=False)
    def boom(self) -> dict[str, Any]:
        raise RuntimeError(SECRET)

    @get("/missing", component="Home", sync_to_thread=False)
    def missing(self) -> dict[str, Any]:
        raise NotFoundException(SECRET)

    @get("/login", component="Home", sync_to_thread=False)
    def login(self) -> dict[str, Any]:
        raise NotAuthorizedException(SECRET, headers={"WWW-Authenticate": "Basic"})

    @get("/slow", component="Home", sync_to_thread=False)
    def slow(self) -> dict[str, Any]:
        raise HTTPException(SECRET, status_code=429, headers={"Retry-After": "3"})

    @get("/odd", component="Home", sync_to_thread=False)
    def odd(self) -> dict[str, Any]:
        raise HTTPException(SECRET, status_code=499)

    @get("/broken", component="Home", sync_to_thread=False)
    def broken(self) -> dict[str, Any]:
        return {"secret": object()}

    @get("/api", sync_to_thread=False)
    def api(self) -> dict[str, Any]:
        raise NotFoundException("No such thing")


CASES = [
    ("/boom", 500, "Internal Server Error"),
    ("/broken", 500, "Internal Server Error"),
    ("/missing", 404, "Not Found"),
    ("/nope", 404, "Not Found"),
    ("/login", 401, "Unauthorized"),
    ("/slow", 429, "Too Many Requests"),
    ("/odd", 499, "Error"),
]
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.protocol("B11")
@pytest.mark.parametrize("way", ["xhr", "html"])
@pytest.mark.parametrize(("path", "status", "message"), CASES)
def test_every_exception_becomes_a_page_and_shows_nothing_of_itself(
    site: Path, path: str, status: int, message: str, way: str
) -> None:
    app = make_app(
        site,
        [Thrown],
        InertiaConfig(error_page="Error", share={"site": "Kontor", "user": lambda request: request.url.path}),
    )
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get(path, headers=inertia_headers(app) if way == "xhr" else BROWSER)
    page = answer.json() if way == "xhr" else page_in(answer.text)
    assert answer.status_code == status
    assert page["component"] == "Error"
    assert page["props"] == {"errors": {}, "site": "Kontor", "user": path, "status": status, "message": message}
    assert page["url"] == path
    assert SECRET not in answer.text
    assert ("x-inertia" in answer.headers) is (way == "xhr")


@pytest.mark.protocol("B11")
def test_headers_of_the_exception_are_kept(site: Path) -> None:
    app = make_app(site, [Thrown], InertiaConfig(error_page="Error"))
    with TestClient(app) as client:
        assert client.get("/login", headers=inertia_headers(app)).headers["www-authenticate"] == "Basic"
        assert client.get("/slow", headers=BROWSER).headers["retry-after"] == "3"
        assert "GET" in client.post("/slow", headers=inertia_headers(app)).headers["allow"]


@pytest.mark.protocol("B11")
def test_scripts_that_want_data_get_litestars_answer(site: Path) -> None:
    app = make_app(site, [Thrown], InertiaConfig(error_page="Error"))
    with TestClient(app, raise_server_exceptions=False) as client:
        for headers in ({"Accept": "application/json"}, {"Accept": "*/*"}):
            assert client.get("/api", headers=headers).json() == {"status_code": 404, "detail": "No such thing"}
            assert client.get("/boom", headers=headers).json() == {
                "status_code": 500,
                "detail": "Internal Server Error",
            }


@pytest.mark.protocol("B11")
def test_a_mapping_chooses_the_statuses(site: Path) -> None:
    app = make_app(site, [Thrown], InertiaConfig(error_page={404: "NotFound"}))
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/nope", headers=inertia_headers(app)).json()["component"] == "NotFound"
        answer = client.get("/boom", headers=inertia_headers(app))
    assert (answer.status_code, answer.json()["detail"]) == (500, "Internal Server Error")
    assert "x-inertia" not in answer.headers


@pytest.mark.protocol("B11")
def test_a_callable_chooses_page_component_or_nothing(site: Path) -> None:
    def choose(request: Request[Any, Any, Any], status: int, exc: Exception) -> Any:
        if status == 401:
            return InertiaResponse({"why": type(exc).__name__}, component="Login", status_code=200)
        if status == 429:
            return InertiaResponse({}, component="Slow")
        return {404: "NotFound"}.get(status)

    app = make_app(site, [Thrown], InertiaConfig(error_page=choose))
    with TestClient(app, raise_server_exceptions=False) as client:
        got = {path: client.get(path, headers=inertia_headers(app)) for path, *_ in CASES}
    assert got["/login"].status_code == 200
    assert got["/login"].json()["props"] == {"errors": {}, "why": "NotAuthorizedException"}
    assert (got["/slow"].status_code, got["/slow"].json()["component"]) == (429, "Slow")
    assert got["/nope"].json()["component"] == "NotFound"
    assert got["/boom"].json() == {"status_code": 500, "detail": "Internal Server Error"}


@pytest.mark.protocol("B11")
def test_in_debug_mode_the_developer_sees_the_error_and_visitors_the_rest(site: Path) -> None:
    app = make_app(site, [Thrown], InertiaConfig(error_page="Error"), debug=True)
    with TestClient(app, raise_server_exceptions=False) as client:
        assert SECRET in client.get("/boom", headers=inertia_headers(app)).text
        assert client.get("/missing", headers=inertia_headers(app)).json()["component"] == "Error"


def mine(*_: Any) -> Response[Any]:
    return Response("mine", status_code=418)


@pytest.mark.protocol("B11")
@pytest.mark.parametrize(
    ("key", "theirs"),
    [
        (404, {"/missing", "/nope"}),
        (NotFoundException, {"/missing", "/nope"}),
        (RuntimeError, {"/boom"}),
        (500, {"/boom", "/broken"}),
        (HTTPException, {"/missing", "/nope", "/login", "/slow", "/odd"}),
        (Exception, {"/boom", "/broken"}),
    ],
)
def test_handlers_of_the_users_own_come_first(site: Path, key: Any, theirs: set[str]) -> None:
    app = make_app(site, [Thrown], InertiaConfig(error_page="Error"), exception_handlers={key: mine})
    with TestClient(app, raise_server_exceptions=False) as client:
        assert {
            path for path, *_ in CASES if client.get(path, headers=inertia_headers(app)).status_code == 418
        } == theirs


@pytest.mark.protocol("B11", "G53")
def test_an_error_page_shows_what_is_carried(site: Path) -> None:
    @get("/fails", component="Home", sync_to_thread=False)
    def fails(request: Request[Any, Any, Any]) -> dict[str, Any]:
        flash(request, "Nearly")
        raise NotFoundException

    app = make_app(site, [fails], InertiaConfig(error_page="Error"))
    with TestClient(app) as client:
        assert client.get("/fails", headers=inertia_headers(app)).json()["flash"] == {"info": ["Nearly"]}


@pytest.mark.protocol("B11")
def test_without_the_setting_nothing_changes(site: Path) -> None:
    app = make_app(site, [Thrown])
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/nope", headers=inertia_headers(app))
    assert answer.json() == {"status_code": 404, "detail": "Not Found"}


def _user_of_session(request: Request[Any, Any, Any]) -> Any:
    return request.session.get("user")


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nope", 404), ("POST", "/boom", 405), ("GET", "/boom", 500)]
)
def test_a_share_that_fails_is_left_out_of_an_error_page(site: Path, method: str, path: str, status: int) -> None:
    app = make_app(
        site, [Thrown], InertiaConfig(error_page="Error", share={"site": "Kontor", "user": _user_of_session})
    )
    with TestClient(app) as client:
        answer = client.request(method, path, headers=inertia_headers(app))
    assert answer.status_code == status
    assert answer.json()["props"] == {
        "errors": {},
        "site": "Kontor",
        "status": status,
        "message": HTTPStatus(status).phrase,
    }


def test_an_error_page_that_cannot_be_made_gives_way_to_litestars_answer(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def unsendable(*_: Any) -> InertiaResponse[Any]:
        return InertiaResponse({"secret": object()}, component="Error")

    app = make_app(site, [Thrown], InertiaConfig(error_page=unsendable))
    with TestClient(app) as client:
        answer = client.get("/nope", headers=inertia_headers(app))
    assert (answer.status_code, answer.json()["detail"]) == (404, "Not Found")
    assert "x-inertia" not in answer.headers
    assert "The error page for" in caplog.text


@pytest.mark.parametrize("status", [404, 500])
def test_an_async_callable_chooses_the_error_page(site: Path, status: int) -> None:
    async def choose(_: Any, status: int, __: Exception) -> str | None:
        return "Error" if status == 404 else None

    app = make_app(site, [Thrown], InertiaConfig(error_page=choose))
    with TestClient(app) as client:
        answer = client.get("/nope" if status == 404 else "/boom", headers=inertia_headers(app))
    assert answer.status_code == status
    assert ("x-inertia" in answer.headers) is (status == 404)


class Row(HTTPException):
    """An exception of the app that a plugin turns into problem details."""

    status_code = 409


@get("/not-found", sync_to_thread=False)
def not_found() -> None:
    raise NotFoundError(SECRET)


@get("/duplicate", component="Home", sync_to_thread=False)
def duplicate() -> dict[str, Any]:
    raise DuplicateKeyError(SECRET)


@get("/problem", component="Home", sync_to_thread=False)
def problem() -> dict[str, Any]:
    raise ProblemDetailsException(SECRET, status_code=422, title="No")


@get("/http", component="Home", sync_to_thread=False)
def http() -> dict[str, Any]:
    raise Row(SECRET)


PLUGINS_CASES = [("/not-found", 404), ("/duplicate", 409), ("/problem", 422), ("/http", 409), ("/nowhere", 404)]


@pytest.fixture(scope="module")
def with_plugins(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Litestar]:
    """Apps with other plugins before and after VitePlugin."""
    # The latest Advanced Alchemy needs a newer Litestar than the oldest that is tested.
    alchemy = pytest.importorskip(
        "advanced_alchemy.extensions.litestar", reason="needs a newer Litestar", exc_type=ImportError
    )
    site = make_site(tmp_path_factory.mktemp("site"))
    apps = {}
    for is_first in (True, False):
        details = ProblemDetailsPlugin(ProblemDetailsConfig(enable_for_all_http_exceptions=True))
        others: list[Any] = [
            details,
            alchemy.SQLAlchemyPlugin(alchemy.SQLAlchemyAsyncConfig(connection_string="sqlite+aiosqlite://")),
        ]
        vite = VitePlugin(ViteConfig(root=site, inertia=InertiaConfig(error_page="Error")))
        apps[is_first] = Litestar(
            [not_found, duplicate, problem, http],
            plugins=[vite, *others] if is_first else [*others, vite],
            logging_config=None,
            openapi_config=None,
        )
    return apps


@pytest.mark.parametrize("is_first", [True, False])
def test_what_other_plugins_answer_as_data_is_a_page_for_visitors(
    with_plugins: dict[bool, Litestar], is_first: bool
) -> None:
    app = with_plugins[is_first]
    with TestClient(app) as client:
        for path, status in PLUGINS_CASES:
            page = client.get(path, headers=inertia_headers(app))
            assert (page.status_code, page.json()["component"]) == (status, "Error"), path
            document = client.get(path, headers=BROWSER)
            assert (document.status_code, page_in(document.text)["props"]["status"]) == (status, status), path
            assert SECRET not in page.text + document.text
            data = client.get(path, headers={"Accept": "application/json"})
            assert (data.status_code, "component" in data.json()) == (status, False), path


def their_handler(*_: Any) -> Response[Any]:
    return Response({"detail": "mine"}, status_code=404)


def test_data_that_a_handler_of_the_app_answers_stays_data(site: Path) -> None:
    app = make_app(
        site, [not_found], InertiaConfig(error_page="Error"), exception_handlers={NotFoundError: their_handler}
    )
    assert ask(app, "GET", "/not-found", inertia_headers(app)).text == '{"detail":"mine"}'
