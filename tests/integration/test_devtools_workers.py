"""The extension's sequence against two uvicorn workers that share their entries, with a worker restart in between."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support import make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

pytestmark = pytest.mark.slow

ENTRIES = "/_inertia/devtools/entries"
TAB = "5f0e6f5e-0c5f-4c39-8a43-7a7fca1b1f01"
REPOSITORY = Path(__file__).parents[2]
# Generous: the machines that run this are slow and shared.
DEADLINE_SECONDS = 60.0
APP = """
import os
from typing import Any
from pathlib import Path

from litestar import Litestar, get, put
from litestar.params import JSONBody
from litestar.response import Redirect
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, always, defer, merge


class Form(Struct):
    name: str


@get("/pid", sync_to_thread=False)
def pid() -> dict[str, int]:
    return {"pid": os.getpid()}


@get("/", component="Home", name="home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"n": 1, "menu": always(["a"]), "rows": merge([1]), "stats": defer(lambda: 7, group="side")}


@put("/form", name="form", status_code=201)
async def form(data: JSONBody[Form]) -> Redirect:
    return Redirect("/?token=abc")


vite = ViteConfig(
    root=Path(__file__).parent, entry="src/app.tsx", dev_mode=True, dev_server_url="http://127.0.0.1:1",
    inertia=InertiaConfig(asset_version="2", share={"site": "Kontor"}),
)
app = Litestar([pid, home, form], plugins=[VitePlugin(vite)], openapi_config=None)
"""
VISIT = {"x-inertia": "true", "x-inertia-version": "2", "x-inertia-devtools-tab": TAB}
PARTIAL = {**VISIT, "x-inertia-partial-component": "Home", "x-inertia-partial-data": "stats,rows"}
JSON = {"content-type": "application/json"}
SEQUENCE: list[tuple[str, str, str, dict[str, str], bytes]] = [
    ("initial", "GET", "/", {"accept": "text/html"}, b""),
    ("navigate", "GET", "/?page=2", VISIT, b""),
    ("partial", "GET", "/", PARTIAL, b""),
    ("deferred", "GET", "/", {**PARTIAL, "x-inertia-devtools-deferred": "1"}, b""),
    ("poll", "GET", "/", {**PARTIAL, "x-inertia-devtools-poll": "1"}, b""),
    ("prefetch", "GET", "/", {**VISIT, "purpose": "prefetch"}, b""),
    ("precognition", "PUT", "/form", {**VISIT, **JSON, "precognition": "true"}, b"{}"),
    ("navigate", "PUT", "/form", {**VISIT, **JSON}, b'{"name": "Ada", "password": "x"}'),
    ("navigate", "GET", "/", {**VISIT, "x-inertia-version": "1"}, b""),
]
STATUSES = [200, 200, 200, 200, 200, 200, 422, 303, 409]
LOCATIONS = [None, None, None, None, None, None, None, "/?token=[REDACTED]", "/"]


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < deadline, f"timed out waiting for {what}"
        time.sleep(0.05)
    return found


class Server:
    """uvicorn with two workers, and a connection to each."""

    def __init__(self, folder: Path) -> None:
        (make_site(folder) / "shared_app.py").write_text(APP)
        pages = folder / "src" / "pages"
        pages.mkdir(parents=True)
        (pages / "Home.tsx").write_text("export default function Home() {}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.log = folder / "server.log"
        command = [
            sys.executable,
            "-m",
            "uvicorn",
            "shared_app:app",
            "--workers",
            "2",
            "--port",
            str(self.port),
            "--timeout-worker-healthcheck",
            "60",
        ]
        with self.log.open("wb") as log:
            environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        self.clients: dict[int, httpx.Client] = {}

    def connect(self, other_than: frozenset[int] = frozenset()) -> dict[int, httpx.Client]:
        """Return a client for each worker. Its only connection stays with that worker."""
        wait_for(lambda: self.log.read_text().count("startup complete") >= 2 + len(other_than), self.log.read_text())
        one = wait_for(lambda: self._connect(other_than), "a worker")
        # The kernel may give all connections to the same worker, so the first one is stopped meanwhile.
        os.kill(one, signal.SIGSTOP)
        try:
            wait_for(lambda: self._connect({one, *other_than}), "the other worker")
        finally:
            os.kill(one, signal.SIGCONT)
        return self.clients

    def _connect(self, other_than: Collection[int]) -> int | None:
        """Return the pid of the worker that accepts a new connection, None if it is one of `other_than`."""
        assert self.process.poll() is None, self.log.read_text()
        client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", trust_env=False, timeout=DEADLINE_SECONDS)
        try:
            pid: int = client.get("/pid").json()["pid"]
        except httpx.TransportError:
            client.close()
            return None
        if pid in other_than:
            client.close()
            return None
        self.clients[pid] = client
        return pid

    def close(self) -> None:
        for client in self.clients.values():
            client.close()
        self.clients = {}

    def stop(self) -> None:
        self.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    yield server
    server.stop()


def test_two_workers_share_the_entries_and_keep_them_over_a_reload(server: Server) -> None:
    first, second = server.connect().values()
    ids = []
    for index, (_, method, path, headers, body) in enumerate(SEQUENCE):
        # The workers take turns, so that each creates some of the entries.
        answer = (first, second)[index % 2].request(
            method, path, headers={**headers, "x-inertia-devtools-visit": f"visit-{index}"}, content=body
        )
        assert answer.status_code == STATUSES[index]
        ids.append(answer.headers["x-inertia-devtools-id"])

    entries = [both_read(first, second, entry_id) for entry_id in ids]
    for index, entry in enumerate(entries):
        check(server, index, ids[index], entry)
    listed = [[meta for meta in client.get(ENTRIES).json() if meta["id"] in ids] for client in (first, second)]
    assert listed[0] == listed[1] == [entry["__meta"] for entry in reversed(entries)]

    before = frozenset(server.clients)
    server.close()
    server.process.send_signal(signal.SIGHUP)  # uvicorn replaces its workers, as --reload replaces one process.
    first, second = server.connect(other_than=before).values()
    assert [both_read(first, second, entry_id) for entry_id in ids] == entries
    kept = [meta for meta in first.get(ENTRIES).json() if meta["id"] in ids]
    assert kept == listed[0]
    filtered = second.get(f"{ENTRIES}?type=partial,deferred&component=Home").json()
    assert [meta["id"] for meta in filtered] == [ids[3], ids[2]]


def both_read(first: httpx.Client, second: httpx.Client, entry_id: str) -> dict[str, Any]:
    one, other = (client.get(f"{ENTRIES}/{entry_id}") for client in (first, second))
    assert one.status_code == other.status_code == 200
    assert one.content == other.content
    entry: dict[str, Any] = one.json()
    return entry


def check(server: Server, index: int, entry_id: str, entry: dict[str, Any]) -> None:
    kind, method, path, headers, _ = SEQUENCE[index]
    meta = dict(entry["__meta"])
    assert meta.pop("timestamp").endswith("Z")
    assert meta.pop("utime") > 0
    assert meta.pop("serverTimingMs") > 0
    is_page = STATUSES[index] == 200
    assert meta == {
        "id": entry_id,
        "tabUuid": headers.get("x-inertia-devtools-tab"),
        "batchId": None,
        "method": method,
        "url": f"http://127.0.0.1:{server.port}{path}",
        "component": "Home" if is_page else None,
        "requestType": kind,
        "status": STATUSES[index],
        "redirectLocation": LOCATIONS[index],
        "visitId": f"visit-{index}",
    }
    assert set(entry) == {
        "__meta", "http", "props", "propValues", "route", "renderSource", "componentPath", "litestar",
    }  # fmt: skip
    assert entry["route"]["name"] == ("form" if path == "/form" else "home")
    assert entry["route"]["action"] == f"shared_app.{entry['route']['name']}"
    if is_page:
        partial = "x-inertia-partial-data" in headers
        deferred = "stats" in entry["props"]
        assert deferred is partial
        assert set(entry["props"]) == {"errors", "menu", "rows"} | ({"stats"} if partial else {"n", "site"})
        assert entry["props"]["menu"]["inertiaType"] == "always"
        assert entry["componentPath"].endswith("src/pages/Home.tsx")
        assert entry["http"]["responseBody"]["value"]["props"]["rows"] == [1]
    else:
        assert (entry["props"], entry["componentPath"]) == ({}, None)
    if index == STATUSES.index(303):
        assert entry["http"]["requestBody"]["value"] == {"name": "Ada", "password": "[REDACTED]"}
    if kind == "precognition":
        assert "errors" in entry["http"]["responseBody"]["value"]
