"""Measures every engine with every bundle: a venv per engine, a process per cell, then a table and results.json."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
VENVS = HERE / ".venvs"
PACKAGES = {
    "mini-racer": "mini-racer",
    "jsrun": "jsrun",
    "quickjs": "quickjs",
    "quickjs-ng": "quickjs-ng",
    "stpyv8": "stpyv8",
    "pythonmonkey": "pythonmonkey",
}
BUNDLES = ("react", "vue", "svelte")
_CELL_SECONDS = {"render": 90, "throughput1": 60, "throughput2": 60, "kill": 15}


def python_of(engine: str) -> str:
    """Return the interpreter of the engine's venv, which is created on first use."""
    if engine == "node":
        return sys.executable
    python = VENVS / engine / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENVS / engine)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, PACKAGES[engine]], check=True)
    return str(python)


def installed_mb(engine: str) -> float:
    """Return the size of the engine's packages on disk."""
    if engine == "node":
        return 0.0
    site = next((VENVS / engine / "lib").glob("python*/site-packages"))
    tools = ("pip", "setuptools", "_distutils", "pkg_resources")
    own = [path for path in site.rglob("*") if path.is_file() and not path.relative_to(site).parts[0].startswith(tools)]
    return sum(path.stat().st_size for path in own) / 1e6


def cell(what: str, engine: str, bundle: str) -> dict[str, Any]:
    """Run a cell. A failure is the result."""
    try:
        done = subprocess.run(
            [python_of(engine), str(HERE / "probe.py"), what, engine, bundle],
            capture_output=True,
            text=True,
            timeout=_CELL_SECONDS[what],
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = (late.stdout or b"").decode().strip()
        return {
            **(json.loads(said.splitlines()[-1]) if said.startswith("{") else {}),
            "failed": f"no end within {_CELL_SECONDS[what]} s",
        }
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    found: dict[str, Any] = json.loads(lines[-1]) if lines else {}
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [""])[-1]
        found["failed"] = f"exit {done.returncode}: {last[:160]}"
    return found


def main() -> None:
    engines = sys.argv[1:] or ["node", *PACKAGES]
    rows = []
    print(
        "| engine | bundle | start and first render ms | render ms | CPU ms | worst ms | memory MB | renders/s on 1 "
        "| on 2 | a spinning render | on disk MB |"
    )
    print("|" + "---|" * 11)
    for engine in engines:
        python_of(engine)
        for bundle in BUNDLES:
            found = {what: cell(what, engine, bundle) for what in ("render", "throughput1", "throughput2", "kill")}
            rows.append({"engine": engine, "bundle": bundle, "on_disk_mb": installed_mb(engine), **found})
            render = found["render"]
            figures = [
                f"{render[name]:.1f}" if name in render else "-"
                for name in ("start_ms", "render_ms", "cpu_ms", "worst_ms", "memory_mb")
            ]
            both = [f"{found[name].get('per_second', 0):.0f}" for name in ("throughput1", "throughput2")]
            problems = "; ".join(f"{name}: {result['failed']}" for name, result in found.items() if "failed" in result)
            kill = found["kill"].get("kill", "-")
            print(
                f"| {engine} | {bundle} | {' | '.join([*figures, *both])} | {kill} {problems} "
                f"| {installed_mb(engine):.0f} |",
                flush=True,
            )
    (HERE / "results.json").write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
