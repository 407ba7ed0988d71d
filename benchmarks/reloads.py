"""RELOAD: from saving a Python file to the first byte of the new code, under `litestar run --reload`.

Why: developers wait for it after each save. The parts show where the time is spent: the packages that the app imports,
in a new interpreter, and the app's own modules with `Litestar()`, in a process forked after the import of the packages,
which is the best that a process that keeps them could reach. These are CPU times, since each reload runs alone on its
core. "save to types" is the time until the generated types have changed, when the save changes one.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import httpx

from benchmarks.harness import NOTHING, Row, Settings
from benchmarks.page_types import app_source
from benchmarks.peer import clean_environment

if TYPE_CHECKING:
    from collections.abc import Callable

_EXAMPLE = Path(__file__).parents[1] / "examples" / "react-contacts"
_DEADLINE_SECONDS = 120.0
_ROUNDS = 5
# Vite does not run: `dev_server_url` is unused.
_OPTIONS = 'types=True, dev_mode=True, entry="src/app.tsx", dev_server_url="http://127.0.0.1:1"'
_HANDLERS = """

@get("/mark", sync_to_thread=False)
def mark() -> str:
    return "mark 0;"


@get("/marked", component="Marked")
async def marked() -> dict[str, int]:
    return {"mark_0_": 1}
"""
_FORKED = """
import os, sys, time
sys.path.insert(0, ".")
started = time.process_time()
{packages}
imports = time.process_time() - started
pid = os.fork()
if pid == 0:
    started = time.process_time()
    import app
    print(imports, time.process_time() - started, flush=True)
    os._exit(0)
os.waitpid(pid, 0)
"""


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours:
        return []
    rows = _of_app("300 routes", 300, settings)
    return rows if settings.quick else [*rows, *_of_example(settings)]


def _of_app(name: str, size: int, settings: Settings) -> list[Row]:
    with TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        source = app_source(size, _OPTIONS, "mark", "marked", extra=_HANDLERS)
        (root / "app.py").write_text(source, "utf-8")
        (root / "src").mkdir()
        (root / "src" / "app.tsx").touch()
        packages = "import litestar, msgspec, litestar_vite.inertia\nfrom litestar_vite import VitePlugin"
        return _rows("RELOAD.300", name, root, packages, settings)


def _of_example(settings: Settings) -> list[Row]:
    with TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder) / "example"
        shutil.copytree(_EXAMPLE, root, ignore=shutil.ignore_patterns("node_modules", "dist", "__pycache__"))
        text = (root / "app.py").read_text("utf-8")
        text = text.replace("ViteConfig(", f"ViteConfig({_OPTIONS}, ", 1)
        text = text.replace("app = Litestar(", f"from litestar import get{_HANDLERS}\n\napp = Litestar(", 1)
        start = text.index("app = Litestar(")
        place = text.index("[", start) + 1
        (root / "app.py").write_text(f"{text[:place]}mark, marked, {text[place:]}", "utf-8")
        packages = (
            "import litestar, msgspec, sqlalchemy, advanced_alchemy.extensions.litestar\n"
            "import litestar_vite.inertia\nfrom litestar_vite import VitePlugin"
        )
        return _rows("RELOAD.example", "the example", root, packages, settings)


def _rows(id_: str, name: str, root: Path, packages: str, settings: Settings) -> list[Row]:
    count = min(settings.rounds, _ROUNDS)
    environment = {**clean_environment(), "SECRET_KEY": "x" * 32}
    found = {**_reloads(root, environment, count), **_parts(root, environment, packages, count)}
    rows = []
    for index, (what, seconds) in enumerate(found.items()):
        text = f"{statistics.median(seconds):.2f} s"
        rounds = {what: {"ours": seconds}}
        rows.append(
            Row(
                f"{id_}.{index}",
                f"{name}: {what}",
                NOTHING,
                text,
                NOTHING,
                NOTHING,
                NOTHING,
                passed=None,
                rounds=rounds,
            )
        )
    return rows


def _reloads(root: Path, environment: dict[str, str], count: int) -> dict[str, list[float]]:
    """Return the seconds from a save to the first byte of the new code, and to the changed types."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "litestar", "--app", "app:app", "run", "--reload", "--port", str(port)]
    with (root / "log.txt").open("wb") as log:
        server = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log, start_new_session=True)
    url, file, types = f"http://127.0.0.1:{port}/mark", root / "app.py", root / "src" / "generated" / "pages.gen.d.ts"
    answered, written = list[float](), list[float]()
    try:
        _wait(lambda: "mark 0;" in _text(url))
        _wait(lambda: types.is_file() and "mark_0_" in types.read_text("utf-8"))
        for number in range(1, count + 1):
            time.sleep(1)  # Wait until the reloader has settled.
            text = file.read_text("utf-8")
            text = text.replace(f"mark {number - 1};", f"mark {number};").replace(
                f"mark_{number - 1}_", f"mark_{number}_"
            )
            started = time.perf_counter()
            file.write_text(text, "utf-8")
            _wait(lambda new=f"mark {number};": new in _text(url))  # type: ignore[misc]
            answered.append(time.perf_counter() - started)
            _wait(lambda new=f"mark_{number}_": new in types.read_text("utf-8"))  # type: ignore[misc]
            written.append(time.perf_counter() - started)
    except BaseException:
        print((root / "log.txt").read_text("utf-8", "replace")[-3000:])
        raise
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)
    return {"save to first byte": answered, "save to types": written}


def _parts(root: Path, environment: dict[str, str], packages: str, count: int) -> dict[str, list[float]]:
    """Return the CPU seconds of importing the packages, and of importing the app in a process forked after that."""
    found: dict[str, list[float]] = {"CPU time to import the packages": [], "CPU time to import the app in a fork": []}
    for _ in range(count):
        done = subprocess.run(
            [sys.executable, "-c", _FORKED.format(packages=packages)],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        imports, app = map(float, done.stdout.split()[-2:])
        found["CPU time to import the packages"].append(imports)
        found["CPU time to import the app in a fork"].append(app)
    return found


def _text(url: str) -> str:
    try:
        return httpx.get(url, timeout=_DEADLINE_SECONDS, trust_env=False).text
    except httpx.TransportError:
        return ""


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            msg = "The server did not answer with the new code"
            raise RuntimeError(msg)
        time.sleep(0.01)
