"""TYPES: the types of an app with 300 and 1,000 page routes, in new interpreters.

Why: each reload in development generates them. "cold" reads the handlers and writes the files; "incremental" reads
them in the next process, after a save that changes no type, and writes nothing. Both exclude the import of the app,
which a reload needs anyway. CPU time, since the work is done by one thread and other processes must not count.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import NOTHING, Goal, Rounds, Row, Settings
from benchmarks.peer import clean_environment

GOAL = Goal("at most", 2.0, " s")
_SIZES = (300, 1000)
_HEAD = """
from typing import Any

from litestar import Litestar, get
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import defer
"""
_PAGE = """

class Row{n}(Struct, rename="camel"):
    id: int
    full_name: str
    parent: "Row{n} | None" = None


async def rows_{n}(page: int) -> list[Row{n}]:
    return []


@get("/pages/{n}", component="Pages/P{n}", name="pages.p{n}")
async def page_{n}(page: int = 1) -> dict[str, Any]:
    rows = await rows_{n}(page)
    return {{"rows": rows, "later": defer(rows_{n}, page), "filters": {{"page": page, "total": len(rows)}}}}
"""
_TAIL = """

vite = VitePlugin(ViteConfig(inertia=True, {options}))
app = Litestar([{handlers}], plugins=[vite], openapi_config=None)
"""
_PROBE = """
import json, time
from app import app, vite
started = time.process_time()
from litestar_vite._typegen.project import generate
written = generate(app, vite.config).write()
print(json.dumps([time.process_time() - started, len(written)]))
"""


def app_source(size: int, options: str = "inert=True", *handlers: str, extra: str = "") -> str:
    """Return the source of an app with page routes, and with the handlers that `extra` defines."""
    pages = "".join(_PAGE.format(n=number) for number in range(size))
    names = ", ".join([*(f"page_{number}" for number in range(size)), *handlers])
    return _HEAD + pages + extra + _TAIL.format(handlers=names, options=options)


async def measure(settings: Settings) -> list[Row]:
    return [row for size in (_SIZES[:1] if settings.quick else _SIZES) for row in _rows(settings, size)]


def _rows(settings: Settings, size: int) -> list[Row]:
    if not settings.ours:
        return []
    rounds: dict[str, Rounds] = {"cold": {"ours": []}, "incremental": {"ours": []}}
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        (folder / "app.py").write_text(app_source(size), "utf-8")
        for _ in range(min(settings.rounds, 5)):
            for path in (folder / "src" / "generated").glob("*"):
                path.unlink()
            for what, expected in (("cold", 3), ("incremental", 0)):
                seconds, written = run_probe(folder)
                if written != expected:
                    msg = f"{what}: {written} files were written instead of {expected}"
                    raise RuntimeError(msg)
                rounds[what]["ours"].append(seconds)
    rows = []
    for what, found in rounds.items():
        seconds = statistics.median(found["ours"])
        id_ = f"TYPES.{size}.{what}"
        passed = bool(GOAL.met_by(seconds))
        rows.append(
            Row(
                id_,
                f"types of {size} page routes, {what}",
                "0",
                f"{seconds:.2f} s",
                NOTHING,
                NOTHING,
                str(GOAL),
                passed,
                found,
            )
        )
    return rows


def run_probe(folder: Path) -> tuple[float, int]:
    """Write the types in a new process. Return their CPU time, without the import, and the number of written files."""
    done = subprocess.run(
        [sys.executable, "-c", _PROBE], env=clean_environment(), cwd=folder, capture_output=True, text=True, check=True
    )
    seconds, written = json.loads(done.stdout.splitlines()[-1])
    return seconds, written
