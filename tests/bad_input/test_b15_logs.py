"""B15: input from visitors cannot forge log entries or control the terminal."""

from __future__ import annotations

import logging
import re
from collections import deque
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from litestar import Request, get, post
from litestar.params import FromPath, URLEncodedBody
from msgspec import Struct

from litestar_vite._colours import on_one_line
from litestar_vite._devserver.output import Output
from litestar_vite._ssr.outcome import Failed
from litestar_vite._ssr.quarantine import Quarantine
from litestar_vite._ssr.report import FailureLog
from litestar_vite._ssr.workers.line_log import LineLog
from litestar_vite.inertia import InertiaRedirect, InertiaResponse, defer, error
from tests.integration.asgi import ask
from tests.support import inertia_headers, make_app, page_in

FORGED = "2026-01-01 CRITICAL root: forged"
TEXTS = {
    "CR LF": f"a\r\n{FORGED}",
    "NEL": f"a\x85{FORGED}",
    "line separator": f"a\u2028{FORGED}",
    "vertical tab": f"a\x0b\x0c{FORGED}",
    "colour": f"a\x1b[2J\x1b[31m{FORGED}",
    "title": f"a\x1b]0;pwned\x07{FORGED}",
    "open title": "a\x1b]0;pwned",
    "C1 sequence": f"a\x9b2J{FORGED}",
    "backspaces": "a" + "\x08" * 40 + FORGED,
    "NUL": f"a\0{FORGED}",
}
CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


def assert_clean(caplog: pytest.LogCaptureFixture) -> None:
    """Check that each log message is one line of printable text. Tracebacks are not checked."""
    assert caplog.records
    for record in caplog.records:
        assert not CONTROLS.search(record.getMessage()), ascii(record.getMessage())


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_texts_of_a_render_server(text: str, caplog: pytest.LogCaptureFixture) -> None:
    log = FailureLog()
    for kind in ("render", "unknown", "protocol"):
        log.report(Failed(kind, text, component=text, hint=text, source_location=text), text)
    assert len(caplog.records) == 3
    assert "a" in caplog.text
    assert_clean(caplog)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_output_of_workers_and_vite(text: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each line of output is a separate log entry, and the name of its logger shows the source."""
    with caplog.at_level(logging.INFO):
        last: deque[str] = deque()
        LineLog(last).feed(text.encode() + b"\n")
        (tmp_path / "vite.log").write_bytes(text.encode() + b"\n")
        output = Output(tmp_path / "vite.log")
        output.begin(at_end=False)
        output.follow()
    assert not any(CONTROLS.search(line) for line in last)
    assert {record.name for record in caplog.records} == {"litestar_vite.ssr.worker", "litestar_vite.vite"}
    assert_clean(caplog)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_names_of_quarantined_components(text: str, caplog: pytest.LogCaptureFixture) -> None:
    Quarantine().blame([text], "ended with code 0", is_sure=True)
    assert_clean(caplog)


def test_tabs_and_letters_of_all_languages_stay() -> None:
    assert on_one_line("\tcode é 日本 🎈 \x1b[1mbold\x1b[0m") == "\tcode é 日本 🎈 bold"


class Named(Struct, forbid_unknown_fields=True):
    name: str = ""


@get("/go/{text:str}", sync_to_thread=False)
def go(request: Request[Any, Any, Any], text: FromPath[str]) -> Any:
    return InertiaRedirect(request, f"//evil.example/{text}")


@get("/circle/{text:str}", sync_to_thread=False)
def circle(request: Request[Any, Any, Any], text: FromPath[str]) -> Any:
    path = request.scope.get("raw_path", b"").decode() or quote(request.scope["path"])
    return InertiaRedirect(request, path)


@get("/page/{text:str}", sync_to_thread=False)
def page(text: FromPath[str]) -> InertiaResponse[Any]:
    def fails() -> str:
        raise ValueError(text)

    return InertiaResponse({text: defer(fails, rescue=True)}, component=text)


@get("/many/{text:str}", sync_to_thread=False)
def many(request: Request[Any, Any, Any], text: FromPath[str]) -> Any:
    for number in range(200):
        error(request, f"{text} {number}", "This field is required, and was left empty.")
    return InertiaRedirect(request, "/")


@post("/form", sync_to_thread=False)
def form(data: URLEncodedBody[Named]) -> None:
    return None


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return make_app(tmp_path_factory.mktemp("site"), [go, circle, page, many, form])


@pytest.mark.parametrize("path", ["/go", "/circle", "/many"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_paths_and_names_of_visitors(app: Any, path: str, text: str, caplog: pytest.LogCaptureFixture) -> None:
    raw = f"{path}/{quote(text)}"
    ask(app, "GET", raw, inertia_headers(app, referer=f"http://testserver.local{raw}"))
    # Some servers do not provide the raw path.
    ask(app, "GET", raw, inertia_headers(app, referer=f"http://testserver.local{raw}"), raw_path=b"")
    assert_clean(caplog)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_components_and_fields_named_by_visitors(app: Any, text: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = ask(app, "GET", f"/page/{quote(text)}")
    assert page_in(answer.text)["component"] == text
    headers = inertia_headers(app, partial_data=text.encode("utf-8").decode("latin-1"), partial_component=quote(text))
    ask(app, "GET", f"/page/{quote(text)}", headers)
    headers = {**inertia_headers(app), "content-type": "application/x-www-form-urlencoded"}
    assert ask(app, "POST", "/form", headers, f"{quote(text)}=1".encode()).status == 303
    for record in caplog.records:
        assert not CONTROLS.search(record.getMessage()), ascii(record.getMessage())
