"""Partial reloads and deferred, merged, once and scroll props, as the real clients request and show them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import Gate
from tests.e2e.clients.visitor import LEFT_TOO_SOON
from tests.e2e.server import wait_for

if TYPE_CHECKING:
    from tests.e2e.clients.visitor import Visitor
    from tests.e2e.conftest import Complaints


def test_partial_reloads_change_what_they_ask_for_and_nothing_else(visitor: Visitor) -> None:
    visitor.open("/partial")

    def see(a: int, b: int, always: int, name: int, email: int, hidden: str = "none") -> None:
        for selector, text in (
            ("#always", str(always)),
            ("#a", str(a)),
            ("#b", str(b)),
            ("#name", f"name {name}"),
            ("#email", f"email {email}"),
            ("#hidden", hidden),
        ):
            visitor.see(selector, text)

    see(1, 1, 1, 1, 1)
    visitor.click("#only-a")
    see(2, 1, 2, 1, 1)
    visitor.click("#only-name")
    see(2, 1, 3, 2, 1)
    visitor.click("#only-hidden")
    see(2, 1, 4, 2, 1, "shown")
    visitor.click("#except-a")
    see(2, 2, 5, 3, 2, "shown")
    visitor.click("#all")
    see(3, 3, 6, 4, 3, "none")
    assert visitor.sent.partials() == ["a", "user.name", "hidden"]
    visitor.go_back_and_forth(lambda: see(3, 3, 6, 4, 3, "none"))


def test_deferred_groups_arrive_each_in_one_request_and_a_rescued_one_can_be_tried_again(visitor: Visitor) -> None:
    gate = Gate(visitor.page, lambda request: request.headers.get("x-inertia-partial-data"))
    visitor.open("/deferred")
    gate.wait()
    for waiting in ("#slow-wait", "#pair-wait", "#shaky-wait"):
        expect(visitor.locate(waiting)).to_be_visible()
    gate.open()
    visitor.see("#slow", "slow is here")
    visitor.see("#pair", "left right")
    expect(visitor.locate("#retry")).to_be_visible()
    assert sorted(visitor.sent.partials()) == ["left,right", "shaky", "slow"]
    visitor.click("#retry")
    visitor.see("#shaky", "works again")

    def check() -> None:
        visitor.see("#slow", "slow is here")
        visitor.see("#pair", "left right")
        visitor.see("#shaky", "works again")

    visitor.go_back_and_forth(check)


def test_deferred_props_that_are_known_to_be_quick_come_with_the_page(visitor: Visitor) -> None:
    def check() -> None:
        visitor.see("#slow", "slow is here")
        visitor.see("#pair", "left right")
        visitor.see("#shaky", "steady")

    visitor.open("/quick")
    check()
    # Each prop has been computed at least once, so the document contains all but one.
    visitor.sent.requests.clear()
    visitor.open("/quick")
    check()
    assert visitor.sent.partials() == ["shaky"]
    visitor.go_back_and_forth(check)


def test_merged_props_grow_replace_equal_items_and_start_afresh_when_reset(visitor: Visitor) -> None:
    visitor.open("/merge")

    def first_page() -> None:
        visitor.see("#items", "0:v1 1:new")
        visitor.see("#log", "log1")
        visitor.see("#tree", "shared=1 own1=1")

    def both_pages() -> None:
        visitor.see("#items", "0:v2 1:new 2:new")
        visitor.see("#log", "log2 log1")
        visitor.see("#tree", "shared=1+2 own1=1 own2=2")

    first_page()
    visitor.click("#more")
    both_pages()
    visitor.go_back_and_forth(both_pages)
    visitor.click("#reset")
    first_page()
    visitor.go_back_and_forth(first_page)


def test_once_props_stay_over_pages_until_they_expire_or_are_reloaded(visitor: Visitor) -> None:
    visitor.open("/once/a")

    def see(plans: int, short: int, visit: int) -> None:
        visitor.see("#visit", str(visit))
        visitor.see("#plans", f"plans {plans}")
        visitor.see("#short", f"short {short}")

    see(1, 1, 1)
    visitor.go_to("OnceB")
    expect(visitor.locate("h1")).to_have_text("Once, page B")
    see(1, 1, 2)
    visitor.click("#again")
    visitor.see("#plans", "plans 2")
    # Advance the browser's clock by an hour. The server's clock is unchanged.
    visitor.page.clock.set_fixed_time(visitor.page.evaluate("Date.now()") / 1000 + 3600)
    visitor.go_to("OnceA")
    expect(visitor.locate("h1")).to_have_text("Once, page A")
    visitor.see("#plans", "plans 2")
    visitor.see("#short", "short 2")
    shown = visitor.locate("#visit").inner_text()
    visitor.go_back_and_forth(lambda: see(2, 2, int(shown)))


def rows(visitor: Visitor) -> list[str]:
    return visitor.locate(".row").all_inner_texts()


def scroll_until(visitor: Visitor, distance: int, row: str) -> None:
    """Scroll until a row is there."""

    def scroll() -> None:
        visitor.page.mouse.wheel(0, distance)
        visitor.page.wait_for_timeout(50)

    visitor.page.mouse.move(400, 400)
    wait_for(lambda: row in rows(visitor), row, pause=scroll)


def test_infinite_scroll_loads_what_follows(visitor: Visitor, complaints: Complaints) -> None:
    complaints.expect(LEFT_TOO_SOON)
    visitor.open("/scroll")
    scroll_until(visitor, 3000, "Row 60")
    assert rows(visitor) == [f"Row {number}" for number in range(1, 61)]
    intents = [request.headers.get("x-inertia-infinite-scroll-merge-intent") for request in visitor.sent.fetches()]
    assert set(intents) == {"append"}
    visitor.go_back_and_forth(lambda: expect(visitor.locate(".row")).to_have_count(60))


def test_infinite_scroll_loads_what_goes_before(visitor: Visitor) -> None:
    visitor.open("/scroll?page=3")
    scroll_until(visitor, -3000, "Row 1")
    assert rows(visitor)[:45] == [f"Row {number}" for number in range(1, 46)]
    intents = [request.headers.get("x-inertia-infinite-scroll-merge-intent") for request in visitor.sent.fetches()]
    assert intents.count("prepend") == 2
    scroll_until(visitor, 3000, "Row 60")
    assert rows(visitor) == [f"Row {number}" for number in range(1, 61)]


def test_infinite_scroll_goes_on_from_cursor_to_cursor(visitor: Visitor, complaints: Complaints) -> None:
    complaints.expect(LEFT_TOO_SOON)
    visitor.open("/scroll/cursors")
    scroll_until(visitor, 3000, "Row 60")
    assert rows(visitor) == [f"Row {number}" for number in range(1, 61)]
    asked = [request.url.partition("?")[2] for request in visitor.sent.fetches()]
    assert asked == ["cursor=after-15", "cursor=after-30", "cursor=after-45"]
    visitor.go_back_and_forth(lambda: expect(visitor.locate(".row")).to_have_count(60))
    # A cursor in the URL sets where the list starts.
    visitor.open("/scroll/cursors?cursor=after-30")
    scroll_until(visitor, 3000, "Row 60")
    assert rows(visitor) == [f"Row {number}" for number in range(31, 61)]


def column(visitor: Visitor, name: str) -> list[str]:
    return visitor.locate(f"#{name} .row").all_inner_texts()


def fill_column(visitor: Visitor, name: str) -> None:
    """Scroll a column to its end until all rows are loaded."""

    def scroll() -> None:
        visitor.page.evaluate(f"document.querySelector('#{name}').scrollTop = 1e6")
        visitor.page.wait_for_timeout(50)

    wait_for(lambda: len(column(visitor, name)) == 60, f"all rows of {name}", pause=scroll)


def test_two_infinite_scrolls_on_one_page_do_not_get_into_each_others_way(
    visitor: Visitor, complaints: Complaints
) -> None:
    complaints.expect(LEFT_TOO_SOON)

    def see(left: int, right: int) -> None:
        expect(visitor.locate("#left .row")).to_have_count(left)
        expect(visitor.locate("#right .row")).to_have_count(right)

    visitor.open("/scroll/two")
    see(15, 15)
    fill_column(visitor, "left")
    see(60, 15)
    assert set(visitor.sent.partials()) == {"left"}
    fill_column(visitor, "right")
    see(60, 60)
    assert visitor.sent.partials() == ["left"] * 3 + ["right"] * 3
    assert column(visitor, "left") == [f"Left {number}" for number in range(1, 61)]
    assert column(visitor, "right") == [f"Right {number}" for number in range(1, 61)]
    visitor.go_back_and_forth(lambda: see(60, 60))
    shown = visitor.page.request.get(f"{visitor.url}/scroll/two?page=2&other=3").text()
    assert ('"Left 16"' in shown, '"Left 31"' in shown, '"Right 31"' in shown, '"Right 16"' in shown) == (
        True,
        False,
        True,
        False,
    )


def test_a_filter_resets_an_infinite_scroll_which_then_goes_on(visitor: Visitor) -> None:
    visitor.open("/scroll")
    scroll_until(visitor, 3000, "Row 30")
    visitor.page.evaluate("window.scrollTo(0, 0)")
    visitor.click("#filter")
    expect(visitor.locate(".row").nth(1)).to_have_text("Row 4")
    assert "Row 3" not in rows(visitor)
    scroll_until(visitor, 3000, "Row 60")
    assert rows(visitor) == [f"Row {number}" for number in range(2, 61, 2)]
    assert re.search(r"word=even", visitor.path)
