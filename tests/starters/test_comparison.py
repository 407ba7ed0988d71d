"""Each starter shows the same pages in development and in production: the same elements and the same pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec import Struct
from playwright.sync_api import expect

from tests.starters.documents import document_from_sources, elements_of, fetch_document
from tests.starters.test_starters import leave

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints
    from tests.starters.conftest import Starter

pytestmark = pytest.mark.starters


class Tour(Struct, frozen=True):
    """Two pages of a starter. `ready` is in the first document once it is served."""

    ready: str
    first: str
    link: str
    second: str


INERTIA = Tour(r"<h1[^>]*>Litestar and", "[data-testid=entries]:not(:empty)", "Guest book", "h1:text('Guest book')")
TOURS = {
    "react": INERTIA,
    "vue": INERTIA,
    "svelte": INERTIA,
    "spa": Tour('<div id="root">', "text=Water the plants", "About", "h1:text('About')"),
    "htmx": Tour("Water the plants", "text=Water the plants", "About", "h1:text('About')"),
}


class Shown(Struct, frozen=True):
    """The document of the first page, and screenshots of both pages as PNG."""

    document: str
    first: bytes
    second: bytes


def look_at(project: Starter, page: Page, url: str, document: str, mode: str) -> Shown:
    """Open the first page and follow a link to the second. The screenshots stay in the project's folder."""
    tour = TOURS[project.framework]

    def photograph(name: str) -> bytes:
        # Times differ between the two servers.
        times = [page.locator("time")]
        path = project.folder / f"{mode}-{name}.png"
        return page.screenshot(path=path, animations="disabled", mask=times, mask_color="#888888")

    page.goto(url)
    expect(page.locator(tour.first)).to_be_visible()
    first = photograph("first")
    page.get_by_role("navigation").get_by_role("link", name=tour.link).click()
    expect(page.locator(tour.second)).to_be_visible()
    # Move the pointer away from the link, as its hover style may still be in transition.
    page.mouse.move(640, 880)
    second = photograph("second")
    leave(page)
    return Shown(document, first, second)


def compare(project: Starter, page: Page) -> None:
    with project.served() as url:
        built = look_at(project, page, url, fetch_document(url), "production")
    with project.served_from_sources() as url:
        document = document_from_sources(url, f"(?s)@vite/client.*{TOURS[project.framework].ready}")
        sources = look_at(project, page, url, document, "development")
    assert "@vite/client" not in built.document
    assert elements_of(sources.document) == elements_of(built.document)
    assert sources.first == built.first, f"the first pages differ; see {project.folder}/*-first.png"
    assert sources.second == built.second, f"the second pages differ; see {project.folder}/*-second.png"


def test_an_inertia_starter_shows_the_same_in_both_modes(starter: Starter, page: Page, complaints: Complaints) -> None:
    # Vite's client polls its server after it has stopped.
    complaints.expect("ERR_CONNECTION_REFUSED")
    compare(starter, page)


def test_a_starter_of_another_mode_shows_the_same_in_both_modes(
    mode_starter: Starter, page: Page, complaints: Complaints
) -> None:
    complaints.expect("ERR_CONNECTION_REFUSED")
    compare(mode_starter, page)


def test_the_comparison_sees_a_difference() -> None:
    page = '<html><head><title>A</title></head><body class="{}"><h1>Hello</h1></body></html>'
    assert elements_of(page.format("a")) != elements_of(page.format("b"))
    assert elements_of(page.format("a")) != elements_of(page.format("a").replace("Hello", "Goodbye"))
