"""`python -m tests.mutation`: revert one line at a time in a copy of the package; each has to turn a test red.

How it works: the package is copied to a temporary folder, the line is changed there, and the tests named beside it run with that copy first
on the path. A mutant that no test sees, or whose line is no longer there, is an error. `python -m tests.mutation 3 17` runs some only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutation.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "py" / "litestar_vite"


def seen_by(mutant: Mutant) -> str:
    """Return the test that saw the mutant; "" when none did.

    Raises:
        LookupError: Its line stands there no longer, or more than once.
    """
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder) / "litestar_vite"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        file = copy / "inertia" / mutant.file
        text = file.read_text("utf-8")
        if text.count(mutant.old) != 1:
            msg = f"{mutant.what}: {mutant.old!r} stands {text.count(mutant.old)} times in {mutant.file}"
            raise LookupError(msg)
        file.write_text(text.replace(mutant.old, mutant.new), "utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--no-header", *mutant.tests.split()]
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600)
    red = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return red[0].split(" - ")[0] if done.returncode else ""


def main(numbers: list[int]) -> int:
    """Run the mutants and print what saw them; return the exit code."""
    chosen = [(number, mutant) for number, mutant in enumerate(MUTANTS, 1) if not numbers or number in numbers]
    unseen = 0
    with ThreadPoolExecutor(max_workers=2) as pool:
        for (number, mutant), red in zip(chosen, pool.map(lambda pair: seen_by(pair[1]), chosen), strict=True):
            unseen += not red
            print(f"{number:3} {'red ' if red else 'GREEN'} {mutant.what} ({mutant.file}): {red or 'no test saw it'}", flush=True)
    print(f"{len(chosen) - unseen} of {len(chosen)} mutants were seen.")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main([int(argument) for argument in sys.argv[1:]]))
