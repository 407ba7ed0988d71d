"""Error bags, validation while typing, uploads, useHttp and optimistic updates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.browsing import Gate

if TYPE_CHECKING:
    from tests.e2e.clients.visitor import Visitor
    from tests.e2e.conftest import Complaints


TOO_SHORT = "Must have at least 3 characters."


def test_each_form_gets_the_errors_of_its_own_bag(visitor: Visitor) -> None:
    visitor.open("/bags")
    visitor.page.fill("#invite input", "x")
    visitor.click("#invite button")
    visitor.see("#invite .error", TOO_SHORT)
    visitor.see("#login .error", "")
    visitor.see("#errors", f'{{"invite":{{"name":"{TOO_SHORT}"}}}}')
    visitor.go_back_and_forth(lambda: visitor.see("#errors", f'{{"invite":{{"name":"{TOO_SHORT}"}}}}'))
    visitor.page.fill("#login input", "Grace")
    visitor.click("#login button")
    visitor.see("#flash", '{"info":["Grace was sent."]}')
    visitor.see("#errors", "{}")
    visitor.go_to("Home")
    visitor.see("#flash", "")


def test_a_form_with_an_old_token_comes_back_with_a_message_and_can_be_sent_again(visitor: Visitor) -> None:
    visitor.open("/bags")
    visitor.page.context.clear_cookies(name="XSRF-TOKEN")
    visitor.page.fill("#login input", "Grace")
    visitor.click("#login button")
    expect(visitor.locate("#flash")).to_contain_text("error")
    assert visitor.page.locator("#login input").input_value() == "Grace"
    visitor.click("#login button")
    visitor.see("#flash", '{"info":["Grace was sent."]}')
    assert visitor.is_in_the_same_document


def test_a_form_is_validated_while_somebody_types_and_sent_once(visitor: Visitor, complaints: Complaints) -> None:
    complaints.expect("status of 422")
    visitor.open("/precognition")
    visitor.page.fill("input[name=name]", "x")
    visitor.page.press("input[name=name]", "Tab")
    visitor.see("#name-error", TOO_SHORT)
    visitor.see("#email-error", "")
    visitor.page.fill("input[name=name]", "Grace")
    visitor.page.press("input[name=name]", "Tab")
    visitor.see("#name-valid", "valid")
    visitor.see("#name-error", "")
    visitor.page.fill("input[name=email]", "g@example.org")
    visitor.page.press("input[name=email]", "Tab")
    visitor.see("#email-valid", "valid")
    visitor.click("#send")
    visitor.see("#flash", '{"info":["Grace signed up, 1."]}')
    assert visitor.is_in_the_same_document


def test_a_file_is_uploaded_with_progress(visitor: Visitor) -> None:
    visitor.open("/upload")
    visitor.page.set_input_files(
        "input[type=file]", {"name": "a.bin", "mimeType": "application/octet-stream", "buffer": b"x" * 3_000_000}
    )
    visitor.click("#send")
    visitor.see("#flash", '{"info":["A file: a.bin, 3000000 bytes"]}')
    visitor.see("#progress", "100%")
    assert visitor.is_in_the_same_document
    visitor.go_back_and_forth(lambda: visitor.see("h1", "Upload"))


def test_a_missing_file_is_an_error_of_its_field(visitor: Visitor) -> None:
    visitor.open("/upload")
    with visitor.page.expect_request(lambda request: request.method == "POST") as sent:
        visitor.click("#send")
    assert sent.value.headers["content-type"] == "application/json"
    visitor.see(".error", "This field is required.")
    assert visitor.is_in_the_same_document


def test_use_http_gets_json_and_errors_without_a_visit(visitor: Visitor, complaints: Complaints) -> None:
    complaints.expect("status of 422")
    visitor.open("/http")
    visitor.page.fill("input[name=word]", "ab")
    visitor.click("#send")
    visitor.see(".error", TOO_SHORT)
    visitor.page.fill("input[name=word]", "abc")
    visitor.click("#send")
    visitor.see("#reply", "ABC")
    visitor.see(".error", "")
    assert visitor.path == "/http"
    visitor.go_back_and_forth(lambda: visitor.see("h1", "useHttp"))


def test_an_optimistic_update_is_there_at_once_and_stays_when_the_server_agrees(visitor: Visitor) -> None:
    gate = Gate(visitor.page, lambda request: request.method == "POST")
    visitor.open("/optimistic")
    visitor.see("#likes", "0")
    visitor.click("#like")
    gate.wait()
    visitor.see("#likes", "1")
    with visitor.page.expect_response(
        lambda response: response.url.endswith("/optimistic") and response.request.method == "GET"
    ):
        gate.open()
    visitor.see("#likes", "1")
    visitor.go_back_and_forth(lambda: visitor.see("#likes", "1"))


def test_an_optimistic_update_is_taken_back_when_the_server_refuses(visitor: Visitor) -> None:
    gate = Gate(visitor.page, lambda request: request.method == "POST")
    visitor.open("/optimistic")
    visitor.click("#refused")
    gate.wait()
    visitor.see("#likes", "1")
    gate.open()
    visitor.see(".error", "You may not.")
    visitor.see("#likes", "0")
    expect(visitor.locate("#likes")).to_have_text("0")
    visitor.go_back_and_forth(lambda: visitor.see("#likes", "0"))
