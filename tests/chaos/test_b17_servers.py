"""B17: raw requests of an attacker through each server: no 5xx, no traceback, and the next visitor is served."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Final

import pytest

from tests.chaos import profile
from tests.chaos.profile import SERVERS
from tests.chaos.results import Check, Row

if TYPE_CHECKING:
    from tests.chaos.processes import AppServer
    from tests.chaos.stage import Stage

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(profile.SUBJECT == "peer", reason="the requests target our routes"),
]

DEEP: Final = b'{"a":' * 50_000 + b"1" + b"}" * 50_000
HOST: Final = b"Host: localhost\r\n"


def request(target: bytes, *headers: bytes, method: bytes = b"GET", body: bytes = b"", host: bytes = HOST) -> bytes:
    head = b"".join(each + b"\r\n" for each in (*headers, b"Connection: close"))
    length = b"Content-Length: %d\r\n" % len(body) if body else b""
    return method + b" " + target + b" HTTP/1.1\r\n" + host + head + length + b"\r\n" + body


JSON: Final = (b"Content-Type: application/json", b"X-Inertia: true", b"Referer: http://localhost/page/ada")
MULTIPART: Final = b"Content-Type: multipart/form-data; boundary=b"
PART: Final = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\nContent-Type: text/plain; charset=zlib\r\n\r\nx\r\n--b--\r\n'
)
ATTACKS: Final = {
    "absolute target": request(b"http://evil.example/page/ada"),
    "target of another scheme": request(b"javascript:alert(1)"),
    "two slashes": request(b"//evil.example/page/ada"),
    "NUL in the path": request(b"/page/%00"),
    "line end in the path": request(b"/page/%0d%0aSet-Cookie:%20a=b"),
    "bad UTF-8 in the path": request(b"/page/%ff%fe"),
    "raw bytes in the path": request(b"/page/\xff\xfe"),
    "a path of 60 kB": request(b"/page/" + b"a" * 60_000),
    "a query of 60 kB": request(b"/page/ada?" + b"a[]=1&" * 10_000),
    "two hosts": request(b"/page/ada", b"Host: evil.example"),
    "no host": request(b"/page/ada", host=b""),
    "an empty host": request(b"/page/ada", host=b"Host: \r\n"),
    "a host of bytes": request(b"/page/ada", host=b"Host: \xff\xfe\r\n"),
    "60 kB of cookies": request(b"/page/ada", b"Cookie: inertia_carry=" + b";" * 60_000),
    "bytes in a cookie": request(b"/page/ada", b"Cookie: inertia_carry=\xff\xfe"),
    "60 kB of props": request(b"/page/ada", b"X-Inertia: true", b"X-Inertia-Partial-Data: " + b"a," * 30_000),
    "bytes as props": request(b"/page/ada", b"X-Inertia: true", b"X-Inertia-Partial-Data: \xff\xfe"),
    "a header twice": request(b"/page/ada", *[b"X-Inertia: true"] * 50),
    "deep JSON": request(b"/take", *JSON, method=b"POST", body=DEEP),
    "a part in an unknown charset": request(b"/take", MULTIPART, b"X-Inertia: true", method=b"POST", body=PART),
    "length and chunks": request(
        b"/take", *JSON, b"Transfer-Encoding: chunked", method=b"POST", body=b"5\r\nhello\r\n0\r\n\r\n"
    ),
    "an unknown method": request(b"/page/ada", method=b"EVIL"),
    "a body with GET": request(b"/page/ada", b"Content-Type: application/json", body=b"{"),
}


def status_of(app: AppServer, data: bytes) -> int:
    """Return the status of the response; 0 if the server closed the connection without one."""
    with socket.create_connection(("127.0.0.1", app.port), timeout=30.0) as client:
        try:
            client.sendall(data)
            answer = b""
            while piece := client.recv(65_536):
                answer += piece
        except ConnectionError:
            return 0
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0


@pytest.mark.parametrize("server", SERVERS)
def test_no_raw_request_is_a_server_error(stage: Stage, server: str) -> None:
    def run(row: Row) -> None:
        with stage.app(server, "ok", timeout_seconds=5.0) as app:
            statuses: dict[str, int] = {}
            served: dict[str, int] = {}
            for name, data in ATTACKS.items():
                statuses[name] = status_of(app, data)
                served[name] = status_of(app, request(b"/page/ada"))
            log = app.log
        row.answers = 2 * len(ATTACKS)
        row.bad = {name: 1 for name, status in statuses.items() if status >= 500}
        row.checks += [
            Check(f"server errors: {row.bad}", not row.bad),
            Check("the next visitor is served", set(served.values()) == {200}),
            Check("some attacks are answered", {200, 303, 400} <= set(statuses.values())),
            Check("no traceback", "Traceback" not in log),
        ]
        if not all(check.passed for check in row.checks):
            row.notes += [str(statuses), log[-2000:]]

    stage.measure("B17", server, f"{len(ATTACKS)} raw requests", 1, run)
