"""P14: the import time that the package adds to a process that has imported Litestar, in new interpreters.

Why: every worker, CLI call and test run pays it. A production process renders pages without a CLI, rich, an HTTP client
or websockets, so the import must not load them.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import NO_PEER, NOTHING, Goal, Rounds, Row, Settings
from benchmarks.peer import PYTHON, clean_environment

GOAL = Goal("at most", 30.0, " ms")
NOT_NEEDED = ("rich", "rich_click", "httpx", "httpx2", "httpcore", "websockets", "click", "litestar.cli", "jinja2")
LINES = (
    # The names of the package load on first use.
    ("P14", "import VitePlugin after litestar", "from litestar_vite import ViteConfig, VitePlugin"),
    (
        "P14.inertia",
        "the same and litestar_vite.inertia",
        "from litestar_vite import ViteConfig, VitePlugin; import litestar_vite.inertia",
    ),
)
_PROBE = """
import json, sys, time
from litestar import Litestar, Request, get
before = set(sys.modules)
started = time.perf_counter()
{statement}
seconds = time.perf_counter() - started
print(json.dumps([seconds, sorted(set(sys.modules) - before)]))
"""


async def measure(settings: Settings) -> list[Row]:
    with TemporaryDirectory(prefix="bench-") as byte_code:
        return [_line(settings, Path(byte_code), *line) for line in LINES]


def _line(settings: Settings, byte_code: Path, id_: str, what: str, statement: str) -> Row:
    interpreters = {"ours": sys.executable} if settings.ours else {}
    if settings.peer:
        interpreters["peer"] = str(PYTHON)
    rounds: Rounds = {name: [] for name in interpreters}
    modules: dict[str, list[str]] = {}
    for interpreter in interpreters.values():
        _import(interpreter, statement, byte_code)  # warms up byte code and the file cache
    for _ in range(settings.rounds):
        for name, interpreter in interpreters.items():
            seconds, modules[name] = _import(interpreter, statement, byte_code)
            rounds[name].append(seconds)

    texts = {
        name: f"{statistics.median(rounds[name]) * 1e3:.1f} ms, {len(modules[name])} modules" for name in interpreters
    }
    passed, notes = None, []
    if "ours" in rounds:
        needless = [m for m in modules["ours"] if m in NOT_NEEDED or m.startswith(tuple(f"{n}." for n in NOT_NEEDED))]
        passed = bool(GOAL.met_by(statistics.median(rounds["ours"]) * 1e3)) and not needless
        roots = sorted({module.split(".")[0] for module in needless})
        notes = [f"loads what a production process does not need: {', '.join(roots)}"] if roots else []
    peer = texts.get("peer", settings.peer_absent if settings.peer is None else NO_PEER)
    return Row(id_, what, "0", texts.get("ours", NOTHING), NOTHING, peer, str(GOAL), passed, rounds, notes)


def _import(interpreter: str, statement: str, byte_code: Path) -> tuple[float, list[str]]:
    """Import in a new interpreter, from an empty folder, so that the repository does not shadow installed packages.

    Byte code is cached in a separate folder, regardless of PYTHONDONTWRITEBYTECODE, since production caches it too.
    """
    environment = {n: v for n, v in clean_environment().items() if n != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [interpreter, "-c", _PROBE.format(statement=statement)],
        env={**environment, "PYTHONPYCACHEPREFIX": str(byte_code)},
        cwd=byte_code,
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, modules = json.loads(done.stdout.splitlines()[-1])
    return seconds, modules
