"""`Vary` has X-Inertia on every response that depends on it, whatever Litestar's CORS and middleware write."""

from __future__ import annotations

from typing import Any

import pytest
from litestar import Controller, Litestar, get, post, put
from litestar.config.cors import CORSConfig
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotFoundException, ValidationException
from litestar.response import Redirect

from litestar_vite.inertia import InertiaConfig, defer
from tests.integration.asgi import Answer, ask
from tests.support import VARY_OF_KEPT_PAGES, inertia_headers, make_app, make_site


class Answers(Controller):
    @get("/plain", component="Home", sync_to_thread=False)
    def plain(self) -> dict[str, Any]:
        return {"n": 1}

    @get("/planned", component="Home", sync_to_thread=False)
    def planned(self) -> dict[str, Any]:
        return {"n": defer(lambda: 1)}

    @get("/kept", component="Home", cache_control=CacheControlHeader(max_age=60), sync_to_thread=False)
    def kept(self) -> dict[str, Any]:
        return {"n": 1}

    @get("/missing", component="Home", sync_to_thread=False)
    def missing(self) -> dict[str, Any]:
        raise NotFoundException

    @get("/away", sync_to_thread=False)
    def away(self) -> Redirect:
        return Redirect("https://elsewhere.example/")

    @get("/fragment", sync_to_thread=False)
    def fragment(self) -> Redirect:
        return Redirect("/plain#part")

    @put("/moved", sync_to_thread=False)
    def moved(self) -> Redirect:
        return Redirect("/plain")

    @post("/invalid", sync_to_thread=False)
    def invalid(self) -> None:
        raise ValidationException("No", extra=[{"key": "name", "message": "No"}])

    @get("/refused", sync_to_thread=False)
    def refused(self) -> dict[str, Any]:
        raise ValidationException("No", extra=[{"key": "page", "message": "No"}])

    @get("/nothing", sync_to_thread=False)
    def nothing(self) -> None:
        return None

    @get("/data", sync_to_thread=False)
    def data(self) -> dict[str, Any]:
        return {"n": 1}


BOTH = ["/plain", "/planned", "/missing", "/nowhere", "/away", "/fragment", "/nothing"]
CASES = [("GET", path, client) for path in BOTH for client in ("xhr", "html", "stale")]
CASES += [("GET", path, client) for path in ("/refused", "/missing", "/nowhere") for client in ("json", "html")]
CASES += [("PUT", "/moved", "xhr"), ("POST", "/invalid", "xhr")]
HTML = {"accept": "text/html"}


def overwriting(app: Any) -> Any:
    """Overwrite Vary, as Litestar's CORS middleware does."""

    async def middleware(scope: Any, receive: Any, send: Any) -> None:
        async def wrapped(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [pair for pair in message["headers"] if pair[0] != b"vary"]
                message["headers"].append((b"vary", b"Origin"))
            await send(message)

        await app(scope, receive, wrapped)

    return middleware


SETTINGS: dict[str, dict[str, Any]] = {
    "alone": {},
    "cors": {"cors_config": CORSConfig(allow_origins=["https://other.example"])},
    "cors of all": {"cors_config": CORSConfig(allow_origins=["*"])},
    "middleware": {"middleware": [overwriting], "cors_config": CORSConfig()},
}


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Litestar]:
    site = make_site(tmp_path_factory.mktemp("site"))
    return {
        name: make_app(site, [Answers], InertiaConfig(error_page="Error"), **setting)
        for name, setting in SETTINGS.items()
    }


def send(app: Litestar, method: str, path: str, client: str) -> Answer:
    headers = {"xhr": inertia_headers(app), "stale": {**inertia_headers(app), "X-Inertia-Version": "old"}, "html": HTML}
    headers["json"] = {"accept": "application/json"}
    return ask(app, method, path, {**headers[client], "origin": "https://other.example", "cookie": "a=b"})


def vary(answer: Answer) -> list[str]:
    return [item.strip().lower() for item in (answer.header("vary") or "").split(",")]


@pytest.mark.parametrize(("method", "path", "client"), CASES)
@pytest.mark.parametrize("setting", SETTINGS)
def test_an_answer_that_depends_on_the_client_says_so(
    apps: dict[str, Litestar], setting: str, method: str, path: str, client: str
) -> None:
    answer = send(apps[setting], method, path, client)
    assert "x-inertia" in vary(answer), (answer.status, answer.headers)
    assert ("origin" in vary(answer)) is (setting != "alone")


@pytest.mark.parametrize("client", ["xhr", "html"])
@pytest.mark.parametrize("setting", SETTINGS)
def test_a_page_that_caches_keep_names_all_that_changes_it(
    apps: dict[str, Litestar], setting: str, client: str
) -> None:
    assert set(vary(send(apps[setting], "GET", "/kept", client))) - {"origin"} == set(VARY_OF_KEPT_PAGES)


def test_data_does_not_depend_on_it(apps: dict[str, Litestar]) -> None:
    assert send(apps["alone"], "GET", "/data", "html").header("vary") is None
    assert send(apps["alone"], "GET", "/data", "xhr").header("vary") is None
