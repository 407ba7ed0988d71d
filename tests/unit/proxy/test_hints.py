"""Log messages when a proxy in front of the app, or Vite, blocks hot updates or modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.proxy.test_websocket import Client

if TYPE_CHECKING:
    import asyncio

    from tests.unit.proxy.conftest import Site


def said(caplog: pytest.LogCaptureFixture, words: str) -> list[str]:
    return [record.getMessage() for record in caplog.records if words in record.getMessage()]


async def refuse(_: bytes, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 7\r\n\r\nblocked")


def test_a_socket_that_lost_its_upgrade_names_the_header_once(one_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    key = b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    for _ in range(2):
        assert b"200 OK" in one_site.ask(b"/static/?token=t", key)
    assert len(said(caplog, "proxy_set_header Upgrade")) == 1


def test_a_socket_for_another_host_names_the_header_once(one_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    for origin in (b"https://dev.example", b"https://dev.example", None):
        client = Client.open(one_site, origin=origin)
        assert client.status == 403
        client.close()
    assert said(caplog, "proxy_set_header Host") == [
        (
            "The HMR socket of 'https://dev.example' was refused, since it arrived for the host 'app.test'. If that is a "
            "proxy in front of the app, it must pass the Host header. In nginx, set: proxy_set_header Host $http_host;"
        )
    ]


def test_a_host_that_vite_refuses_names_its_setting_once(one_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    one_site.script = refuse
    for _ in range(2):
        assert b"403 Forbidden" in one_site.ask(b"/static/src/app.ts")
    assert said(caplog, "allowedHosts") == [
        (
            "Vite answered 403 to a request for the host 'app.test'. If the name is yours, add it to vite.config: "
            "server: { allowedHosts: ['app.test'] }"
        )
    ]


@pytest.mark.parametrize("host", [b"localhost:8000", b"app.localhost", b"127.0.0.1:8000", b"[::1]:8000"])
def test_a_file_that_vite_denies_logs_no_host_hint(
    one_site: Site, caplog: pytest.LogCaptureFixture, host: bytes
) -> None:
    one_site.script = refuse
    request = b"GET /static/.env HTTP/1.1\r\nHost: " + host + b"\r\nConnection: close\r\n\r\n"
    assert b"403 Forbidden" in one_site.raw(request)
    assert not said(caplog, "allowedHosts")


def test_usual_requests_are_not_remarked_on(one_site: Site, caplog: pytest.LogCaptureFixture) -> None:
    for target in (b"/static/", b"/static/src/app.ts"):
        assert b"200 OK" in one_site.ask(target)
    assert not said(caplog, "proxy_set_header")
