"""In development, an app only accepts host names of this machine, which prevents DNS rebinding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from litestar import Litestar, get, websocket
from litestar.connection import WebSocket

from litestar_vite import ViteConfig
from litestar_vite.config import resolve
from litestar_vite.exceptions import ConfigError
from tests.integration.asgi import ask_async
from tests.support import inertia_headers, make_app

if TYPE_CHECKING:
    from pathlib import Path


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"n": 1}


@get("/data", sync_to_thread=False)
def data() -> dict[str, Any]:
    return {"n": 1}


@websocket("/socket")
async def socket(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    await socket.close()


@pytest.fixture
def _served(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make apps behave as under a server."""
    monkeypatch.delenv("LITESTAR_VITE_PYTEST")


def make(site: Path, **vite: Any) -> Litestar:
    # With the user's own dev server, no Vite is started.
    settings = {"dev_mode": True, "dev_server_url": "http://127.0.0.1:9", "entry": "src/app.tsx", **vite}
    return make_app(site, [home, data, socket], vite=settings)


def statuses(app: Litestar, hosts: list[bytes]) -> dict[str, int]:
    """Return the status of a page for each host, which must equal that of data and Inertia visits."""

    async def go() -> dict[str, int]:
        found: dict[str, int] = {}
        async with app.lifespan():
            for host in hosts:
                answers = [
                    await ask_async(app, "GET", path, [*headers, (b"host", host)])
                    for path, headers in (
                        ("/", []),
                        ("/data", []),
                        ("/", [(k.lower().encode(), v.encode()) for k, v in inertia_headers(app).items()]),
                    )
                ]
                assert len({answer.status for answer in answers}) == 1
                found[host.decode()] = answers[0].status
                if answers[0].status == 403:
                    assert all("ViteConfig(allowed_hosts=[" in answer.text for answer in answers)
                    assert all("<script" not in answer.text for answer in answers)
        return found

    return anyio.run(go)


OWN = ["localhost", "localhost:8000", "LOCALHOST.", "app.localhost:8000", "127.0.0.1:8000", "192.168.1.7", "[::1]:8000"]
FOREIGN = [
    "evil.example",
    "evil.example:8000",
    "localhost.evil.example",
    "evillocalhost",
    "127.0.0.1.evil.example",
    "<script>.example",
    "",
]


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize(
    ("settings", "more"),
    [
        ({}, {}),
        (
            {"allowed_hosts": ["my.example", ".all.example"]},
            {"my.example": 200, "x.my.example": 403, "all.example": 200},
        ),
        ({"allowed_hosts": ["*.all.example"]}, {"a.b.all.example:80": 200, "notall.example": 403}),
    ],
)
def test_names_of_this_machine_and_allowed_ones_are_answered(
    site: Path, settings: dict[str, Any], more: dict[str, int]
) -> None:
    expected = {**dict.fromkeys(OWN, 200), **dict.fromkeys(FOREIGN, 403), **more}
    assert statuses(make(site, **settings), [host.encode() for host in expected]) == expected


@pytest.mark.usefixtures("_served")
def test_a_refused_name_is_logged_once_with_its_setting(site: Path, caplog: pytest.LogCaptureFixture) -> None:
    statuses(make(site), [b"one.example:8000", b"two.example"])
    said = [record.message for record in caplog.records if "was refused" in record.message]
    assert said == [
        (
            "A request for the host 'one.example' was refused. If the name is yours, set "
            "ViteConfig(allowed_hosts=['one.example']), or VITE_ALLOWED_HOSTS."
        )
    ]


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize("settings", [{"allowed_hosts": ["*"]}, {"dev_mode": False}, {"inert": True}])
def test_other_names_are_answered_in_production_and_where_all_are_allowed(site: Path, settings: dict[str, Any]) -> None:
    assert statuses(make(site, **settings), [b"evil.example"]) == {"evil.example": 200}


def test_test_clients_are_answered_under_any_name(site: Path) -> None:
    assert statuses(make(site), [b"testserver.local"]) == {"testserver.local": 200}


@pytest.mark.usefixtures("_served")
@pytest.mark.parametrize(
    ("host", "expected"), [(b"evil.example", "websocket.close"), (b"localhost", "websocket.accept")]
)
def test_websockets_are_closed_too(site: Path, host: bytes, expected: str) -> None:
    app, sent = make(site), []

    async def go() -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(message: Any) -> None:
            sent.append(message["type"])

        scope: Any = {"type": "websocket", "path": "/socket", "raw_path": b"/socket", "query_string": b"", "root_path": "", "scheme": "ws", "headers": [(b"host", host)], "subprotocols": [], "state": {}, "extensions": {}, "client": None, "server": None, "asgi": {"version": "3.0"}, "http_version": "1.1"}  # fmt: skip
        async with app.lifespan():
            await app(scope, receive, send)

    anyio.run(go)
    assert sent[0] == expected


def test_the_variable_lists_names_and_a_single_name_is_refused_with_a_hint() -> None:
    found = resolve(ViteConfig(allowed_hosts=["a.example"]), {"VITE_ALLOWED_HOSTS": "b.example, .c.example"})
    assert found.allowed_hosts == ("b.example", ".c.example")
    with pytest.raises(ConfigError, match=r"\['a.example'\]"):
        resolve(ViteConfig(allowed_hosts="a.example"), {})
