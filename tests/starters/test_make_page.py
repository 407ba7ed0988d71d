"""A page created by `litestar assets make page` works in a new project: types, tests, build, and in the browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.starters.test_starters import TYPECHECK, leave

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.starters.conftest import Starter

pytestmark = pytest.mark.starters


def test_a_made_page_works(starter: Starter, page: Page) -> None:
    command = str(starter.folder / ".venv" / "bin" / "litestar-vite")
    before = sources_of(starter)
    app = next(
        path for path in starter.folder.rglob("*.py") if path in before and "app = Litestar(" in path.read_text("utf-8")
    )
    source = app.read_text("utf-8")
    try:
        printed = starter.run(command, "make", "page", "Users/Show", "--form")
        assert "users_show.py" in printed
        module = next(line.split()[1] for line in printed.splitlines() if "from " in line)
        app.write_text(
            f"{source}\nfrom {module} import users_show_router\n\napp.register(users_show_router)\n", "utf-8"
        )
        assert "up to date" in starter.run(command, "types", "--check")
        starter.run(starter.python, "-c", TYPECHECK)
        assert "2 passed" in starter.run(starter.python, "-m", "pytest", "-q", "tests/test_users_show.py")
        starter.run(command, "build")
        with starter.served() as url:
            page.goto(f"{url}/users/1")
            expect(page.locator("h1")).to_have_text("Users show")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_role("alert").get_by_text("This field is required.")).to_be_visible()
            page.get_by_label("Name").fill("Ada")
            page.get_by_role("button", name="Save").click()
            expect(page.get_by_text("Ada was saved.")).to_be_visible()
            leave(page)
    finally:
        # Restore the project and its build for the other tests.
        app.write_text(source, "utf-8")
        for path in sources_of(starter) - before:
            path.unlink()
        starter.run(command, "types")
        starter.run(command, "build")


def sources_of(starter: Starter) -> set[Path]:
    """Return all files of a project, except for installed and built ones."""
    made = {"node_modules", ".venv", "dist"}
    return {path for path in starter.folder.rglob("*") if path.is_file() and made.isdisjoint(path.parts)}
