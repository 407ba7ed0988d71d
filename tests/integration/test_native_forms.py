"""Forms of pages without JavaScript, as a browser sends them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import pytest
from litestar import Request, Response, get, post
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import ClientException, HTTPException
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaConfig, SSRConfig, error, flash
from tests.integration.test_scriptless import SECRET, browsing, shown
from tests.integration.test_scriptless import app_with as rendered_app
from tests.render_server import RenderServer
from tests.support import inertia_headers, make_app

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Litestar

NAVIGATES = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate"}
RECEIVED: list[Any] = []


class Message(msgspec.Struct, forbid_unknown_fields=True):
    """The fields of the form."""

    name: Annotated[str, msgspec.Meta(min_length=2)]
    age: int | None = None
    password: str = ""


@get("/form", component="Home", hydrate=False, sync_to_thread=False)
def form() -> dict[str, Any]:
    return {}


@post("/form", sync_to_thread=False)
def save(request: Request[Any, Any, Any], data: JSONBody[Message]) -> Redirect:
    RECEIVED.append(data)
    flash(request, "Saved", "success")
    return Redirect("/form", status_code=303)


@post("/refused", sync_to_thread=False)
def refused(data: JSONBody[Message]) -> None:
    raise ClientException("Not today")


@post("/taken", sync_to_thread=False)
def taken(request: Request[Any, Any, Any], data: JSONBody[Message]) -> None:
    error(request, "name", "is taken")


def app_with(site: Path, *handlers: Any, **options: Any) -> Litestar:
    RECEIVED.clear()
    # Without rendering, so that tests can read the page object.
    config = InertiaConfig(ssr=SSRConfig(enabled=False))
    return make_app(site, handlers or [form, save, refused, taken], config, **options)


def submit(client: TestClient[Any], path: str, data: dict[str, Any], **headers: str) -> Any:
    headers = {**NAVIGATES, "Referer": "http://testserver.local/form", **headers}
    return client.post(path, data=data, headers=headers, follow_redirects=False)


def page_after(client: TestClient[Any], app: Litestar) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/form", headers=inertia_headers(app)).json()
    return found


def test_a_form_reaches_a_handler_that_takes_json_and_its_fields_are_converted(site: Path) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        answer = submit(client, "/form", {"name": "Ada", "age": ""})
        page = page_after(client, app)
    assert (answer.status_code, answer.headers["location"]) == (303, "/form")
    assert [Message("Ada", None)] == RECEIVED
    assert page["flash"] == {"success": ["Saved"]}


@pytest.mark.parametrize(
    ("path", "data", "errors", "flashed"),
    [
        ("/form", {"name": "A", "age": "x"}, {"name", "age"}, None),
        ("/refused", {"name": "Ada"}, {"form"}, {"error": ["Not today"]}),
        ("/taken", {"name": "Ada"}, {"name"}, None),
    ],
)
def test_a_refused_form_goes_back_to_its_page_with_errors(
    site: Path, path: str, data: dict[str, str], errors: set[str], flashed: Any
) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        answer = submit(client, path, data)
        page = page_after(client, app)
        later = page_after(client, app)
    assert (answer.status_code, answer.headers["location"]) == (303, "/form")
    assert set(page["props"]["errors"]) == errors
    assert page.get("flash") == flashed
    assert later["props"]["errors"] == {}


def test_a_second_submit_forgets_the_errors_of_the_first(site: Path) -> None:
    app = app_with(site)
    with TestClient(app) as client:
        submit(client, "/form", {"name": "A"})
        submit(client, "/form", {"name": "Ada"})
        page = page_after(client, app)
    assert page["props"]["errors"] == {}


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Mode": "cors"},
        {"Accept": "application/json"},
        {"Sec-Fetch-Site": ""},
    ],
)
def test_a_form_of_another_site_or_a_script_does_not_reach_a_handler_that_takes_json(
    site: Path, headers: dict[str, str]
) -> None:
    with TestClient(app_with(site)) as client:
        answer = submit(client, "/form", {"name": "Ada"}, **headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/json")
    assert RECEIVED == []


def test_apps_without_such_pages_answer_as_before(site: Path) -> None:
    @get("/form", component="Home", sync_to_thread=False)
    def hydrated() -> dict[str, Any]:
        return {}

    with TestClient(app_with(site, hydrated, save)) as client:
        assert submit(client, "/form", {"name": "Ada"}).status_code == 400
    assert RECEIVED == []


def test_a_layer_may_leave_errors_to_its_own_handlers(site: Path) -> None:
    def own(_: Request[Any, Any, Any], __: HTTPException) -> Response[str]:
        return Response("own", status_code=422)

    @post("/own", redirect_validation_errors=False, exception_handlers={HTTPException: own}, sync_to_thread=False)
    def kept(data: JSONBody[Message]) -> None:
        return None

    with TestClient(app_with(site, form, kept)) as client:
        assert submit(client, "/own", {"name": "A"}).text == "own"


def test_the_token_is_checked_and_is_no_field_of_the_form(site: Path) -> None:
    app = app_with(site, csrf_config=CSRFConfig(secret=SECRET))
    with TestClient(app) as client:
        client.get("/form")
        token = client.cookies["XSRF-TOKEN"]
        accepted = submit(client, "/form", {"name": "Ada", "_csrf_token": token})
        received = list(RECEIVED)
        page_after(client, app)
        refused = submit(client, "/form", {"name": "Eve", "_csrf_token": "wrong"})
        page = page_after(client, app)
    assert (accepted.status_code, received) == (303, [Message("Ada")])
    assert (refused.status_code, refused.headers["location"]) == (303, "/form")
    assert "XSRF-TOKEN=" in refused.headers["set-cookie"]
    assert page["flash"] == {"error": ["The page has expired. Please try again."]}
    assert received == RECEIVED


def test_on_plain_http_the_token_proves_that_a_form_is_of_this_site(site: Path) -> None:
    app = app_with(site, csrf_config=CSRFConfig(secret=SECRET))
    with TestClient(app) as client:
        client.get("/form")
        headers = {"Accept": "text/html", "Referer": "http://testserver.local/form"}
        data = {"name": "Ada", "_csrf_token": client.cookies["XSRF-TOKEN"]}
        answer = client.post("/form", data=data, headers=headers, follow_redirects=False)
    assert answer.status_code == 303
    assert [Message("Ada")] == RECEIVED


@pytest.mark.anyio
async def test_the_page_of_a_refused_form_is_rendered_with_its_errors_and_what_was_typed(site: Path) -> None:
    async with RenderServer(shown) as server:
        app = rendered_app(site, server, form, save, taken)
        async with browsing(app) as browser:
            browser.headers.update(NAVIGATES | {"Referer": "http://testserver/form"})
            data = {"name": "A", "age": "x", "password": "hunter2", "tags": ["a", "b"]}
            refused = await browser.post("/form", data=data, follow_redirects=True)
            again = await browser.get("/form")
            reported = await browser.post("/taken", data={"name": "Ada"}, follow_redirects=True)
            saved = await browser.post("/form", data={"name": "Ada"}, follow_redirects=True)
    assert [answer.status_code for answer in (refused, again, reported, saved)] == [200] * 4
    first, second, third, fourth = (page["props"] for page in server.pages)
    assert (set(first["errors"]), first["oldInput"]) == ({"name", "age"}, {"name": "A", "age": "x", "tags": ["a", "b"]})
    assert (second["errors"], "oldInput" in second) == ({}, False)
    assert (set(third["errors"]), third["oldInput"]) == ({"name"}, {"name": "Ada"})
    assert (fourth["errors"], "oldInput" in fourth) == ({}, False)
    assert "Saved" in saved.text
    assert "&quot;name&quot;: &quot;A&quot;" in refused.text


@pytest.mark.anyio
async def test_input_that_does_not_fit_into_the_cookie_is_left_out_before_any_error(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with RenderServer(shown) as server:
        async with browsing(rendered_app(site, server, form, save)) as browser:
            browser.headers.update(NAVIGATES | {"Referer": "http://testserver/form"})
            await browser.post("/form", data={"name": "A", "age": "x" * 4000}, follow_redirects=True)
    assert set(server.pages[0]["props"]["errors"]) == {"name", "age"}
    assert "oldInput" not in server.pages[0]["props"]
    assert "Cannot carry input (name, age) to the next page" in caplog.text
