"""R14 in development: a signal ends the server, whatever connections are open and whatever Vite is doing."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from typing import TYPE_CHECKING, Self

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from litestar_vite._processes.liveness import is_running
from tests.chaos.profile import NOISE
from tests.dev.conftest import DEADLINE_SECONDS, DevApp, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.dev

EXIT_SECONDS = 5.0 * NOISE
# A request for this path makes Vite's JavaScript spin for ever.
SPIN = "/static/src/spin.css"
SPINNING = """{ name: "spin", configureServer: (server) => { server.middlewares.use((request, _, next) => {
    if (request.url.includes("spin.css")) for (;;);
    next()
}) } },"""


class Visit(threading.Thread):
    """A request or WebSocket that runs during the test. Its thread is a daemon, so that a failed test does not wait for
    an endless stream.

    Attributes:
        outcome: A status, "closed" or "hung"; None while it is running.
        error: An exception in the test's own code.
    """

    def __init__(self, what: Callable[[DevApp, threading.Event], str], app: DevApp) -> None:
        super().__init__(daemon=True)
        self._what = what
        self._app = app
        self._begun = threading.Event()
        self.outcome: str | None = None
        self.error: Exception | None = None
        self.start()

    def run(self) -> None:
        try:
            self.outcome = self._what(self._app, self._begun)
        except Exception as error:  # noqa: BLE001 - begun() and ended() report it
            self.error = error
            self._begun.set()

    def begun(self) -> Self:
        assert self._begun.wait(DEADLINE_SECONDS)
        assert self.error is None, self.error
        return self

    def ended(self) -> str:
        self.join(DEADLINE_SECONDS)
        assert self.error is None, self.error
        return self.outcome or "hung"


def hold_socket(app: DevApp, opened: threading.Event) -> str:
    """Connect through the app's port, as Vite's client does in a browser. Returns "closed" or "hung"."""
    token = re.search(r'wsToken = "([^"]+)"', app.get("/static/@vite/client").text)
    assert token is not None
    url = f"ws://127.0.0.1:{app.port}/static/?token={token[1]}"
    with connect(
        url, subprotocols=[Subprotocol("vite-hmr")], origin=Origin(app.url), open_timeout=DEADLINE_SECONDS
    ) as socket:
        assert socket.recv(DEADLINE_SECONDS)  # Vite's first message.
        opened.set()
        try:
            while True:
                socket.recv(DEADLINE_SECONDS)
        except ConnectionClosed:
            return "closed"
        except TimeoutError:
            return "hung"


def ask(path: str) -> Callable[[DevApp, threading.Event], str]:
    def run(app: DevApp, begun: threading.Event) -> str:
        try:
            with httpx.stream("GET", app.url + path, timeout=DEADLINE_SECONDS, trust_env=False) as response:
                begun.set()
                for _ in response.iter_bytes():
                    pass
            return str(response.status_code)
        except httpx.TimeoutException:
            return "hung"
        except httpx.TransportError:
            return "closed"

    return run


def reload(app: DevApp, times: int) -> None:
    """Save the app `times` times, and wait each time for the next server process, while sockets are open."""
    for number in range(times):
        old, new = ("hello" if number == 0 else f"reload {number}", f"reload {number + 1}")
        sockets = [Visit(hold_socket, app).begun() for _ in range(2)]
        app.edit("app.py", f'GREETING = "{old}"', f'GREETING = "{new}"')
        wait_for(lambda text=new: greeting(app) == text, "the reload")
        assert [socket.ended() for socket in sockets] == ["closed"] * 2


def greeting(app: DevApp) -> str | None:
    try:
        found: str = app.get("/plain").json()["greeting"]
    except httpx.TransportError:
        return None
    return found


@pytest.mark.parametrize("how", ["SIGTERM to the server", "Ctrl-C"])
@pytest.mark.parametrize("arguments", [(), ("--reload",)], ids=["plain", "reload"])
@pytest.mark.parametrize("server", ["uvicorn", "granian", "litestar"])
def test_a_server_that_is_told_to_end_ends_with_a_socket_a_stream_and_a_hung_vite(
    app: DevApp, server: str, arguments: tuple[str, ...], how: str, record_property: Callable[[str, object], None]
) -> None:
    app.edit("vite.config.ts", "plugins: [", f"plugins: [{SPINNING}")
    app.started(*arguments, server=server)
    app.page_with("component one")
    if arguments:
        reload(app, 2)
    assert app.process is not None
    socket, stream = Visit(hold_socket, app).begun(), Visit(ask("/stream"), app).begun()
    hung, short = Visit(ask(SPIN), app), Visit(ask("/slow"), app)
    time.sleep(0.3)  # The requests are in progress.
    started = time.monotonic()
    if how == "Ctrl-C":
        os.killpg(app.process.pid, signal.SIGINT)
    else:
        app.process.send_signal(signal.SIGTERM)
    app.process.wait(DEADLINE_SECONDS)
    app.wait_until_nobody_is_left()
    seconds = time.monotonic() - started
    outcomes = {"socket": socket.ended(), "stream": stream.ended(), "hung": hung.ended(), "short": short.ended()}
    app.process = None
    record_property("gone after, in seconds", round(seconds, 2))
    record_property("outcomes", outcomes)
    assert outcomes["socket"] == "closed"
    assert outcomes["stream"] == "closed"
    # 502: Litestar kills its reloader a quarter of a second after Ctrl-C, and Vite exits with it.
    assert outcomes["hung"] in {"503", "502", "closed"}
    assert outcomes["short"] == "200"
    assert seconds <= EXIT_SECONDS, f"all processes were gone after {seconds:.1f} s"


@pytest.mark.parametrize("server", ["uvicorn", "granian", "litestar"])
def test_a_reloader_that_was_killed_takes_its_server_along(app: DevApp, server: str) -> None:
    app.started("--reload", server=server)
    assert app.process is not None
    vite = wait_for(lambda: app.vite, "Vite")
    app.process.kill()
    app.process.wait()
    app.wait_until_nobody_is_left()
    # Vite exits after its server, and init reaps it a moment later.
    wait_for(lambda: not is_running(vite.pid), "the end of Vite")
