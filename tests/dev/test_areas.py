"""Two areas in one app, each with its own entry and root template, in production and in development."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.dev.conftest import DevApp, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.dev

AREAS = Path(__file__).parent / "areas"
SITE = {"background-color": "rgb(240, 250, 255)", "color": "rgb(0, 0, 128)"}
ADMIN = {"background-color": "rgb(255, 250, 240)", "color": "rgb(128, 0, 0)"}


@pytest.fixture
def areas(tmp_path: Path) -> Iterator[DevApp]:
    app = DevApp(tmp_path, AREAS)
    yield app
    app.clean_up()


def see(page: Page, area: dict[str, str], text: str) -> None:
    """Check the text and styles of a page, and the class of its root template."""
    expect(page.get_by_role("heading")).to_have_text(text)
    expect(page.locator("html")).to_have_class("site" if area is SITE else "admin")
    expect(page.locator("body")).to_have_css("background-color", area["background-color"])
    expect(page.get_by_role("heading")).to_have_css("color", area["color"])


def walk_through(page: Page, url: str) -> None:
    page.goto(url)
    see(page, SITE, "Site: the site")
    page.get_by_role("link", name="Admin").click()
    see(page, ADMIN, "Admin: the dashboard")
    page.evaluate("window.sameDocument = true")
    page.get_by_role("link", name="Users").click()
    expect(page.get_by_role("heading")).to_have_text("Admin: the users")
    assert page.evaluate("window.sameDocument") is True, "a visit within an area must not load a document"
    page.go_back()
    page.get_by_role("link", name="Site").click()
    see(page, SITE, "Site: the site")
    page.goto(f"{url}/status")
    see(page, ADMIN, "Admin: a route of its own")


def test_each_area_has_its_entry_and_template_in_production(areas: DevApp, page: Page, complaints: Complaints) -> None:
    subprocess.run(["node", "node_modules/vite/bin/vite.js", "build"], cwd=areas.folder, check=True, timeout=120)
    areas.start(VITE_DEV_MODE="0")
    walk_through(page, areas.url)
    for path, own, other in (("/", "site", "admin"), ("/admin", "admin", "site"), ("/status", "admin", "site")):
        html = areas.get(path).text
        loaded = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', html))
        assert len([url for url in loaded if url.endswith(".css")]) == 2, "the styles of the area and of the page"
        for url in loaded:
            text = areas.get(url).text
            assert f"{other.title()}: " not in text, f"{url} of {own} is a page of {other}"
    page.goto("about:blank")


def test_each_area_has_its_entry_and_template_in_development(areas: DevApp, page: Page, complaints: Complaints) -> None:
    complaints.expect(r"\[vite\]|ERR_CONNECTION_REFUSED")
    areas.start("--reload")
    wait_for(
        lambda: areas.vite is not None and areas.get("/static/src/admin/app.tsx").status_code == 200, "Vite to be ready"
    )
    walk_through(page, areas.url)
    assert "src/admin/app.tsx" not in areas.get("/").text
    assert "src/site/app.tsx" not in areas.get("/admin").text
    page.goto("about:blank")
