"""A refused form goes back with a message, and signing in leads to the page that the visitor requested first."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from litestar import Litestar, Request, Response, delete, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency, Provide
from litestar.exceptions import (
    ClientException,
    HTTPException,
    InternalServerException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
    TooManyRequestsException,
    ValidationException,
)
from litestar.handlers import BaseRouteHandler
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import FromQuery, JSONBody, MultipartBody
from litestar.testing import TestClient
from msgspec import Meta, Struct, convert
from pydantic import BaseModel, Field

from litestar_vite.inertia import InertiaConfig, InertiaRedirect, intended
from litestar_vite.inertia.german import GERMAN
from tests.integration.test_root_path import served
from tests.support import inertia_headers, make_app, make_site

RAISED: dict[str, Exception] = {}


@get("/form", component="Form", sync_to_thread=False)
def form() -> dict[str, Any]:
    return {}


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {}


@post("/raise", sync_to_thread=False)
def raise_post() -> None:
    raise RAISED["it"]


@delete("/raise", status_code=204, sync_to_thread=False)
def raise_delete() -> None:
    raise RAISED["it"]


@get("/raise", component="Raise", sync_to_thread=False)
def raise_get() -> dict[str, Any]:
    raise RAISED["it"]


RAISING = [home, form, raise_post, raise_delete, raise_get]


def client_of(folder: Path, inertia: InertiaConfig | None = None, **options: Any) -> TestClient[Litestar]:
    return TestClient(make_app(folder, RAISING, inertia, **options), raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    with client_of(make_site(tmp_path_factory.mktemp("refused"))) as opened:
        yield opened


def submit(client: TestClient[Litestar], exc: Exception, method: str = "POST", **headers: str) -> Any:
    """Send a form to a handler that raises this exception."""
    RAISED["it"] = exc
    sent = inertia_headers(client.app, referer="http://testserver.local/form", **headers)
    return client.request(method, "/raise", headers=sent, follow_redirects=False)


def shown(client: TestClient[Litestar], path: str = "/form") -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the flash data and the errors of the next page."""
    page = client.get(path, headers=inertia_headers(client.app)).json()
    return page.get("flash", {}), page["props"]["errors"]


MESSAGES = [
    (PermissionDeniedException("Only owners may do this."), "Only owners may do this."),
    (PermissionDeniedException(), "You are not allowed to do this."),
    (NotAuthorizedException("Wrong password."), "Wrong password."),
    (NotAuthorizedException(), "Please sign in."),
    (HTTPException("Ada was faster.", status_code=409), "Ada was faster."),
    (HTTPException(status_code=409), "This has been changed in the meantime. Please reload the page and try again."),
    (ClientException("No.", status_code=409), "No."),
    (TooManyRequestsException(), "Too many attempts. Please try again later."),
    (ClientException("You have no credit."), "You have no credit."),
    (HTTPException("Not like this.", status_code=422), "Not like this."),
    (ValidationException("Choose at least one."), "Choose at least one."),
]  # fmt: skip


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(("exc", "message"), MESSAGES)
def test_a_refused_form_goes_back_with_its_message(
    client: TestClient[Litestar], exc: Exception, message: str, method: str
) -> None:
    answer = submit(client, exc, method)
    assert (answer.status_code, answer.headers["location"]) == (303, "/form")
    # Also an error, so that the client calls onError and keeps the input.
    assert shown(client) == ({"error": [message]}, {"form": message})
    assert shown(client) == ({}, {}), "shown once"


def test_an_extra_of_fields_names_them(client: TestClient[Litestar]) -> None:
    submit(client, HTTPException("Taken.", status_code=409, extra={"user": {"name": ["Ada is taken."]}}))
    assert shown(client) == ({"error": ["Taken."]}, {"user.name": "Ada is taken."})
    submit(client, HTTPException(status_code=409, extra={"name": "Ada is taken."}), x_inertia_error_bag="signup")
    assert shown(client) == ({}, {"signup": {"name": "Ada is taken."}})


@pytest.mark.parametrize("exc", [NotFoundException("None."), HTTPException(status_code=418), InternalServerException("x"), RuntimeError("x")])  # fmt: skip
def test_other_statuses_are_left_to_litestar(client: TestClient[Litestar], exc: Exception) -> None:
    assert submit(client, exc).status_code == getattr(exc, "status_code", 500)
    assert shown(client) == ({}, {})


def test_pages_scripts_and_precognition_get_the_status(client: TestClient[Litestar]) -> None:
    RAISED["it"] = PermissionDeniedException("Secret garden.")
    assert client.get("/raise", headers=inertia_headers(client.app)).status_code == 403
    assert client.post("/raise").status_code == 403
    assert client.post("/raise", headers={"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}).status_code == 403  # fmt: skip
    assert submit(client, PermissionDeniedException(), precognition="true").status_code == 204
    assert shown(client) == ({}, {})


def test_an_http_error_of_the_server_still_shows_its_traceback_in_debug_mode(site: Path) -> None:
    with client_of(site, debug=True) as client:
        RAISED["it"] = InternalServerException("Broken pipe")
        answer = client.post("/raise", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "Broken pipe" in answer.text
    assert "<style" in answer.text


def test_statuses_and_messages_are_configured(site: Path) -> None:
    def teapot(request: Request[Any, Any, Any], exc: Exception) -> str | None:
        return None if isinstance(exc, ClientException) else f"No tea at {request.url.path}."

    config = InertiaConfig(
        refused_forms={403: False, 409: "Please reload.", 418: teapot, 423: True},
        validation_message=GERMAN,
        error_page={403: "Forbidden", 404: "NotFound"},
    )
    with client_of(site, config) as client:
        assert submit(client, PermissionDeniedException()).json()["component"] == "Forbidden"
        assert submit(client, NotFoundException()).json()["component"] == "NotFound"
        assert submit(client, ClientException(status_code=418)).status_code == 418
        for exc, message in (
            (HTTPException(status_code=409), "Please reload."),
            (HTTPException("Own.", status_code=409), "Own."),
            (HTTPException(status_code=418), "No tea at /raise."),
            (HTTPException(status_code=423), GERMAN["refused"]),
            (NotAuthorizedException(), GERMAN["unauthorized"]),
        ):
            assert submit(client, exc).status_code == 303
            assert shown(client) == ({"error": [message]}, {"form": message})


def mine(request: Request[Any, Any, Any], exc: HTTPException) -> Response[Any]:
    return Response("mine", status_code=418)


@pytest.mark.parametrize("error_page", [None, "Error"])
@pytest.mark.parametrize(("key", "is_mine"), [(403, True), (PermissionDeniedException, True), (ClientException, False), (HTTPException, False), (Exception, False)])  # fmt: skip
def test_a_handler_of_the_app_for_the_refusal_itself_wins(
    site: Path, key: Any, is_mine: bool, error_page: str | None
) -> None:
    with client_of(site, InertiaConfig(error_page=error_page), exception_handlers={key: mine}) as client:
        assert submit(client, PermissionDeniedException("No.")).status_code == (418 if is_mine else 303)
        RAISED["it"] = PermissionDeniedException("No.")
        plain = client.post("/raise", headers={"Accept": "application/json"})
    # The error page handles HTTPException, and takes precedence over a handler for Exception.
    assert plain.status_code == (403 if error_page and key is Exception else 418)


def test_a_limit_of_a_middleware_reaches_the_form_although_its_session_is_gone(site: Path) -> None:
    limit = RateLimitConfig(rate_limit=("minute", 1), exclude=["^/form$"])
    with client_of(site, middleware=[ServerSideSessionConfig().middleware, limit.middleware]) as client:
        submit(client, PermissionDeniedException("First."))
        assert shown(client) == ({"error": ["First."]}, {"form": "First."})
        assert submit(client, PermissionDeniedException("Second.")).status_code == 303
        message = "Too many attempts. Please try again later."
        assert shown(client) == ({"error": [message]}, {"form": message})


def test_an_upload_over_the_limit_reaches_the_form(site: Path) -> None:
    @post("/upload", request_max_body_size=1_000)
    async def upload(data: MultipartBody[dict[str, Any]]) -> None: ...

    with TestClient(make_app(site, [form, upload])) as client:
        headers = inertia_headers(client.app, referer="http://testserver.local/form")
        answer = client.post("/upload", files={"photo": b"x" * 2_000}, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/form")
        assert shown(client) == ({"error": ["The form is too large."]}, {"form": "The form is too large."})
        answer = client.post("/upload", content=b"x", headers={**headers, "content-type": "multipart/form-data; boundary=a"}, follow_redirects=False)  # fmt: skip
        assert answer.status_code == 303
        assert shown(client) == ({"error": ["The form could not be read."]}, {"form": "The form could not be read."})


def test_a_browser_that_is_still_sending_too_large_an_upload_gets_the_answer(site: Path) -> None:
    @post("/upload", request_max_body_size=1_000)
    async def upload(data: MultipartBody[dict[str, Any]]) -> None: ...

    app = make_app(site, [form, upload])
    size = 8 << 20
    head = "POST /upload HTTP/1.1\r\nHost: a\r\nX-Inertia: true\r\nContent-Type: multipart/form-data; boundary=a\r\n"
    with served(app, log_level="critical") as port, socket.create_connection(("127.0.0.1", port), 30) as browser:
        browser.sendall(f"{head}Content-Length: {size}\r\n\r\n".encode())
        browser.sendall(b"x" * size)
        answer = browser.recv(65_536)
    assert answer.startswith(b"HTTP/1.1 303 ")


# Signing in


def must_be_signed_in(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    if "user" not in connection.cookies:
        raise NotAuthorizedException


@get("/orders", component="Orders", guards=[must_be_signed_in], sync_to_thread=False)
def orders(page: FromQuery[int] = 1) -> dict[str, Any]:
    return {"page": page}


@post("/orders", guards=[must_be_signed_in], sync_to_thread=False)
def order() -> None: ...


@get("/login", component="Login", sync_to_thread=False)
def login() -> dict[str, Any]:
    return {}


class Login(Struct):
    password: str


def sign_in(request: Request[Any, Any, Any], data: JSONBody[Login]) -> InertiaRedirect:
    if data.password != "right":
        raise NotAuthorizedException("Wrong password.")
    answer = InertiaRedirect(request, intended(request, "/home"))
    answer.set_cookie("user", "ada")
    return answer


SIGNING_IN = [home, orders, order, login, post(["/login", "/sessions"], sync_to_thread=False)(sign_in)]


def login_client(folder: Path, target: Any = "/login", **options: Any) -> TestClient[Litestar]:
    return TestClient(make_app(folder, SIGNING_IN, InertiaConfig(redirect_unauthorized_to=target), **options))


def post_from(client: TestClient[Litestar], path: str, referer: str, **body: str) -> Any:
    headers = inertia_headers(client.app, referer=f"http://testserver.local{referer}")
    return client.post(path, json=body, headers=headers, follow_redirects=False)


@pytest.mark.parametrize("path", ["/login", "/sessions"])
@pytest.mark.parametrize("session", [False, True])
@pytest.mark.parametrize("way", ["xhr", "html"])
def test_a_visitor_signs_in_and_gets_where_they_wanted_to_go(site: Path, path: str, session: bool, way: str) -> None:
    options = {"middleware": [ServerSideSessionConfig().middleware]} if session else {}
    with login_client(site, **options) as client:
        headers = inertia_headers(client.app) if way == "xhr" else {"Accept": "text/html"}
        answer = client.get("/orders?page=2", headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (302, "/login")
        assert shown(client, "/login") == ({}, {})
        answer = post_from(client, path, "/login", password="wrong")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login"), "no loop"
        assert shown(client, "/login") == ({"error": ["Wrong password."]}, {"form": "Wrong password."})
        answer = post_from(client, path, "/login", password="right")
        assert answer.headers["location"] == "/orders?page=2"
        assert client.get("/orders?page=2", headers=inertia_headers(client.app)).json()["props"]["page"] == 2
        answer = post_from(client, path, "/login", password="right")
        assert answer.headers["location"] == "/home", "the requested page is forgotten"


class SignedOutError(HTTPException):
    status_code = 401


@pytest.mark.parametrize("exc", [HTTPException("Sorry.", status_code=401), SignedOutError("Sorry.")], ids=str)
@pytest.mark.parametrize("error_page", [None, "Error"])
@pytest.mark.parametrize("way", ["xhr", "html"])
def test_every_exception_with_401_leads_to_the_login(site: Path, exc: Exception, error_page: Any, way: str) -> None:
    @get("/mine", component="Mine", sync_to_thread=False)
    def mine() -> dict[str, Any]:
        raise exc

    @post("/mine", sync_to_thread=False)
    def change() -> None:
        raise exc

    config = InertiaConfig(redirect_unauthorized_to="/login", error_page=error_page)
    with TestClient(make_app(site, [login, mine, change], config)) as client:
        headers = inertia_headers(client.app) if way == "xhr" else {"Accept": "text/html"}
        answer = client.get("/mine", headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (302, "/login")
        answer = post_from(client, "/mine", "/mine")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert shown(client, "/login") == ({"error": ["Sorry."]}, {})
        answer = client.get("/mine", headers={"Accept": "application/json"}, follow_redirects=False)
        assert answer.status_code == 401


def test_a_form_of_a_visitor_whose_session_ended_leads_to_the_login_and_back(site: Path) -> None:
    with login_client(site) as client:
        answer = post_from(client, "/orders", "/orders?page=3")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")
        assert shown(client, "/login") == ({"error": ["Please sign in."]}, {})
        assert post_from(client, "/login", "/login", password="right").headers["location"] == "/orders?page=3"


@pytest.mark.parametrize("cookie", ["https://evil.com/", "//evil.com", "/%5Cevil.com", "%2F%2Fevil.com", "javascript:alert(1)", "%0d%0aSet-Cookie: a=b", ""])  # fmt: skip
def test_a_forged_cookie_leads_to_this_origin_only(site: Path, cookie: str) -> None:
    with login_client(site) as client:
        client.cookies.set("inertia_intended", cookie)
        location = post_from(client, "/login", "/login", password="right").headers["location"]
    assert location == "/home" or (location.startswith("/") and not location.startswith(("//", "/\\")))
    assert "evil.com" not in location


def test_prefetches_do_not_change_where_the_visitor_wants_to_go(site: Path) -> None:
    with login_client(site) as client:
        client.get("/orders?page=2", headers=inertia_headers(client.app))
        client.get("/orders?page=9", headers=inertia_headers(client.app, purpose="prefetch"))
        assert post_from(client, "/login", "/login", password="right").headers["location"] == "/orders?page=2"


def test_the_target_may_depend_on_the_request(site: Path) -> None:
    def target(request: Request[Any, Any, Any], exc: Exception) -> str | None:
        assert isinstance(exc, NotAuthorizedException)
        return None if request.url.path == "/orders" else "/login"

    with login_client(site, target) as client:
        assert client.get("/orders", headers=inertia_headers(client.app)).status_code == 401
        assert post_from(client, "/orders", "/orders").headers["location"] == "/orders"
        assert post_from(client, "/sessions", "/", password="wrong").headers["location"] == "/login"


def test_under_a_prefix_the_cookie_and_the_path_have_it(site: Path) -> None:
    app = make_app(site, SIGNING_IN, InertiaConfig(redirect_unauthorized_to="/login"))
    with TestClient(app, root_path="/shop") as client:
        answer = client.get("/orders", headers=inertia_headers(app), follow_redirects=False)
    assert answer.headers["location"] == "/shop/login"
    assert "inertia_intended=/shop/orders" in answer.headers["set-cookie"]
    assert "Path=/shop;" in answer.headers["set-cookie"]


# All errors at once


class Strict(BaseModel):
    code: str = Field(min_length=2)


class Owned(Struct):
    name: Annotated[str, Meta(min_length=2)]


class Code(Struct):
    code: str


def refuse() -> None:
    raise ValidationException(extra={"code": "Is used up."})


RAISES: dict[str, Any] = {
    "litestar": refuse,
    "msgspec": lambda: convert({"code": 5}, type=Code),
    "pydantic": lambda: Strict.model_validate({"code": "x"}),
}

EXPECTED = {"litestar": "Is used up.", "msgspec": "Must be text.", "pydantic": "Must have at least 2 characters."}


@pytest.mark.parametrize("kind", RAISES)
@pytest.mark.parametrize("is_async", [False, True])
def test_errors_of_dependencies_and_of_the_body_come_together(site: Path, kind: str, is_async: bool) -> None:
    async def coupon() -> None:
        RAISES[kind]()

    def sync_coupon() -> None:
        RAISES[kind]()

    def second() -> None:
        raise ValidationException(extra={"second": "Is wrong too."})

    provided = Provide(coupon) if is_async else Provide(sync_coupon, sync_to_thread=False)
    dependencies = {"coupon": provided, "second": Provide(second, sync_to_thread=False)}

    @post("/form", dependencies=dependencies)
    async def save(data: JSONBody[Owned], coupon: NamedDependency[None], second: NamedDependency[None]) -> None: ...

    with TestClient(make_app(site, [form, save])) as client:
        headers = {"Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
        found = client.post("/form", json={"name": ""}, headers=headers).json()["errors"]
    assert found.items() >= {"name": ["This field is required."]}.items()
    # Litestar runs both dependencies concurrently, in any order. The first failure may cancel the other one.
    assert found.get("code", [EXPECTED[kind]]) == [EXPECTED[kind]]
    assert found.get("second", ["Is wrong too."]) == ["Is wrong too."]
    assert "code" in found or "second" in found


@pytest.mark.parametrize("kind", RAISES)
def test_what_a_handler_refuses_with_a_model_is_an_error_of_its_fields(site: Path, kind: str) -> None:
    @post("/form")
    async def save(data: JSONBody[Owned]) -> None:
        RAISES[kind]()

    with TestClient(make_app(site, [form, save])) as client:
        headers = inertia_headers(client.app, referer="http://testserver.local/form")
        answer = client.post("/form", json={"name": "Ada", "code": "x"}, headers=headers, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, "/form")
        assert shown(client) == ({}, {"code": EXPECTED[kind]})
