"""Run our Python programs in forked processes, which saves each the second that its imports take.

How it works: one process imports the command line and waits (`multiprocessing`'s fork server). Each run is a fork of
it with a separate working directory, environment, arguments and output. Advanced Alchemy is not imported, as in
`tests/slim`.
"""

from __future__ import annotations

import atexit
import multiprocessing
import os
import runpy
import sys
import tempfile
import traceback
from importlib.metadata import entry_points
from multiprocessing import forkserver
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from typing import TYPE_CHECKING, Any

import pytest
import rich_click.rich_click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("run_program",)

_PRELOADED = (
    "tests.slim.sitecustomize",
    "litestar.cli.main",
    "litestar_vite._cli.standalone",
    "litestar_vite._cli.group",
    "litestar_vite._cli.ssr",
    "tests.programs",
)
_SECONDS = 120


def run_program(
    command: list[str], folder: Path, environment: Mapping[str, str], timeout: float = _SECONDS
) -> CompletedProcess[str]:
    """Run a console script by its name, or `python -m module`, as `subprocess.run(..., capture_output=True)` would.

    Raises:
        TimeoutExpired: The program is still running after `timeout` seconds; it is killed.
    """
    with tempfile.TemporaryDirectory() as outputs:
        paths = [str(Path(outputs) / name) for name in ("stdout", "stderr")]
        process = _context().Process(target=_run, args=(command, str(folder), dict(environment), *paths))
        process.start()
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutExpired(command, timeout)
        stdout, stderr = (Path(path).read_text() if Path(path).exists() else "" for path in paths)
    code = process.exitcode
    process.close()
    return CompletedProcess(command, code, stdout, stderr)


def _context() -> Any:
    """Return the fork server's context. Starts it with a wide terminal, which rich-click reads at import."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(_PRELOADED))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "300")
        patch.setenv("NO_COLOR", "1")
        forkserver.ensure_running()
    return context


def _run(command: list[str], folder: str, environment: dict[str, str], stdout: str, stderr: str) -> None:
    """Run the program in the forked process, and exit."""
    for path, stream in ((stdout, 1), (stderr, 2)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    code = 1
    try:
        _call(command)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)  # noqa: T201 - as the interpreter does
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
    atexit._run_exitfuncs()  # type: ignore[attr-defined]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _call(command: list[str]) -> None:
    if command[:2] == ["python", "-m"]:
        sys.argv = command[2:]
        sys.path.insert(0, str(Path.cwd()))
        runpy.run_module(command[2], run_name="__main__", alter_sys=True)
        return
    sys.argv = command
    # The preloaded litestar.cli has set 120 columns, even for a program that does not import it.
    rich_click.rich_click.MAX_WIDTH = None
    [script] = entry_points(group="console_scripts", name=command[0])
    script.load()()
