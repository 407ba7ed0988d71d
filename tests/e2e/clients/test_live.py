"""Live props in a real browser, with each of the three clients."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.browsing import Recorder
from tests.e2e.server import CLIENTS, Server, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import BrowserContext, Page

    from tests.e2e.conftest import Complaints


REFUSED = "ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|503"


class LiveServer(Server):
    def __init__(self, client: str, folder: Path, **environment: str) -> None:
        assert (CLIENTS / "live" / "dist" / client).is_dir(), "the clients are not built; run: make clients"
        settings = {"CLIENT": client, "LIVE_STORE": str(folder / "number.txt"), **environment}
        super().__init__(CLIENTS / "live", folder / "live.log", settings)

    def post(self, path: str) -> None:
        httpx.post(self.url + path, timeout=60).raise_for_status()


@pytest.fixture(scope="module", params=["react", "vue", "svelte"])
def live_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    server = LiveServer(request.param, tmp_path_factory.mktemp(request.param))
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def redis_socket() -> Iterator[str]:
    program = shutil.which("redis-server")
    assert program is not None, "redis-server is not installed: apt-get install redis-server"
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        socket = str(Path(folder) / "redis.sock")
        command = [program, "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            wait_for(Path(socket).exists, "Redis to start")
            yield socket
        finally:
            process.terminate()
            process.wait(30)


class Tab:
    """A browser tab that shows the board."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.streams: list[str] = []
        self.ended: list[str] = []
        page.on("response", lambda response: self._note(response.url, self.streams))
        page.on("requestfailed", lambda request: self._note(request.url, self.ended))
        page.on("requestfinished", lambda request: self._note(request.url, self.ended))
        page.goto(url)
        expect(page.locator("#number")).not_to_be_empty()

    def shows(self, name: str, value: Any) -> None:
        expect(self.page.locator(f"#{name}")).to_have_text(str(value))

    def listens(self, count: int = 1) -> None:
        """Wait until the tab has opened this many streams."""
        wait_for(lambda: len(self.streams) >= count, f"{count} streams", lambda: self.page.wait_for_timeout(50))

    def reloads(self, name: str) -> int:
        """Return how many reloads of a prop the tab has finished."""
        return sum(name in only.split(",") for only in self.page.evaluate("window.reloads"))

    def look(self, state: str) -> None:
        """Make the page see its tab as "hidden" or "visible"."""
        self.page.evaluate(
            """state => {
                Object.defineProperty(document, "visibilityState", { value: state, configurable: true })
                document.dispatchEvent(new Event("visibilitychange"))
            }""",
            state,
        )

    def _note(self, url: str, into: list[str]) -> None:
        if "/live?" in url:
            into.append(url)


@pytest.fixture
def tab(page: Page, live_server: LiveServer) -> Tab:
    live_server.post("/set?to=1")
    tab = Tab(page, live_server.url)
    tab.listens()
    return tab


def test_a_change_in_one_tab_shows_in_the_other(
    tab: Tab, live_server: LiveServer, new_context: Callable[[], BrowserContext]
) -> None:
    other = Tab(new_context().new_page(), live_server.url)
    other.listens()
    tab.page.evaluate("fetch('/set?to=7', { method: 'POST' })")
    for each in (tab, other):
        each.shows("number", 7)
        each.shows("later", 7)
        each.shows("list", "[7]")  # Replaced, although it is a merge prop.
        each.shows("hidden", "")  # The optional prop was not requested.
    assert len(other.streams) == 1


def test_a_pushed_value_needs_no_request(tab: Tab, live_server: LiveServer) -> None:
    # The first page of a channel reloads its props once, as events may be missing. Page times are whole seconds.
    tab.page.wait_for_timeout(1_100)
    tab.page.reload()
    tab.listens(2)
    recorder = Recorder(tab.page)
    live_server.post("/push?to=42")
    tab.shows("pushed", 42)
    assert [request for request in recorder.fetches() if "/live" not in request.url] == []


def test_an_optional_prop_is_live_once_it_is_loaded(tab: Tab, live_server: LiveServer) -> None:
    tab.page.evaluate("window.router.reload({ only: ['hidden'] })")
    tab.shows("hidden", 1)
    live_server.post("/set?to=8")
    tab.shows("hidden", 8)
    tab.shows("number", 8)


def test_many_events_are_few_reloads(tab: Tab, live_server: LiveServer) -> None:
    for _ in range(3):
        live_server.post("/often")
    wait_for(lambda: tab.reloads("throttled"), "a reload", lambda: tab.page.wait_for_timeout(50))
    tab.page.wait_for_timeout(2500)
    assert 2 <= tab.reloads("throttled") <= 4, "60 events, and one reload a second"


def test_an_event_during_a_reload_is_followed_by_another_reload(tab: Tab, live_server: LiveServer) -> None:
    held: list[Any] = []

    def late(route: Any) -> None:
        if held or "x-inertia" not in route.request.headers:
            route.continue_()
            return
        held.append(route)
        response = route.fetch()
        live_server.post("/set?to=10")  # The held response is older than this change.
        route.fulfill(response=response)

    tab.page.route("**/*", late)
    live_server.post("/set?to=9")
    tab.shows("number", 10)


def test_a_page_without_live_props_has_no_stream(tab: Tab, live_server: LiveServer) -> None:
    tab.page.get_by_text("/plain", exact=True).click()
    tab.shows("number", -1)
    wait_for(lambda: tab.ended, "the end of the stream", lambda: tab.page.wait_for_timeout(50))
    tab.page.get_by_text("/room/1", exact=True).click()
    tab.shows("number", 1)
    tab.listens(2)
    assert "room.1" in tab.streams[-1]
    assert "board" not in tab.streams[-1]
    live_server.post("/set?to=2&channel=room.1")
    tab.shows("number", 2)


def test_a_page_from_the_history_catches_up(tab: Tab, live_server: LiveServer) -> None:
    tab.page.get_by_text("/plain", exact=True).click()
    tab.shows("number", -1)
    live_server.post("/set?to=11")
    tab.page.go_back()
    tab.shows("number", 11)


def test_a_hidden_tab_closes_its_stream_and_catches_up(tab: Tab, live_server: LiveServer) -> None:
    tab.look("hidden")
    wait_for(lambda: tab.ended, "the end of the stream", lambda: tab.page.wait_for_timeout(50))
    live_server.post("/set?to=12")
    tab.page.wait_for_timeout(500)
    tab.shows("number", 1)
    tab.look("visible")
    tab.shows("number", 12)


def test_a_refused_channel_is_asked_for_once(page: Page, live_server: LiveServer, complaints: Complaints) -> None:
    complaints.expect("may not listen to room.closed")
    tab = Tab(page, f"{live_server.url}/room/closed")
    tab.listens()
    page.wait_for_timeout(2000)
    assert len(tab.streams) == 1


def test_a_reload_that_fails_is_tried_again_without_a_dialog(
    tab: Tab, live_server: LiveServer, complaints: Complaints
) -> None:
    complaints.expect("502")
    failed: list[Any] = []

    def fail(route: Any) -> None:
        if "x-inertia" not in route.request.headers:
            route.continue_()
        elif len(failed) < 2:
            failed.append(route)
            route.fulfill(status=502, body="<h1>Bad gateway</h1>", content_type="text/html")
        else:
            route.continue_()

    tab.page.route("**/*", fail)
    live_server.post("/set?to=13")
    tab.shows("number", 13)
    assert len(failed) == 2
    assert tab.page.locator("dialog, iframe").count() == 0


def test_a_restart_loses_nothing(page: Page, tmp_path: Path, redis_socket: str, complaints: Complaints) -> None:
    complaints.expect(REFUSED)
    server = LiveServer("react", tmp_path, REDIS_SOCKET=redis_socket).start()
    (tmp_path / "second").mkdir()
    settings = {"REDIS_SOCKET": redis_socket, "LIVE_STORE": str(tmp_path / "number.txt")}
    second = LiveServer("react", tmp_path / "second", **settings).start()
    try:
        server.post("/set?to=1")
        tab = Tab(page, server.url)
        tab.listens()
        tab.shows("number", 1)
        server.stop()
        second.post("/push?to=5")
        second.post("/set?to=6")
        server.start()
        tab.shows("pushed", 5)
        tab.shows("number", 6)
        server.post("/set?to=7")
        tab.shows("number", 7)
    finally:
        server.stop()
        second.stop()
