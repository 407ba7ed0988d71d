"""Uploads, empty inputs, limits, refused forms, downloads and failures, as a visitor sees them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.e2e.clients.visitor import Visitor
from tests.e2e.server import ShopServer, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext

    from tests.e2e.conftest import Complaints


REQUIRED = "This field is required."
PICTURE: Any = {"name": "a.png", "mimeType": "image/png", "buffer": b"x" * 300}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopServer]:
    server = ShopServer(tmp_path_factory.mktemp("shop"))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def guest(shop: ShopServer, new_context: Callable[..., BrowserContext]) -> Visitor:
    return Visitor(new_context(), shop.url)


def see_flash(visitor: Visitor, message: str, category: str = "info") -> None:
    visitor.see("#flash", f'{{"{category}":["{message}"]}}')


def content_types(visitor: Visitor) -> list[str]:
    """Return the content types of the forms that were sent, without their boundaries."""
    posts = (request for request in visitor.sent.fetches() if request.method == "POST")
    return [request.headers["content-type"].partition(";")[0] for request in posts]


def is_on_its_page(visitor: Visitor) -> bool:
    """Return whether the visitor still sees the same document, without a dialog."""
    return visitor.is_in_the_same_document and visitor.locate("iframe, dialog[open]").count() == 0


# Files and empty inputs


def test_an_optional_file_may_be_missing_or_there(guest: Visitor) -> None:
    guest.open("/upload")
    guest.click("#send")
    see_flash(guest, "A file: none")
    guest.page.set_input_files("input[type=file]", PICTURE)
    guest.click("#send")
    see_flash(guest, "A file: a.png, 300 bytes")
    assert content_types(guest) == ["application/json", "multipart/form-data"]
    assert is_on_its_page(guest)


def test_an_empty_file_input_of_a_form_is_no_file(guest: Visitor) -> None:
    guest.open("/forms/profile")
    guest.page.fill("input[name=name]", "Ada")
    guest.click("#send")
    see_flash(guest, "Ada: none")
    guest.page.set_input_files("input[name=avatar]", PICTURE)
    guest.click("#send")
    see_flash(guest, "Ada: a.png, 300 bytes")
    assert is_on_its_page(guest)


def test_a_required_file_is_an_error_of_its_field_and_not_of_others_while_typing(
    guest: Visitor, complaints: Complaints
) -> None:
    complaints.expect("status of 422")
    guest.open("/forms/passport")
    guest.page.fill("input[name=name]", "Al")
    guest.page.press("input[name=name]", "Tab")
    guest.see("#name-error", "Must have at least 3 characters.")
    guest.see("#scan-error", "")
    guest.page.fill("input[name=name]", "Ada")
    guest.page.press("input[name=name]", "Tab")
    guest.see("#name-valid", "valid")
    guest.click("#send")
    guest.see("#outcomes", "refused")
    guest.see("#scan-error", REQUIRED)
    guest.page.set_input_files("input[name=scan]", PICTURE)
    guest.click("#send")
    see_flash(guest, "Ada: a.png, 300 bytes")
    assert is_on_its_page(guest)


def test_empty_inputs_are_none_where_they_may_be_and_required_where_not(guest: Visitor) -> None:
    guest.open("/forms/event")
    guest.click("#send")
    for name in ("seats", "day", "starts"):
        guest.see(f"#{name}-error", REQUIRED)
    guest.see("#count", "3")
    guest.page.fill("input[name=seats]", "4")
    guest.page.fill("input[name=day]", "2026-01-31")
    guest.page.fill("input[name=starts]", "2026-01-31T10:30")
    guest.click("#send")
    see_flash(guest, "4 2026-01-31 2026-01-31 10:30:00 None None None")
    guest.page.fill("input[name=opens]", "09:15")
    guest.click("#send")
    see_flash(guest, "4 2026-01-31 2026-01-31 10:30:00 None None 09:15:00")
    assert is_on_its_page(guest)


# Errors and flash messages


def test_refused_forms_are_refused_while_the_page_polls(guest: Visitor) -> None:
    guest.open("/queue")
    for number in range(1, 9):
        guest.click("#send")
        guest.see("#outcomes", " ".join(["refused"] * number))
        guest.see("#name-error", REQUIRED)
    assert len(guest.sent.partials()) > 8, "the page polls"


def test_a_limit_in_front_of_the_session_is_shown(guest: Visitor) -> None:
    guest.open("/forms/limited")
    guest.click("#send")
    see_flash(guest, "Done.")
    guest.click("#send")
    see_flash(guest, "Slow down.", "error")
    assert is_on_its_page(guest)


def test_of_more_errors_than_a_cookie_holds_the_first_are_shown_and_the_form_is_refused(
    guest: Visitor, shop: ShopServer
) -> None:
    guest.open("/forms/rows")
    guest.click("#send")
    guest.see("#outcomes", "refused")
    assert int(guest.locate("#count").inner_text()) > 20
    wait_for(lambda: "Cannot carry errors (rows.16.day" in shop.log, "the log to name the other errors")
    assert is_on_its_page(guest)


# Back redirects


def test_going_back_never_leads_in_a_circle(guest: Visitor) -> None:
    guest.open("/door")
    guest.click("text=/left")
    guest.page.wait_for_load_state("networkidle")
    guest.see("h1", "Form for /door")
    guest.page.context.add_cookies([{"name": "closed", "value": "1", "url": guest.url}])
    guest.click(".link:text-is('/door')")
    guest.see("h1", "Home of the shop")
    assert [request.url.removeprefix(guest.url) for request in guest.sent.fetches()][-2:] == ["/door", "/"]
    guest.page.goto(f"{guest.url}/door")
    guest.see("h1", "Home of the shop")


# Refused forms


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "The shop is closed."),
        (403, "You are not allowed to do this."),
        (409, "No, said the shop (409)."),
        (429, "No, said the shop (429)."),
    ],
)
def test_a_refused_form_keeps_its_input_and_shows_the_message(guest: Visitor, status: int, message: str) -> None:
    guest.open(f"/forms/{status}")
    guest.page.fill("input[name=name]", "Ada")
    guest.click("#send")
    guest.see("#form-error", message)
    guest.see("#outcomes", "refused")
    assert guest.page.input_value("input[name=name]") == "Ada"
    assert guest.path == f"/forms/{status}"
    assert is_on_its_page(guest)


def test_a_visitor_signs_in_with_the_wrong_password_first_and_arrives_where_they_wanted(guest: Visitor) -> None:
    guest.open("/door")
    guest.click("text=/orders?page=2")
    guest.see("h1", "Form for /login")
    assert guest.path == "/login"
    guest.page.fill("input[name=password]", "guess")
    guest.click("#send")
    guest.see("#form-error", "Wrong password.")
    see_flash(guest, "Wrong password.", "error")
    assert guest.page.input_value("input[name=password]") == "guess"
    guest.page.fill("input[name=password]", "right")
    guest.click("#send")
    guest.see("h1", "Form for /orders of page 2")
    assert guest.path == "/orders?page=2"
    assert is_on_its_page(guest)


def test_a_form_of_a_visitor_who_is_signed_out_leads_to_the_login(guest: Visitor) -> None:
    guest.open("/forms/401")
    guest.click("#send")
    guest.see("h1", "Form for /login")
    see_flash(guest, "No, said the shop (401).", "error")


# Downloads and uploads


def test_a_link_to_a_download_downloads_it(guest: Visitor, complaints: Complaints) -> None:
    complaints.expect("status of 409")
    guest.open("/door")
    with guest.page.expect_download() as download:
        guest.click("text=/report")
    assert download.value.suggested_filename == "report.json"
    assert '"inertia-clients"' in download.value.path().read_text()
    assert is_on_its_page(guest)


def test_an_upload_over_the_limit_is_an_error_of_the_form(guest: Visitor, tmp_path: Path) -> None:
    picture = tmp_path / "large.png"
    picture.write_bytes(b"x" * (4 << 20))
    guest.open("/upload")
    guest.page.set_input_files("input[type=file]", picture)
    guest.click("#send")
    see_flash(guest, "The form is too large.", "error")
    assert is_on_its_page(guest)


# Failures


def test_an_exception_shows_nothing_of_itself_and_is_in_the_log(
    guest: Visitor, shop: ShopServer, complaints: Complaints
) -> None:
    complaints.expect("status of 500")
    for visit in (lambda: guest.page.goto(f"{guest.url}/broken"), lambda: guest.click("#broken")):
        before = shop.log.count("RuntimeError: a secret of the server")
        visit()
        guest.see("h1", "Error 500")
        assert "a secret" not in guest.page.content()
        wait_for(lambda: shop.log.count("RuntimeError: a secret of the server") > before, "the traceback in the log")  # noqa: B023
        guest.open("/failing")


def test_a_deferred_prop_that_fails_leaves_the_page_and_is_in_the_log(guest: Visitor, shop: ShopServer) -> None:
    guest.open("/failing")
    guest.see("#orders", "7 orders")
    guest.see("#sorry", "The total is missing.")
    guest.see("h1", "Orders")
    wait_for(lambda: "'total'" in shop.log, "the name of the prop in the log")
    assert "ConnectionError: the database is out of order" in shop.log
    assert is_on_its_page(guest)


def test_development_shows_the_traceback_in_the_browser_and_logs_it(
    tmp_path_factory: pytest.TempPathFactory, new_context: Callable[..., BrowserContext], complaints: Complaints
) -> None:
    complaints.expect("status of (404|500|503)|ERR_CONNECTION_REFUSED|WebSocket")
    server = ShopServer(tmp_path_factory.mktemp("development"), DEVELOPMENT="1")
    try:
        guest = Visitor(new_context(), server.start().url)
        guest.page.goto(f"{guest.url}/broken")
        expect(guest.page.get_by_text("a secret of the server").first).to_be_visible()
        expect(guest.page.get_by_text("shop.py").first).to_be_visible()
        guest.open("/failing")
        guest.click("#broken")
        dialog = guest.page.frame_locator("iframe")
        expect(dialog.get_by_text("a secret of the server").first).to_be_visible()
        wait_for(lambda: server.log.count("RuntimeError: a secret of the server") == 2, "two tracebacks in the log")
        assert guest.is_in_the_same_document
    finally:
        server.stop()


# A change of user


def see_account(visitor: Visitor, name: str) -> None:
    visitor.see("h1", f"Account of {name}")
    visitor.see("#menu", f"menu of {name}")
    visitor.see("#orders", f"orders of {name}")


def test_after_a_logout_nothing_of_a_user_is_shown_to_the_next(guest: Visitor, complaints: Complaints) -> None:
    complaints.expect("status of 409")
    guest.open("/account/first")
    for button, name in (("#as-ada", "Ada"), ("#leave", "nobody"), ("#as-bob", "Bob")):
        guest.click(button)
        see_account(guest, name)
    for path in ("/account/nobody", "/account/Ada"):
        guest.page.go_back()
        guest.page.wait_for_url(f"**{path}")
        see_account(guest, "Bob")


def test_a_tab_that_another_user_left_open_shows_nothing_of_them_on_its_next_page(guest: Visitor) -> None:
    guest.open("/account/first")
    guest.click("#as-ada")
    see_account(guest, "Ada")
    # Another tab has signed in as another user.
    guest.page.context.add_cookies([{"name": "name", "value": "Bob", "url": guest.url}])
    guest.click("#reload")
    see_account(guest, "Bob")
    assert guest.is_in_the_same_document
