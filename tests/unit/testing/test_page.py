"""Assertions about the page itself: metadata, errors, flash, marks, and where it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from litestar_vite.inertia import InertiaConfig
from litestar_vite.testing import InertiaTestClient, LivePage, assert_inertia
from tests.unit.testing.conftest import answer, failure_of, make_app

if TYPE_CHECKING:
    from pathlib import Path

PASSES: list[tuple[str, Any]] = [
    ("component", lambda p: p.component("Users/Index")),
    ("url", lambda p: p.url("/users").url(lambda url: url.startswith("/"))),
    ("version", lambda p: p.version("v1").version(str)),
    ("status", lambda p: p.status(200)),
    (
        "has_deferred",
        lambda p: p.has_deferred().has_deferred("stats").has_deferred("teams", "chart.points", group="side"),
    ),
    ("missing_deferred", lambda p: p.missing_deferred("users", "secret")),
    ("missing_rescued", lambda p: p.missing_rescued()),
    ("has_merge", lambda p: p.has_merge("feed", match_on="id").has_merge("log", "prepend").has_merge("tree", "deep")),
    ("missing_merge", lambda p: p.missing_merge("users", "stats")),
    ("has_once", lambda p: p.has_once("plans", key="all-plans", expires_at=lambda ms: ms > 1_700_000_000_000)),
    ("missing_once", lambda p: p.missing_once("users")),
    ("has_shared", lambda p: p.has_shared("auth", "errors")),
    ("missing_shared", lambda p: p.missing_shared("users")),
    ("marks", lambda p: p.encrypts_history(False).clears_history(False).preserves_fragment(False)),
    ("errors and flash", lambda p: p.missing_errors().missing_errors("name").missing_flash().missing_flash("success")),
    ("client_rendered", lambda p: p.client_rendered()),
    ("redirected", lambda p: p.redirected()),
]

FAILS: list[tuple[Any, str]] = [
    (lambda p: p.component("Users/Show"), "The component is 'Users/Index'; expected 'Users/Show'."),
    (lambda p: p.url("/users/1"), 'The URL is "/users"; expected "/users/1".'),
    (lambda p: p.version("v2"), 'The asset version is "v1"; expected "v2".'),
    (lambda p: p.status(404), "The status is 200; expected 404."),
    (lambda p: p.has_deferred("users"), 'Prop \'users\' is not deferred; deferred are {"default": ["stats"], "side":'),
    (lambda p: p.has_deferred("stats", group="side"), "Prop 'stats' is not deferred in group 'side';"),
    (lambda p: p.has_deferred(group="top"), "No deferred group 'top'; the groups are"),
    (lambda p: p.missing_deferred("stats"), "Props should not be deferred: 'stats'."),
    (lambda p: p.missing_deferred(), "Props should not be deferred: 'stats', 'teams', 'chart.points'."),
    (lambda p: p.has_rescued("stats"), "Prop 'stats' was not rescued; rescuedProps is []."),
    (lambda p: p.has_merge("users"), "Prop 'users' is not merged (append); mergeProps is [\"feed\"]."),
    (lambda p: p.has_merge("feed", "prepend"), "Prop 'feed' is not merged (prepend); prependProps is [\"log\"]."),
    (
        lambda p: p.has_merge("feed", match_on="key"),
        "Prop 'feed.key' is not matched on; matchPropsOn is [\"feed.id\"].",
    ),
    (lambda p: p.missing_merge(), "Props should not be merged (mergeProps): 'feed'."),
    (lambda p: p.has_scroll("feed"), "Prop 'feed' is not a scroll prop; scroll props are: none."),
    (lambda p: p.has_once("feed"), "'feed' is not a once prop; once props are: all-plans."),
    (lambda p: p.has_once("other", key="all-plans"), "Once prop 'all-plans' has the path 'plans'; expected 'other'."),
    (lambda p: p.has_once("plans", key="all-plans", expires_at=None), "expected null."),
    (lambda p: p.missing_once(), "Props should not be once props: 'all-plans'."),
    (lambda p: p.has_shared("users"), 'Prop \'users\' is not shared; sharedProps is ["errors", "auth"].'),
    (lambda p: p.missing_shared("auth"), "Props should not be shared: 'auth'."),
    (lambda p: p.encrypts_history(), "The page should set encryptHistory."),
    (lambda p: p.clears_history(), "The page should set clearHistory."),
    (lambda p: p.preserves_fragment(), "The page should set preserveFragment."),
    (lambda p: p.has_errors(), "The page has no errors."),
    (lambda p: p.has_errors("name"), "Field 'name' has no error. The errors are {}."),
    (lambda p: p.has_errors("name", bag="login"), "No error bag 'login'; the bags (or fields) are: none."),
    (lambda p: p.has_flash("success"), "No flash data at 'success'; flash has: nothing."),
    (lambda p: p.redirected("/users"), "The redirects were []; expected ['/users']."),
    (lambda p: p.html, "The response is JSON, not an HTML document. Use open() to request the document."),
    (lambda p: p.server_rendered(), "The response is JSON, not an HTML document. Use open() to request the document."),
]

SCROLL = (
    '{"component":"Feed","url":"/","props":{"posts":{"data":[]},"errors":{"name":"Too short.","login":{"email":["Taken."]}}},'
    '"scrollProps":{"posts":{"pageName":"page","previousPage":null,"nextPage":3,"currentPage":2,"reset":false}},'
    '"flash":{"success":["Saved.","Sent."],"user":{"id":7}},"rescuedProps":["news"],"encryptHistory":true}'
)


@pytest.mark.parametrize("assertion", [pytest.param(run, id=name) for name, run in PASSES])
def test_an_assertion_that_holds_passes_and_returns_the_page(page: LivePage, assertion: Any) -> None:
    assert assertion(page) is page


@pytest.mark.parametrize(("assertion", "message"), [pytest.param(run, text, id=text[:60]) for run, text in FAILS])
def test_a_failed_assertion_describes_the_page(page: LivePage, assertion: Any, message: str) -> None:
    assert message in failure_of(lambda: assertion(page))


def test_scroll_errors_flash_rescued_and_marks_of_a_page_that_has_them() -> None:
    page = assert_inertia(answer(SCROLL, {"X-Inertia": "true"}))
    page.has_scroll("posts").has_scroll("posts", page_name="page", current=2, previous=None, next=int, reset=False)
    page.has_errors().has_errors("name").error("name", "Too short.").error("name", lambda text: "short" in text)
    page.error("email", ["Taken."], bag="login").has_errors("login.email").missing_errors("title").missing_errors(
        "name", bag="login"
    )
    page.has_flash("success").has_flash("success", "Saved.").has_flash("success", ["Saved.", "Sent."]).has_flash(
        "user.id", 7
    )
    page.has_flash("user", {"id": 7}).missing_flash("error").has_rescued("news").encrypts_history()
    for assertion, message in (
        (lambda: page.has_scroll("posts", next=None), "The nextPage of scroll prop 'posts' is 3; expected null."),
        (lambda: page.has_scroll("posts", reset=True), "The reset of scroll prop 'posts' is false; expected true."),
        (lambda: page.has_errors("nmae"), "Field 'nmae' has no error. The nearest field is 'name'."),
        (lambda: page.error("name", "Other."), 'The error of \'name\' is "Too short."; expected "Other.".'),
        (lambda: page.missing_errors("name"), "Fields have errors: 'name'."),
        (lambda: page.has_flash("success", "Gone."), 'Flash \'success\' is ["Saved.", "Sent."]; expected "Gone.".'),
        (page.missing_flash, "Unexpected flash data:"),
        (lambda: page.missing_flash("user"), "Unexpected flash data at 'user': {\"id\": 7}."),
        (page.missing_rescued, "Deferred props failed and were rescued: 'news'. See the log."),
        (lambda: page.encrypts_history(False), "The page should not set encryptHistory."),
    ):
        assert message in failure_of(assertion)


def test_the_page_is_found_in_a_document_and_in_the_attribute_of_older_clients(tmp_path: Path) -> None:
    for config in (InertiaConfig(), InertiaConfig(legacy_root_attribute=True), InertiaConfig(root_element_id="main")):
        with InertiaTestClient(make_app(tmp_path, config)) as client:
            page = assert_inertia(client.get("/users"))
            page.component("Users/Index").where("users.0.name", "Ada").client_rendered()
            assert page.html.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (
            answer("{}", {"content-type": "application/json"}),
            "is not an Inertia page: status 200, application/json. A handler returns a page if",
        ),
        (answer("<h1>Hi", {"content-type": "text/html"}), "is not an Inertia page: status 200, text/html."),
        (
            answer('<div data-server-rendered="true" id="app">Hi</div>', {"content-type": "text/html"}),
            "text/html. The document was rendered without JavaScript (hydrate=False)",
        ),
        (
            answer("oops", {"content-type": "text/plain"}, 500),
            "is not an Inertia page: status 500, text/plain. The app failed. With",
        ),
        (
            answer("", {"location": "/login"}, 302),
            "is a redirect to '/login', not a page. Follow it (follow_redirects=True)",
        ),
        (
            answer("", {"x-inertia-location": "/users"}, 409),
            "sends the client to '/users' (x-inertia-location) and is not a page.",
        ),
        (answer("<p>", {"x-inertia": "true"}), "is marked as a page, but is invalid JSON"),
        (answer("[]", {"x-inertia": "true"}), "is marked as a page, but lacks props."),
    ],
)
def test_a_response_that_is_not_a_page_is_described(response: Any, message: str) -> None:
    assert failure_of(lambda: assert_inertia(response)).startswith("The response to GET /page?a=1 ")
    assert message in failure_of(lambda: assert_inertia(response))


def test_the_component_must_exist_in_the_front_end_if_there_is_one(tmp_path: Path) -> None:
    pages = tmp_path / "src" / "pages" / "Users"
    pages.mkdir(parents=True)
    (pages / "Index.vue").write_text("")
    with InertiaTestClient(make_app(tmp_path)) as client:
        client.visit("/users").component("Users/Index").component("Users/Index", exists=True)
        page = client.visit("/form")
        page.component("Form", exists=False)
        assert f"The front end has no page 'Form'; looked in {tmp_path / 'src' / 'pages'}" in failure_of(
            lambda: page.component("Form")
        )


def test_the_component_can_be_required_to_exist(page: LivePage) -> None:
    assert "looked in no folder" in failure_of(lambda: page.component("Users/Index", exists=True))
