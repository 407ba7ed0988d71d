"""An upload over the limit, under granian: the response arrives while the browser is still sending."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.slow

APP = """
import pathlib
from typing import Any
from litestar import get, post
from litestar.params import MultipartBody
from tests.support import make_app, make_site

@get("/form", component="Home")
async def form() -> dict[str, Any]:
    return {}

@post("/upload", request_max_body_size=1_000)
async def upload(data: MultipartBody[dict[str, Any]]) -> None: ...

app = make_app(make_site(pathlib.Path(__file__).parent), [form, upload])
"""
REPOSITORY = Path(__file__).parents[2]
# Generous: the machines that run this are slow and shared.
DEADLINE_SECONDS = 60.0
MIB = 1 << 20


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("granian")
    (folder / "app.py").write_text(APP)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(number), "app:app"]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            assert server.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            try:
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield number
    finally:
        server.terminate()
        server.wait(DEADLINE_SECONDS)


def upload(port: int, size: int, *, chunked: bool) -> bytes:
    """Send a whole upload, as a browser does, and return the beginning of the response."""
    head = (
        "POST /upload HTTP/1.1\r\nHost: a\r\nX-Inertia: true\r\nReferer: http://a/form\r\n"
        "Content-Type: multipart/form-data; boundary=a\r\n"
    )
    part = b'--a\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    body = part + b"x" * size + b"\r\n--a--\r\n"
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"
    with socket.create_connection(("127.0.0.1", port), DEADLINE_SECONDS) as browser:
        browser.sendall(f"{head}{length}\r\n\r\n".encode())
        browser.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body) if chunked else body)
        return browser.recv(65_536)


# Browsers send forms with a Content-Length.
@pytest.mark.parametrize(("size", "chunked"), [(2_000, False), (2_000, True), (8 * MIB, False)])
def test_an_upload_over_the_limit_goes_back_to_its_form_under_granian(port: int, size: int, chunked: bool) -> None:
    answer = upload(port, size, chunked=chunked)
    assert answer.startswith(b"HTTP/1.1 303 "), answer
    assert re.search(rb"(?i)location: /form\r\n", answer)
    assert re.search(rb"(?i)set-cookie: inertia_carry=", answer)


def test_an_upload_within_the_limit_arrives_under_granian(port: int) -> None:
    answer = upload(port, 500, chunked=False)
    assert answer.startswith(b"HTTP/1.1 303 "), answer
    assert b"inertia_carry=" not in answer
