"""103 Early Hints from the servers that support them, over TLS and HTTP/2, received by a real client."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from typing import TYPE_CHECKING, Any

import hypercorn.asyncio
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, InformationalResponseReceived, ResponseReceived, StreamEnded
from hypercorn.config import Config
from litestar import get
from litestar.exceptions import NotAuthorizedException

from litestar_vite.inertia import InertiaConfig
from tests.live import DEADLINE_SECONDS, served
from tests.support import inertia_headers, make_app, make_site
from tests.tls import write_certificate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BROWSER = {"accept": "text/html"}
released = threading.Event()


@get("/", component="Home")
async def home() -> dict[str, Any]:
    assert await asyncio.to_thread(released.wait, DEADLINE_SECONDS)
    return {"n": 1}


def refuse(*_: Any) -> None:
    raise NotAuthorizedException


@get("/guarded", component="Home", guards=[refuse])
async def guarded() -> dict[str, Any]:
    return {}


@contextlib.contextmanager
def by_uvicorn(app: Any, certificate: Path) -> Iterator[int]:
    options = {"http": "zttp", "http2": True, "ssl_certfile": certificate, "ssl_keyfile": certificate}
    with served(app, **options) as url:
        yield int(url.rpartition(":")[2])


@contextlib.contextmanager
def by_hypercorn(app: Any, certificate: Path) -> Iterator[int]:
    config = Config()
    config.certfile = config.keyfile = str(certificate)
    config.accesslog = config.errorlog = None
    ended = threading.Event()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config.bind = [f"fd://{listener.fileno()}"]

        async def serve() -> None:
            async def wait() -> None:
                await asyncio.to_thread(ended.wait)

            await hypercorn.asyncio.serve(app, config, shutdown_trigger=wait)

        thread = threading.Thread(target=asyncio.run, args=[serve()])
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            ended.set()
            thread.join(DEADLINE_SECONDS)
            listener.detach()  # Closed by the server.
            assert not thread.is_alive()


class Client:
    """An HTTP/2 connection that yields the parts of a response as they arrive."""

    def __init__(self, port: int, certificate: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(certificate)
        context.set_alpn_protocols(["h2"])
        self._socket = context.wrap_socket(
            socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS), server_hostname="127.0.0.1"
        )
        assert self._socket.selected_alpn_protocol() == "h2"
        self._connection = H2Connection(H2Configuration(header_encoding="utf-8"))
        self._connection.initiate_connection()

    def ask(self, path: str, headers: dict[str, str]) -> Iterator[Any]:
        """Yield the status and the links of each response, and finally the body."""
        stream = self._connection.get_next_available_stream_id()
        pseudo = {":method": "GET", ":path": path, ":scheme": "https", ":authority": "127.0.0.1"}
        self._connection.send_headers(
            stream, [*pseudo.items(), *((key.lower(), value) for key, value in headers.items())], end_stream=True
        )
        body = b""
        while True:
            self._socket.sendall(self._connection.data_to_send())
            received = self._socket.recv(65536)
            assert received, "the server has closed the connection"
            for event in self._connection.receive_data(received):
                if isinstance(event, (InformationalResponseReceived, ResponseReceived)):
                    links = [link for key, value in event.headers if key == "link" for link in value.split(", ")]
                    yield int(dict(event.headers)[":status"]), links
                elif isinstance(event, DataReceived):
                    body += event.data
                elif isinstance(event, StreamEnded):
                    yield body
                    return

    def close(self) -> None:
        self._socket.close()


@pytest.mark.parametrize("server", [by_uvicorn, by_hypercorn])
def test_a_client_receives_the_103_while_the_handler_runs(
    tmp_path: Path, server: Callable[..., contextlib.AbstractContextManager[int]]
) -> None:
    app = make_app(make_site(tmp_path), [home, guarded], InertiaConfig(early_hints=True))
    certificate = write_certificate(tmp_path)
    released.clear()
    with server(app, certificate) as port, contextlib.closing(Client(port, certificate)) as client:
        try:
            answer = client.ask("/", BROWSER)
            status, hinted = next(answer)
            assert status == 103
            assert not released.is_set()
        finally:
            released.set()
        assert next(answer) == (200, hinted)
        [chunk] = [link for link in hinted if "/static/assets/Home-" in link]
        assert chunk[1:].partition(">")[0].encode() in next(answer)
        assert not list(answer)
        for path, headers, expected in (("/guarded", BROWSER, 401), ("/", inertia_headers(app), 200)):
            [head, _] = client.ask(path, headers)
            assert head == (expected, [])
