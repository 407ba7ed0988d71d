"""Every Python block of the README and the guides runs, and responds as the page shows.

How it works:
1. Each Python block is a module, and its assertions must hold.
2. If it defines `app`, that app is started; if it defines only handlers, they are put into an app with the plugin.
3. A pair of `http` blocks below it is a request and the expected response. "…" matches any text.
4. Its functions named `test_…` are run as tests, and may request the fixture `inertia_client`.
5. A block below a line such as "`templates/root.html`:" is written to that file first. A Python file can be imported
   by the blocks below it.
6. Blocks in a comment (`<!-- … -->`) are run too, for checks that the page does not show.
"""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.testing import TestClient
from msgspec import Struct

from tests.support import make_app, plugin_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from httpx import Response

ROOT = Path(__file__).parents[2]
# Design notes contain only sketches, and are not run.
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^(?:`(?P<file>[\w./-]+)`:\n\n)?```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)

# Compilers check these in tests/types. If a folder of pages existed, the testing kit would require every page in it.
COMPONENTS = {".jsx", ".tsx", ".ts", ".vue", ".svelte"}


class Program(Struct):
    name: str
    source: str
    files: dict[str, str]
    exchanges: list[tuple[str, str]]


def programs_of(name: str, text: str) -> Iterator[Program]:
    """Yield the Python blocks of a page, each with the files above it and the exchanges below it."""
    files: dict[str, str] = {}
    program: Program | None = None
    for block in BLOCK.finditer(text):
        language, body = block["language"], block["text"]
        if language == "python":
            if program is not None:
                yield program
            if block["file"] is not None and is_imported(block["file"], text[block.end() :]):
                # It runs when a block below imports it; some modules, such as database tables, may run only once.
                files[block["file"]], program = body, None
                continue
            line = text.count("\n", 0, block.start()) + 1
            program = Program(f"{name}:{line}", body, dict(files), [])
            if block["file"] is not None:
                files[block["file"]] = body
        elif language == "http":
            assert program is not None, f"{name}: an http block needs a program above it"
            if body.startswith("HTTP/"):
                assert program.exchanges, f"{program.name}: a response without a request"
                request, answer = program.exchanges[-1]
                assert not answer, f"{program.name}: two responses to one request"
                program.exchanges[-1] = (request, body)
            else:
                program.exchanges.append((body, ""))
        elif block["file"] is not None and language != "diff" and Path(block["file"]).suffix not in COMPONENTS:
            files[block["file"]] = body
    if program is not None:
        yield program


def is_imported(file: str, below: str) -> bool:
    """Return whether blocks below import this block and no requests follow it."""
    before_next, _, rest = below.partition("\n```python\n")
    return f"from {Path(file).stem} import " in rest and "\n```http\n" not in before_next


PROGRAMS = [program for page in PAGES for program in programs_of(page.stem, page.read_text("utf-8"))]


@pytest.mark.parametrize("program", [pytest.param(program, id=program.name) for program in PROGRAMS])
def test_a_program_of_the_documentation_runs_and_answers_as_written(
    program: Program, site: Path, monkeypatch: pytest.MonkeyPatch, inertia_client: Callable[..., Any]
) -> None:
    monkeypatch.chdir(site)
    monkeypatch.syspath_prepend(str(site))
    for name in program.files:
        # Drop the module of this name that another page wrote.
        monkeypatch.delitem(sys.modules, name.removesuffix(".py"), raising=False)
    for name, text in program.files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text, "utf-8")
    module = run(program.source, site, monkeypatch)
    if tests := [value for name, value in vars(module).items() if name.startswith("test_")]:
        run_tests(tests, inertia_client)
        return
    app = app_of(module, site)
    if app is None:
        assert not program.exchanges
        return
    with TestClient(app, raise_server_exceptions=False) as client:
        for request, answer in program.exchanges or home_of(app):
            compare(send(client, app, request), answer)


def run(source: str, site: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import the block as a module, because Litestar resolves annotations in modules."""
    path = site / "documented.py"
    path.write_text(source, "utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, module)
    spec.loader.exec_module(module)
    return module


def run_tests(tests: list[Callable[..., Any]], inertia_client: Callable[..., Any]) -> None:
    """Run the tests of a block; async tests run on an event loop."""
    for test in tests:
        if inspect.iscoroutinefunction(test):
            anyio.run(test)
        else:
            test(**dict.fromkeys(inspect.signature(test).parameters, inertia_client))


def app_of(module: Any, site: Path) -> Litestar | None:
    if hasattr(module, "app"):
        app: Litestar = module.app
        return app
    handlers = [value for value in vars(module).values() if isinstance(value, HTTPRouteHandler)]
    return make_app(site, handlers) if handlers else None


def home_of(app: Litestar) -> list[tuple[str, str]]:
    """Return the default exchange of a program: a request for its home page, if it has one."""
    return [("GET / HTTP/1.1\n", "HTTP/1.1 200 OK\n")] if any(route.path == "/" for route in app.routes) else []


def send(client: TestClient[Any], app: Litestar, text: str) -> Response:
    head, _, body = text.partition("\n\n")
    start, *lines = head.strip().split("\n")
    method, target, _ = start.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    if "X-Inertia" in headers:
        # The documentation omits the version, which changes with each build.
        headers.setdefault("X-Inertia-Version", plugin_of(app).assets.version or "")
    return client.request(method, target, headers=headers, content=body.strip() or None, follow_redirects=False)


def compare(response: Response, text: str) -> None:
    head, _, body = text.partition("\n\n")
    start, *lines = head.strip().split("\n")
    assert response.status_code == int(start.split(" ")[1]), response.text
    for line in lines:
        name, value = line.split(": ", 1)
        assert name in response.headers, f"no {name} in {dict(response.headers)}"
        assert matches(response.headers[name], value), f"{name}: {response.headers[name]}"
    if body.lstrip().startswith("{"):
        assert_equal(response.json(), json.loads(body), "$")
    else:
        for line in filter(None, map(str.strip, body.split("\n"))):
            assert re.search(pattern_of(line), response.text), f"{line!r} is not in {response.text}"


def assert_equal(actual: Any, expected: Any, path: str) -> None:
    """Compare JSON values; a string with "…" is a pattern."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), path
        assert list(actual) == list(expected), f"{path}: {actual}"
        for key, value in expected.items():
            assert_equal(actual[key], value, f"{path}.{key}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), f"{path}: {actual}"
        for index, value in enumerate(expected):
            assert_equal(actual[index], value, f"{path}.{index}")
    elif isinstance(expected, str) and "…" in expected:
        assert expected == "…" or matches(str(actual), expected), f"{path}: {actual!r}"
    else:
        assert actual == expected, f"{path}: {actual!r}"


def matches(actual: str, expected: str) -> bool:
    return re.fullmatch(pattern_of(expected), actual, re.DOTALL) is not None


def pattern_of(text: str) -> str:
    return ".*".join(map(re.escape, text.split("…")))


def test_there_are_programs_to_run() -> None:
    assert len(PROGRAMS) >= 20
    assert sum(len(program.exchanges) for program in PROGRAMS) >= 20


@pytest.mark.parametrize("program", [pytest.param(program, id=program.name) for program in PROGRAMS])
def test_every_request_of_the_documentation_has_its_answer(program: Program) -> None:
    for request, answer in program.exchanges:
        assert answer, f"{program.name}: {request.splitlines()[0]} needs a response"


def test_the_excerpts_of_the_tutorial_are_in_its_files() -> None:
    """A `py` block is the part of the next Python file that a step changes."""
    text = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    excerpts = list(re.finditer(r"^```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
    assert len(excerpts) >= 2
    for excerpt in excerpts:
        file = text[excerpt.end() :].split("```python\n", 1)[1].split("```", 1)[0]
        for part in excerpt[1].split("\n\n\n"):
            missing = [line for line in part.strip().splitlines() if line not in file.splitlines()]
            assert not missing, missing
