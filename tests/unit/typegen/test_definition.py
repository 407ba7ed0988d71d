"""Go to definition: TypeScript's server follows a prop from a page to the line in Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import pytest

ROOT = Path(__file__).parents[3]
TYPESCRIPT = {
    "5.9": ROOT / "tests" / "types" / "node_modules" / "typescript-5",
    "6.0": ROOT / "src" / "js" / "node_modules" / "typescript",
    "7.0": ROOT / "tests" / "types" / "node_modules" / "typescript-7",
}

APP = """
from typing import Any

from litestar import Litestar, get
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import defer


class Person(Struct, rename="camel"):
    first_name: str
    age: int


class Employee(Person):
    desk: str


def load() -> list[Person]:
    return []


@get("/", component="People/Show")
async def show(person: Employee) -> dict[str, Any]:
    return {
        "person": person,
        "others": defer(load),
    }


app = Litestar([show], plugins=[VitePlugin(ViteConfig(inertia=True, inert=True))], openapi_config=None)
"""
PAGE = """import type { Pages } from './generated/pages.gen'
export function use(page: Pages['People/Show']) {
  return [page.person.firstName, page.person.desk, page.others, page.person, page.others![0]!.age]
}
"""
# Each use in the page, and its definition in the app.
USES = {
    "firstName": "    first_name: str",
    "desk": "    desk: str",
    "others,": '        "others": defer(load),',
    "person,": '        "person": person,',
    ".age": "    age: int",
    "'People/Show'": "async def show(person: Employee) -> dict[str, Any]:",
}


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Return a page that uses the generated types of an app."""
    (tmp_path / "app.py").write_text(APP, "utf-8")
    (tmp_path / "package.json").write_text("{}")
    subprocess.run(
        [sys.executable, "-m", "litestar", "--app", "app:app", "assets", "types"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    (tmp_path / "src" / "page.ts").write_text(PAGE, "utf-8")
    options = {"strict": True, "types": [], "target": "es2022", "module": "esnext", "moduleResolution": "bundler"}
    (tmp_path / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["src"]}))
    return tmp_path / "src" / "page.ts"


def places() -> dict[str, tuple[int, int]]:
    """Return the line and column of each use, both counted from 0."""
    lines = PAGE.splitlines()
    rows = {use: next(number for number, line in enumerate(lines) if use in line) for use in USES}
    return {use: (row, lines[row].index(use) + 1) for use, row in rows.items()}


def by_tsserver(typescript: Path, page: Path) -> dict[str, list[tuple[str, int]]]:
    """Return the definitions that TypeScript's own server reports: file and line, counted from 0."""
    requests: list[dict[str, Any]] = [{"command": "open", "arguments": {"file": str(page)}}]
    for line, column in places().values():
        place = {"file": str(page), "line": line + 1, "offset": column + 1}
        requests.append({"command": "definition", "arguments": place})
    sent = "".join(
        json.dumps({"seq": seq, "type": "request", **request}) + "\n" for seq, request in enumerate(requests)
    )
    answers: dict[int, Any] = {}
    with subprocess.Popen(
        ["node", str(typescript / "lib" / "tsserver.js"), "--disableAutomaticTypingAcquisition"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(sent)
        server.stdin.flush()
        for line in server.stdout:
            answer = json.loads(line) if line.startswith("{") else {}
            if answer.get("command") == "definition":
                answers[answer["request_seq"]] = answer["body"]
            if len(answers) == len(USES):
                break
        server.terminate()
    return {
        use: [(each["file"], each["start"]["line"] - 1) for each in answers[seq]] for seq, use in enumerate(USES, 1)
    }


class LanguageServer:
    """A language server that speaks LSP over its standard streams, since TypeScript 7 lacks tsserver."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._id = 0

    def notify(self, method: str, **parameters: Any) -> None:
        self._send({"method": method, **({"params": parameters} if parameters else {})})

    def ask(self, method: str, **parameters: Any) -> Any:
        self._id += 1
        self._send({"id": self._id, "method": method, **({"params": parameters} if parameters else {})})
        while True:
            message = self._receive()
            if "method" in message and "id" in message:
                # A request from the server: for the editor's settings, or to register capabilities.
                items = message["params"].get("items", []) if message.get("params") else []
                self._send({"id": message["id"], "result": [None] * len(items) if items else None})
            elif message.get("id") == self._id:
                assert "error" not in message, message
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        length = 0
        while (line := stdout.readline()) != b"\r\n":
            assert line, "the server ended"
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message: dict[str, Any] = json.loads(stdout.read(length))
        return message


def by_lsp(typescript: Path, page: Path) -> dict[str, list[tuple[str, int]]]:
    """Return the definitions that the native language server reports."""
    found = {}
    with subprocess.Popen(
        ["node", str(typescript / "bin" / "tsc"), "--lsp", "--stdio"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=page.parents[1],
    ) as process:  # fmt: skip
        server, uri = LanguageServer(process), page.as_uri()
        server.ask("initialize", processId=None, rootUri=page.parents[1].as_uri(), capabilities={})
        server.notify("initialized", capabilities={})
        document = {"uri": uri, "languageId": "typescript", "version": 1, "text": PAGE}
        server.notify("textDocument/didOpen", textDocument=document)
        for use, (line, column) in places().items():
            position = {"line": line, "character": column}
            places_found = server.ask("textDocument/definition", textDocument={"uri": uri}, position=position)
            found[use] = [_target(each) for each in _as_list(places_found)]
        server.ask("shutdown")
        server.notify("exit")
        process.wait(60)
    return found


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _target(place: dict[str, Any]) -> tuple[str, int]:
    where = place.get("targetSelectionRange") or place["range"]
    return unquote(urlparse(place.get("targetUri") or place["uri"]).path), where["start"]["line"]


@pytest.mark.slow
@pytest.mark.parametrize("version", TYPESCRIPT)
def test_a_prop_leads_to_its_line_in_python(version: str, page: Path) -> None:
    typescript = TYPESCRIPT[version]
    if shutil.which("node") is None or not typescript.is_dir():
        pytest.skip(f"TypeScript {version} is not installed (make install, make test-slow)")
    assert json.loads((typescript / "package.json").read_text())["version"].startswith(version)
    definitions = (by_tsserver if (typescript / "lib" / "tsserver.js").is_file() else by_lsp)(typescript, page)
    lines = APP.splitlines()
    found = {use: [(Path(file).name, lines[line]) for file, line in targets] for use, targets in definitions.items()}
    assert found == {use: [("app.py", line)] for use, line in USES.items()}
