"""The tutorial, followed word by word from an empty folder, while the development server keeps running.

How it works:
1. `tutorial.py` reads the files and commands of each step from the page, for one framework.
2. `Reader` writes and runs them. It only adds a reader's choices: the package of this checkout, the framework, a port.
3. After each step, the types are up to date, the project compiles, its tests pass, and the browser shows what the
   page promises.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from litestar_vite._cli.starter import FRAMEWORKS
from tests.starters.conftest import WITHOUT_UV, environment
from tests.starters.reader import Reader
from tests.starters.test_starters import leave
from tests.starters.tutorial import read_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.starters


@pytest.fixture(params=FRAMEWORKS)
def reader(request: pytest.FixtureRequest, uv: str, wheel: Path, tmp_path: Path) -> Iterator[Reader]:
    programs = tmp_path / "programs"
    environ = environment(programs, WITHOUT_UV)
    # The reader has uv in the PATH. This machine may only have it in `.tools`.
    for name in WITHOUT_UV:
        (programs / name).symlink_to(Path(uv).with_name(name))
    reader = Reader(tmp_path, request.param, uv, wheel, environ)
    yield reader
    reader.leave()


def test_the_tutorial_works_word_by_word(reader: Reader, page: Page, complaints: Complaints) -> None:
    # Vite's own connection and other requests fail during a restart after a file is saved. One form is refused.
    complaints.expect(r"\[vite\]|WebSocket|ERR_CONNECTION_RE(FUSED|SET)|status of 40[49]|Failed to load|net::ERR")
    # The client has taken over the page.
    page.add_init_script("document.addEventListener('inertia:navigate', () => { window.isReady = true })")
    first, *steps, last = read_steps(reader.framework)
    assert len(steps) == len(LOOKS)
    reader.follow(first)
    expect_page(page, reader, "/", "Litestar and")
    for step, look in zip(steps, LOOKS, strict=True):
        reader.follow(step)
        reader.check()
        look(page, reader)
        leave(page)
    reader.stop_server()

    reader.follow(last)
    the_tracker_is_used(page, reader)
    assert "data-server-rendered" in reader.html("/issues")
    leave(page)


def expect_page(page: Page, reader: Reader, path: str, heading: str) -> None:
    page.goto(reader.url + path)
    page.wait_for_function("window.isReady")
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)


def a_page(page: Page, reader: Reader) -> None:
    expect_page(page, reader, "/issues", "Issues")
    expect(page).to_have_title(re.compile("^Issues"))
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_text(
        [
            re.compile("The button is grey"),
            re.compile("The logo is missing closed"),
        ]
    )


def links_and_a_second_page(page: Page, reader: Reader) -> None:
    expect_page(page, reader, "/", "Litestar and")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("navigation").get_by_role("link", name="Issues").click()
    page.get_by_role("link", name="The logo is missing").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The logo is missing")
    expect(page).to_have_title(re.compile("^The logo is missing"))
    expect(page.get_by_text("Closed")).to_be_visible()
    page.get_by_role("link", name="All issues").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Issues")
    assert page.evaluate("window.sameDocument") is True
    expect_page(page, reader, "/issues/9", "This page does not exist")


def a_form(page: Page, reader: Reader) -> None:
    expect_page(page, reader, "/issues", "Issues")
    report(page, "Hm")
    expect(page.get_by_role("alert")).to_have_text("Must have at least 5 characters.")
    expect(page.get_by_label("What is wrong?")).to_have_value("Hm")
    report(page, "The page is slow")
    expect(page.get_by_role("heading", level=1)).to_have_text("The page is slow")
    expect(page.get_by_role("status")).to_contain_text("Issue 3 was reported.")


def search(page: Page, reader: Reader) -> None:
    expect_page(page, reader, "/issues", "Issues")
    page.get_by_label("Search").press_sequentially("LOGO")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_text([re.compile("The logo is missing")])
    expect(page).to_have_url(re.compile(r"\?q=LOGO$"))
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("LOGO")


def comments_that_load_later(page: Page, reader: Reader) -> None:
    assert "It is grey here too." not in reader.html("/issues/1")
    expect_page(page, reader, "/issues/1", "The button is grey")
    comments = page.get_by_role("region", name="Comments")
    expect(comments.get_by_role("listitem")).to_have_text(["It is grey here too."])
    comments.get_by_label("Comment").fill("And small.")
    comments.get_by_role("button", name="Comment").click()
    expect(comments.get_by_role("listitem")).to_have_text(["It is grey here too.", "And small."])


def log_in(page: Page, reader: Reader) -> None:
    page.context.clear_cookies()
    expect_page(page, reader, "/issues", "Issues")
    report(page, "The page is slow")
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    expect(page.get_by_role("status")).to_contain_text("Log in first.")
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill("a guess")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("status")).to_contain_text("The password is wrong.")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Issues")
    # The login loads a new document.
    page.wait_for_function("window.isReady")
    report(page, "The page is slow")
    expect(page.get_by_role("heading", level=1)).to_have_text("The page is slow")


def its_own_tests(page: Page, reader: Reader) -> None:
    # The output of the step's command. The project has four tests without a browser, and one with a browser.
    assert "5 passed" in reader.output


def the_tracker_is_used(page: Page, reader: Reader) -> None:
    """Use the whole app, built and served as in the last step."""
    log_in(page, reader)
    comments = page.get_by_role("region", name="Comments")
    comments.get_by_label("Comment").fill("Here too.")
    comments.get_by_role("button", name="Comment").click()
    expect(comments.get_by_role("listitem")).to_have_text(["Here too."])
    search(page, reader)


def report(page: Page, title: str) -> None:
    page.get_by_label("What is wrong?").fill(title)
    page.get_by_role("button", name="Report").click()


LOOKS: list[Callable[[Page, Reader], None]] = [
    a_page,
    links_and_a_second_page,
    a_form,
    search,
    comments_that_load_later,
    log_in,
    its_own_tests,
]
