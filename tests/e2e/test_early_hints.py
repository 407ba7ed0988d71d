"""The example over HTTP/2: Chromium loads the files of a page because of its 103 Early Hints."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.e2e.browsing import open_page
from tests.e2e.conftest import ARGUMENTS, find_chromium
from tests.e2e.server import ExampleServer
from tests.tls import chromium_argument, write_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserType

FILES = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => /\\.(js|css)$/.test(name))
    .map(({ name, initiatorType }) => [new URL(name).pathname, initiatorType])"""
INTERIM = """() => {
    const [{ firstInterimResponseStart, responseEnd }] = performance.getEntriesByType("navigation")
    return 0 < firstInterimResponseStart && firstInterimResponseStart < responseEnd
}"""

# The document comes late, so that the browser has asked for the files before.
SLOW = """
import asyncio
from app import app as example

async def app(scope, receive, send):
    async def late(message):
        if message["type"] == "http.response.start" and scope["path"] == "/contacts":
            await asyncio.sleep(2)
        await send(message)
    await example(scope, receive, late)
"""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return write_certificate(tmp_path)


@pytest.fixture
def secure_server(tmp_path: Path, certificate: Path) -> Iterator[ExampleServer]:
    server = ExampleServer(tmp_path)
    server.scheme = "https"
    server.module = "slow"
    (tmp_path / "slow.py").write_text(SLOW)
    certificate_options = (f"--ssl-certfile={certificate}", f"--ssl-keyfile={certificate}")
    server.options = ("--http", "zttp", "--http2", *certificate_options, "--app-dir", str(tmp_path))
    try:
        yield server.start()
    finally:
        server.stop()


def test_the_files_of_a_page_are_loaded_once_and_because_of_the_hints(
    secure_server: ExampleServer, certificate: Path, chromium: BrowserType
) -> None:
    browser = chromium.launch(executable_path=find_chromium(), args=[*ARGUMENTS, chromium_argument(certificate)])
    try:
        page = browser.new_page()
        open_page(page, f"{secure_server.url}/contacts")
        assert page.evaluate(INTERIM)
        hinted = [path for path, initiator in page.evaluate(FILES) if initiator == "early-hints"]
    finally:
        browser.close()
    assert any(re.search(r"/index-.*\.css$", path) for path in hinted)
    assert any(re.search(r"/Index-.*\.js$", path) for path in hinted), "the chunk of Contacts/Index"
    for path in hinted:
        assert secure_server.log.count(f'"GET {path} HTTP/2"') == 1
