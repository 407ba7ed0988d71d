"""The test clients: requests, redirects, and state between requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Litestar, Request, get, post
from litestar.config.csrf import CSRFConfig
from litestar.response import Redirect
from litestar.testing import AsyncTestClient, TestClient

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, flash, once
from litestar_vite.testing import (
    AsyncInertiaTestClient,
    InertiaPage,
    InertiaTestClient,
    LivePage,
    assert_inertia,
    assert_redirect,
    inert,
)
from litestar_vite.testing._response import PageResponse
from tests.unit.testing.conftest import failure_of, make_app

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


# Visits ------------------------------------------------------------------------------------------------------------


def test_open_gets_a_document_and_visit_the_same_page_as_json(client: InertiaTestClient) -> None:
    opened = client.open("/users").component("Users/Index").where("total", 2)
    assert opened.html.startswith("<!DOCTYPE html>")
    visited = client.visit("/users")
    assert {**visited.props, "plans": ["free"]} == opened.props, "the client has the once-prop"


def test_a_visit_sends_the_query(client: InertiaTestClient) -> None:
    client.visit("/search", data={"q": "ada lovelace"}).where("q", "ada lovelace").url("/search?q=ada+lovelace")


def test_an_invalid_form_comes_back_with_its_errors(client: InertiaTestClient) -> None:
    client.open("/form")
    page = client.submit("/form", {"name": "Grace"})
    page.component("Form").redirected("/form").error("age", "This field is required.").missing_errors("name")
    client.submit("/form", {"name": "Ada", "age": 36}).error("name", "Already taken.")


def test_errors_go_into_the_bag_of_the_form(client: InertiaTestClient) -> None:
    client.open("/form")
    client.submit("/form", {"name": "Grace"}, error_bag="invite").has_errors("age", bag="invite").missing_errors("age")


def test_a_valid_form_leads_to_the_next_page_with_flash(client: InertiaTestClient) -> None:
    client.open("/form")
    page = client.submit("/form", {"name": "Grace", "age": 37})
    page.component("Users/Index").url("/users").has_flash("success", "Grace was added.").has_flash("user.id", 7)
    client.visit("/users").missing_flash()


def test_put_and_delete_are_followed_as_gets(client: InertiaTestClient) -> None:
    client.open("/form")
    client.submit("/form", {"name": "Grace", "age": 37}, method="put").component("Users/Index").redirected(
        "/hop?name=Grace", "/users"
    )
    client.submit("/form", method="DELETE").component("Form")


def test_a_file_is_sent_as_multipart(client: InertiaTestClient) -> None:
    client.open("/form")
    page = client.submit("/upload", files={"data": ("a.txt", b"hello", "text/plain")})
    page.component("Form").has_flash("info", "a.txt: 5 bytes")


def test_a_redirect_with_a_fragment_is_followed_by_the_client(client: InertiaTestClient) -> None:
    client.visit("/section").component("Users/Index").redirected("/users#second").preserves_fragment()


def test_history_flags(client: InertiaTestClient) -> None:
    client.visit("/logout").component("Bye").encrypts_history().clears_history()


def test_an_error_page_is_a_page(client: InertiaTestClient) -> None:
    client.visit("/nothing").status(404).component("Errors/Error").where("status", 404)


def test_an_old_client_gets_a_new_document(client: InertiaTestClient) -> None:
    client.open("/form")
    client.version = "v0"
    page = client.visit("/users").component("Users/Index").redirected("/users")
    assert page.html
    assert client.version == "v1", "the client now runs the new build"


def test_a_version_that_depends_on_the_request_is_taken_over(tmp_path: Path) -> None:
    config = InertiaConfig(asset_version=lambda request: f"for-{request.headers['host']}")
    with InertiaTestClient(make_app(tmp_path, config)) as client:
        client.visit("/form").version("for-testserver.local").redirected()


def test_the_client_refuses_other_origins_and_suggests_an_assertion(client: InertiaTestClient) -> None:
    message = failure_of(lambda: client.visit("/away"))
    assert message.startswith("GET /away redirects to another origin, 'https://example.org/login'.")
    assert "assert_redirect(client.inertia('GET', '/away')).external('https://example.org/login')" in message


def test_a_loop_ends(client: InertiaTestClient) -> None:
    assert failure_of(lambda: client.visit("/loop")).startswith("More than 20 redirects: /loop → /loop")
    assert failure_of(lambda: client.open("/loop")).startswith("More than 20 redirects: /loop → /loop")


def test_a_response_that_is_not_a_page_fails(client: InertiaTestClient) -> None:
    assert "/api is not an Inertia page: status 200, application/json" in failure_of(lambda: client.visit("/api"))


def test_a_reload_needs_a_page(client: InertiaTestClient) -> None:
    assert failure_of(client.reload) == "No page to reload. Call open() or visit() first."


def test_the_client_remembers_once_props_until_they_expire(tmp_path: Path) -> None:
    calls: list[str] = []

    @get("/a", component="A")
    async def a() -> dict[str, Any]:
        return {
            "kept": once(lambda: calls.append("kept") or 1),
            "gone": once(lambda: calls.append("gone") or 2, until=-1),
        }

    with InertiaTestClient(
        Litestar([a], plugins=[VitePlugin(ViteConfig(root=tmp_path, inertia=InertiaConfig()))])
    ) as client:
        client.open("/a").has_all("kept", "gone")
        client.visit("/a").missing("kept").has("gone").has_once("kept")
        client.visit("/a").missing("kept")
        assert calls == ["kept", "gone", "gone", "gone"]
        client.reload("kept").has("kept")


def test_the_client_shows_its_xsrf_cookie(tmp_path: Path) -> None:
    csrf = CSRFConfig(secret="x" * 32, cookie_name="XSRF-TOKEN", header_name="X-XSRF-TOKEN")
    with InertiaTestClient(make_app(tmp_path, csrf_config=csrf)) as client:
        client.open("/form")
        client.submit("/form", {"name": "Grace", "age": 37}).component("Users/Index")


def test_the_client_sends_where_it_is_as_the_referer(tmp_path: Path) -> None:
    @get("/here", component="Here")
    async def here(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"referer": request.headers.get("referer")}

    @post("/leave")
    async def leave(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, request.headers["referer"])
        return Redirect("/here")

    app = Litestar([here, leave], plugins=[VitePlugin(ViteConfig(root=tmp_path, inertia=InertiaConfig()))])
    with InertiaTestClient(app) as client:
        client.open("/here?a=1").where("referer", None)
        client.submit("/leave").has_flash("info", "http://testserver.local/here?a=1")


# Follow-ups --------------------------------------------------------------------------------------------------------


def test_reload_only_gets_the_props_it_names_and_the_always_props(page: LivePage) -> None:
    page.reload_only("total", always="unread").where("total", 2).has("unread").missing(
        "users", "stats"
    ).missing_deferred()
    page.reload_only(["secret", "user.name"], always="unread").where("secret", "hidden").where("user", {"name": "Ada"})
    page.reload_only("secret, total", always="unread", scope=lambda part: part.has_all("secret", "total"))


def test_reload_only_fails_if_an_unnamed_prop_is_sent(page: LivePage) -> None:
    assert failure_of(lambda: page.reload_only("total")).startswith("Props were sent but not requested: 'unread'.")


def test_reload_only_fails_if_a_prop_is_not_sent(page: LivePage) -> None:
    assert failure_of(lambda: page.reload_only("totl")).startswith("No prop 'totl'.")


def test_reload_except_gets_everything_but(page: LivePage) -> None:
    page.reload_except("users", scope=lambda part: part.has("total").missing("users")).has("stats")
    assert failure_of(lambda: page.reload_except("unread")) == "Prop 'unread' should be missing; it is 3."


def test_reload_resets_props_that_are_merged(page: LivePage) -> None:
    page.reload("feed").has_merge("feed")
    page.reload("feed", reset="feed").has("feed").missing_merge("feed")


def test_the_client_reloads_the_page_it_shows(client: InertiaTestClient) -> None:
    client.visit("/users")
    client.reload(only="total").missing("users").has("total")
    client.reload(except_=["users"]).missing("users").has("total")
    client.reload().has_all("users", "total")


def test_load_deferred_fetches_every_group_and_puts_the_props_into_the_page(page: LivePage) -> None:
    page.missing("stats", "teams", "chart.points")
    loaded = page.load_deferred()
    loaded.where("stats.visits", 9).where("teams", ["red"]).where("chart.points", [1, 2]).has(
        "users", 2
    ).missing_deferred()


def test_load_deferred_fetches_the_groups_it_names(page: LivePage) -> None:
    page.load_deferred("side", scope=lambda side: side.has("teams").missing("stats")).has_deferred("stats")
    assert failure_of(lambda: page.load_deferred("top")).startswith("No deferred group 'top'; the groups are")


def test_a_deferred_prop_that_fails_is_rescued(client: InertiaTestClient, caplog: pytest.LogCaptureFixture) -> None:
    page = client.visit("/broken").load_deferred().has_rescued("news").where("weather", "sun").missing("news")
    assert "rescued" in failure_of(page.missing_rescued).lower()
    assert "'news' failed" in caplog.text


def test_a_page_without_deferred_props_has_nothing_to_load(client: InertiaTestClient) -> None:
    assert failure_of(client.visit("/form").load_deferred) == "No prop is deferred."


# Redirects ---------------------------------------------------------------------------------------------------------


def test_redirects_of_a_plain_client_and_of_an_inertia_request(client: InertiaTestClient) -> None:
    assert_redirect(client.get("/hop", follow_redirects=False)).to("/users").status(302)
    assert_redirect(client.inertia("POST", "/form", json={"name": "Grace", "age": 3}), "/users")
    assert_redirect(client.inertia("PUT", "/form", json={"name": "Grace", "age": 3})).to("/hop?name=Grace").status(303)
    assert_redirect(client.inertia("GET", "/away")).external("https://example.org/login").status(409)
    assert_redirect(client.inertia("GET", "/section")).fragment("second").to("/users#second").status(409)
    assert_redirect(client.inertia("GET", "/users", headers={"X-Inertia-Version": "old"})).external("/users")
    found = assert_redirect(client.get("/section", follow_redirects=False)).fragment("second")
    assert found.location == "/users#second"


@pytest.mark.parametrize(
    ("url", "assertion", "message"),
    [
        ("/hop", lambda r: r.to("/user"), "The response to GET /hop redirects to '/users'; expected \"/user\"."),
        ("/hop", lambda r: r.status(303), "The response to GET /hop has the status 302; expected 303."),
        (
            "/hop",
            lambda r: r.external(),
            "is followed by the client; expected a full page visit (X-Inertia-Location).",
        ),
        ("/hop", lambda r: r.fragment("x"), "has the fragment ''; expected 'x'."),
        ("/away", lambda r: r.external("https://example.com"), "redirects to 'https://example.org/login'; expected"),
    ],
)
def test_a_failed_redirect_assertion_names_the_target(
    client: InertiaTestClient, url: str, assertion: Any, message: str
) -> None:
    redirect = assert_redirect(client.inertia("GET", url))
    assert message in failure_of(lambda: assertion(redirect))


def test_a_response_that_is_not_a_redirect_is_described(client: InertiaTestClient) -> None:
    assert (
        failure_of(lambda: assert_redirect(client.get("/api")))
        == "The response to GET /api is not a redirect: status 200."
    )
    assert "A redirect was already followed: use follow_redirects=False." in failure_of(
        lambda: assert_redirect(client.get("/hop"))
    )


# Litestar's own clients --------------------------------------------------------------------------------------------


def test_assert_inertia_works_on_a_response_of_litestars_client(app: Litestar) -> None:
    with TestClient(inert(app)) as client:
        page = assert_inertia(client.get("/hop")).component("Users/Index").redirected("/users")
        assert not hasattr(page, "reload_only"), "reloading requires the client"
        assert_inertia(client.get("/users"), client).reload_only("total", always="unread").missing("users")


async def test_assert_inertia_works_on_a_response_of_litestars_async_client(app: Litestar) -> None:
    async with AsyncTestClient(inert(app)) as client:
        page = assert_inertia(await client.get("/users"), client)
        (await page.reload_only("total", always="unread")).missing("users")
        (await page.load_deferred()).has("stats")
        (await page.reload_except("users")).missing("users")


async def test_assert_inertia_works_with_httpx_alone(app: Litestar) -> None:
    async with (
        inert(app).lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as client,
    ):
        page = assert_inertia(await client.get("/users"), client)
        (await page.reload("feed", reset="feed")).missing_merge("feed")


async def test_the_async_client_does_what_the_sync_one_does(app: Litestar) -> None:
    async with AsyncInertiaTestClient(app) as client:
        page = await client.open("/users")
        assert page.html
        loaded = await page.load_deferred("side", scope=lambda side: side.has("teams"))
        loaded.has_deferred("stats")
        (await client.visit("/search", data={"q": "x"})).where("q", "x")
        (await client.visit("/form")).component("Form")
        (await client.submit("/form", {"name": "Grace"}, error_bag="b")).has_errors("age", bag="b")
        (await client.submit("/form", {"name": "Grace", "age": 1})).has_flash("success")
        (await client.reload("total")).missing("users")
        assert_redirect(await client.inertia("GET", "/away")).external()
        assert client.version == "v1"
        client.version = "v0"
        assert (await client.visit("/users")).html


# Nothing is needed and nothing is started --------------------------------------------------------------------------


def test_an_inert_app_needs_no_build_and_logs_nothing_about_it(app: Litestar, caplog: pytest.LogCaptureFixture) -> None:
    with InertiaTestClient(app) as client:
        assert "has not been built" not in client.open("/users").html
    assert "manifest" not in caplog.text


def test_an_app_that_is_not_inert_misses_its_build(app: Litestar, caplog: pytest.LogCaptureFixture) -> None:
    with TestClient(app) as client:
        assert "has not been built" in client.get("/users").text
    assert "No Vite manifest" in caplog.text


def test_the_environment_makes_an_app_inert(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("VITE_INERT", "1")
    with TestClient(make_app(tmp_path)) as client:
        assert "has not been built" not in client.get("/users").text
    assert "manifest" not in caplog.text


def test_an_app_without_the_plugin_is_rejected() -> None:
    with pytest.raises(LookupError, match="The app does not use VitePlugin"):
        InertiaTestClient(Litestar([]))


def test_missing_errors_finds_an_error_by_every_path_that_has_errors_finds(page: LivePage) -> None:
    found = InertiaPage(
        PageResponse({**page.page, "props": {"errors": {"login": {"email": "bad"}, "user.name": "short"}}}, 200, None)
    )
    for path in ("login.email", "login", "user.name"):
        found.has_errors(path)
        assert "Fields have errors" in failure_of(lambda path=path: found.missing_errors(path))
    found.missing_errors("email", "login.password").missing_errors("password", bag="login")


def test_negative_assertions_accept_the_same_names_as_positive_ones(page: LivePage) -> None:
    once_props = {"shared-countries": {"prop": "countries", "expiresAt": None}}
    found = InertiaPage(
        PageResponse({**page.page, "mergeProps": ["chat.log.lines"], "onceProps": once_props}, 200, None)
    )
    found.has_merge("chat.log.lines").has_once("countries", key="shared-countries")
    for path in ("chat", "chat.log", "chat.log.lines"):
        assert "Props should not be merged" in failure_of(lambda path=path: found.missing_merge(path))
    for name in ("countries", "shared-countries"):
        assert "Props should not be once props" in failure_of(lambda name=name: found.missing_once(name))
    found.missing_merge("chat.lo", "lines").missing_once("country")


def test_a_fragment_that_fetch_would_drop_is_reported() -> None:
    request = httpx.Request("GET", "http://testserver.local/go", headers={"X-Inertia": "true"})
    redirect = assert_redirect(httpx.Response(302, headers={"location": "/users#second"}, request=request))
    message = "The response to GET /go is a plain redirect, whose fragment fetch drops; expected X-Inertia-Redirect."
    assert failure_of(lambda: redirect.fragment("second")) == message
