"""Live data in the app kit: a user's tabs follow each other, in one process, and with Redis in two."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.server import wait_for
from tests.starters.conftest import ONE_FRAMEWORK
from tests.starters.test_app_kit import Auditor, Walk
from tests.starters.test_starters import leave

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints
    from tests.starters.conftest import AppKit

pytestmark = pytest.mark.starters


@pytest.fixture
def redis_url() -> Iterator[str]:
    program = shutil.which("redis-server")
    assert program is not None, "redis-server is not installed: apt-get install redis-server"
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = Path(folder) / "redis.sock"
        command = [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for(socket.exists, "Redis to start")
            yield f"unix://{socket}"
        finally:
            process.terminate()
            process.wait(30)


def create_and_follow(page: Page, url: str, others: int) -> None:
    """Create a project in one tab and assert that the others show it."""
    tabs = [page.context.new_page() for _ in range(others)]
    for tab in tabs:
        tab.goto(f"{url}/projects")
        expect(tab.get_by_text("No projects yet")).to_be_visible()
    page.get_by_role("link", name="Go to projects").click()
    page.get_by_role("button", name="New project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Apollo")
    dialog.get_by_role("button", name="Create").click()
    expect(page.get_by_role("status").filter(has_text="Apollo was created.")).to_be_visible()
    for tab in tabs:
        expect(tab.get_by_role("row").filter(has_text="Apollo")).to_be_visible()
    for tab in (*tabs, page):
        leave(tab)


def test_a_project_of_one_tab_appears_in_another(app_kit: AppKit, page: Page, complaints: Complaints) -> None:
    with app_kit.served(VITE_DEV_MODE="0") as url:
        Walk(page, url, app_kit.log, Auditor(None)).register_and_verify("joan@example.org")
        create_and_follow(page, url, others=1)


@ONE_FRAMEWORK
def test_tabs_of_all_workers_follow_with_redis(
    app_kit: AppKit, page: Page, complaints: Complaints, uv: str, redis_url: str
) -> None:
    """The streams of three tabs are spread over two workers."""
    app_kit.run(uv, "pip", "install", "--quiet", "--python", app_kit.python, "redis")
    with app_kit.in_production(REDIS_URL=redis_url) as url:
        Walk(page, url, app_kit.log, Auditor(None)).register_and_verify("joan@example.org")
        create_and_follow(page, url, others=3)
