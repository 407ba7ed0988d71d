"""Prefetching, polling across a deploy, history, fragments and instant visits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Gate
from tests.e2e.clients.visitor import LEFT_TOO_SOON
from tests.e2e.server import wait_for

if TYPE_CHECKING:
    from tests.e2e.clients.visitor import Visitor
    from tests.e2e.conftest import Complaints


def test_a_link_that_was_prefetched_is_followed_without_another_request(visitor: Visitor) -> None:
    visitor.open("/prefetch")
    with visitor.page.expect_response("**/detail/1") as prefetched:
        visitor.page.hover("#hover")
    assert prefetched.value.request.headers["purpose"] == "prefetch"
    visitor.click("#hover")
    visitor.see("h1", "Detail 1")
    visitor.see("#visit", "1")
    assert [request.url for request in visitor.sent.fetches()] == [prefetched.value.url]
    visitor.go_back_and_forth(lambda: visitor.see("#visit", "1"))


def test_a_prefetched_redirect_to_a_fragment_is_a_page_and_not_a_conflict(visitor: Visitor) -> None:
    visitor.open("/prefetch")
    with visitor.page.expect_response("**/fragments?from=prefetch") as prefetched:
        visitor.page.hover("#gone")
    assert prefetched.value.status == 200
    visitor.click("#gone")
    visitor.see("#from", "prefetch")
    visitor.go_back_and_forth(lambda: visitor.see("#from", "prefetch"))


def test_polling_across_a_deploy_does_not_reload_the_page_and_the_next_visit_does(
    visitor: Visitor, complaints: Complaints
) -> None:
    complaints.expect("status of 409")
    visitor.open("/poll")
    wait_for(
        lambda: int(visitor.locate("#ticks").inner_text()) >= 3,
        "three ticks",
        pause=lambda: visitor.page.wait_for_timeout(50),
    )
    visitor.deploy("build-2")
    for _ in range(3):
        with visitor.page.expect_response(lambda response: response.status == 409):
            pass
    assert visitor.is_in_the_same_document
    assert visitor.path == "/poll"
    visitor.go_to("Home")
    expect(visitor.locate("h1")).to_contain_text("Home of")
    visitor.page.wait_for_selector("html[data-ready]", state="attached")
    assert not visitor.is_in_the_same_document, "the new build was loaded"


def test_polling_goes_on_when_somebody_comes_back(visitor: Visitor) -> None:
    visitor.open("/poll")

    def ticks_go_on() -> None:
        seen = int(visitor.locate("#ticks").inner_text())
        wait_for(
            lambda: int(visitor.locate("#ticks").inner_text()) > seen,
            "a tick",
            pause=lambda: visitor.page.wait_for_timeout(50),
        )

    visitor.go_back_and_forth(ticks_go_on)


def test_history_is_encrypted_and_cleared_at_logout(visitor: Visitor) -> None:
    visitor.open("/secret")

    def check() -> None:
        visitor.see("#secret", "the salary is 4711")
        visitor.see("#visit", "1")

    check()
    assert visitor.page.evaluate("history.state.page instanceof ArrayBuffer || ArrayBuffer.isView(history.state.page)")
    visitor.go_back_and_forth(check)
    visitor.click("#logout")
    expect(visitor.locate("h1")).to_contain_text("Home of")
    visitor.page.go_back()
    # The history entry can no longer be decrypted, so the client requests the page again.
    visitor.see("#visit", "2")
    assert visitor.is_in_the_same_document


def section_two_is_at_the_top(visitor: Visitor) -> None:
    visitor.page.wait_for_function("Math.abs(document.querySelector('#two').getBoundingClientRect().top) < 5")


def test_a_redirect_to_a_fragment_arrives_there(visitor: Visitor, complaints: Complaints) -> None:
    complaints.expect("status of 409")
    visitor.open("/fragments")
    visitor.click("#go")
    visitor.see("#from", "go")
    assert visitor.path == "/fragments?from=go#two"
    section_two_is_at_the_top(visitor)
    assert visitor.is_in_the_same_document
    visitor.go_back_and_forth(lambda: visitor.see("#from", "go"))


def test_a_fragment_of_a_link_is_kept_over_a_redirect_that_asks_for_it(visitor: Visitor) -> None:
    visitor.open("/fragments")
    visitor.click("#keep")
    visitor.see("#from", "keep")
    assert visitor.path == "/fragments?from=keep#two"
    section_two_is_at_the_top(visitor)
    visitor.go_back_and_forth(lambda: visitor.see("#from", "keep"))


def test_a_plain_fragment_works(visitor: Visitor) -> None:
    visitor.open("/fragments")
    visitor.click("#plain")
    visitor.see("#from", "plain")
    assert visitor.path == "/fragments?from=plain#two"
    section_two_is_at_the_top(visitor)


def see_at_once(visitor: Visitor, link: str, path: str, heading: str) -> Gate:
    """Follow a link, and check that the page shows its shared props while the gate holds its response back."""
    gate = Gate(visitor.page, lambda request: request.url.endswith(path))
    visitor.open("/instant")
    visitor.click(link)
    gate.wait()
    visitor.see("h1", heading)
    visitor.see("#data", "not here yet")
    visitor.see("#shared", f"visitor {visitor.name}")
    return gate


def test_an_instant_visit_shows_the_page_with_shared_props_at_once(visitor: Visitor) -> None:
    gate = see_at_once(visitor, "#go", "/instant/target", "Instant target")
    assert visitor.path == "/instant/target"
    gate.open()
    visitor.see("#data", "here now")
    visitor.go_back_and_forth(lambda: visitor.see("#data", "here now"))


def see_head(visitor: Visitor, name: str) -> None:
    """Wait for a page and check that its head has one title and one description, both of this page."""
    visitor.see("h1", name)
    expect(visitor.page).to_have_title(name)
    for selector in ("head title", "meta[name=description]"):
        expect(visitor.locate(selector)).to_have_count(1)
    expect(visitor.locate("meta[name=description]")).to_have_attribute(
        "content", f'The "{name.rsplit(maxsplit=1)[-1]}" & <others>'
    )


def see_no_head(visitor: Visitor) -> None:
    visitor.go_to("Home")
    expect(visitor.locate("meta[name=description]")).to_have_count(0)


@pytest.mark.parametrize("path", ["/head/1", "/head/plain"], ids=["rendered on the server", "rendered in the browser"])
def test_the_head_comes_from_the_server_and_changes_with_the_page(visitor: Visitor, path: str) -> None:
    first = 1 if path == "/head/1" else 0
    gate = Gate(visitor.page, lambda request: request.resource_type == "script")
    visitor.page.goto(visitor.url + path, wait_until="commit")
    # No script has run yet: this is the document as served.
    expect(visitor.page).to_have_title(f"Head {first}")
    expect(visitor.locate("meta[name=description]")).to_have_count(1)
    visitor.page.evaluate("document.querySelector('meta[name=description]').isFromTheDocument = true")
    gate.open()
    visitor.is_taken_over()
    see_head(visitor, f"Head {first}")
    assert visitor.page.evaluate("document.querySelector('meta[name=description]').isFromTheDocument"), (
        "the client kept the element of the document"
    )
    visitor.click("#next")
    see_head(visitor, f"Head {first + 1}")
    visitor.go_back_and_forth(lambda: see_head(visitor, f"Head {first + 1}"))
    see_no_head(visitor)


def test_an_instant_visit_to_a_page_that_the_browser_renders_brings_its_head(visitor: Visitor) -> None:
    gate = see_at_once(visitor, "#go-head", "/instant/head", "Instant head")
    expect(visitor.locate("meta[name=description]")).to_have_count(0)
    gate.open()
    visitor.see("#data", "here now")
    # Client 3.7.1 reads the head when it fires `navigate`, which it does not do for the response to an instant visit.
    # The head appears when the page is shown again. Until then, there must still be only one title.
    expect(visitor.locate("head title")).to_have_count(1)
    visitor.go_to("Home")
    expect(visitor.locate("h1")).to_contain_text("Home of")
    visitor.page.go_back()
    see_head(visitor, "Instant head")
    visitor.go_back_and_forth(lambda: see_head(visitor, "Instant head"))
    visitor.page.reload()
    visitor.is_taken_over()
    see_head(visitor, "Instant head")
    see_no_head(visitor)


def test_something_that_does_not_exist_is_an_error_page(visitor: Visitor, complaints: Complaints) -> None:
    complaints.expect("status of 404")
    visitor.open("/")
    visitor.page.evaluate("document.querySelector('nav a').href")
    visitor.page.goto(visitor.page.url + "nothing")
    visitor.see("h1", "Error 404")


def test_every_page_opens_as_a_visit_and_as_a_document(visitor: Visitor, complaints: Complaints) -> None:
    complaints.expect(LEFT_TOO_SOON)
    visitor.open("/")
    links = visitor.locate("nav a")
    names = links.all_inner_texts()
    assert len(names) == 20
    for name, url in zip(names[1:], links.evaluate_all("links => links.map((link) => link.pathname)")[1:], strict=True):
        visitor.go_to(name)
        visitor.page.wait_for_url(f"**{url}")
        expect(visitor.locate("h1")).not_to_contain_text("Home of")
        as_visit = visitor.locate("h1").inner_text()
        assert visitor.is_in_the_same_document
        visitor.open(url)
        visitor.see("h1", as_visit)
        visitor.go_to("Home")
        expect(visitor.locate("h1")).to_contain_text("Home of")
