"""`python -m tests.mutation`: revert one line at a time in a copy of the package. Each mutant must fail a test.

`python -m tests.mutation safeties` disables the safeties of server-side rendering. A gate under load must detect each.

How it works: the package is copied to a separate folder, the line is changed there, and the mutant's tests run with
that copy first on the path. It is an error if no test detects a mutant, or if its line is missing. `python -m
tests.mutation 3 17` only runs these two."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.mutation.mutants import MUTANTS
from tests.mutation.safeties import SAFETIES

if TYPE_CHECKING:
    from tests.mutation.mutant import Mutant

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "py" / "litestar_vite"
# Not in /tmp, which some gates replace for the processes that they start.
COPIES = ROOT / ".mutants"


def seen_by(mutant: Mutant) -> str:
    """Return the test that detected the mutant, "" if none did.

    Raises:
        LookupError: Its line is missing or occurs more than once, or pytest did not start.
    """
    COPIES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=COPIES) as folder:
        copy = Path(folder) / "litestar_vite"
        shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
        for name, old, new in ((mutant.file, mutant.old, mutant.new), *mutant.more):
            _change(copy / name, old, new)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-p",
            "no:cacheprovider",
            "--no-header",
            *_tests_of(mutant),
        ]
        environment = {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1", "CHAOS_PROFILE": "fast"}
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=600
        )
    red = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    if done.returncode and not red:
        msg = f"pytest did not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        raise LookupError(msg)
    return red[0].split(" - ")[0] if done.returncode else ""


def _change(file: Path, old: str, new: str) -> None:
    """Replace the only occurrence of `old`, however the formatter has wrapped it.

    Raises:
        LookupError: `old` does not occur exactly once, or the file is not valid Python afterwards.
    """
    text = file.read_text("utf-8")
    found = list(_as_pattern(old).finditer(text))
    if len(found) != 1:
        msg = f"{old!r} occurs {len(found)} times in {file.name}"
        raise LookupError(msg)
    start, end = found[0].span()
    text = text[:start] + new + text[end:]
    try:
        if file.suffix == ".py":
            compile(text, file.name, "exec")
    except SyntaxError as error:
        msg = f"{new!r} is not valid Python in place of {old!r}: {error}"
        raise LookupError(msg) from error
    file.write_text(text, "utf-8")


def _as_pattern(code: str) -> re.Pattern[str]:
    """Return a pattern that matches `code` on one line or wrapped over several. Surrounding white space is literal."""
    inner = code.strip()
    before, _, after = code.partition(inner)
    parts: list[str] = []
    for token in re.findall(r"\s+|[(\[{]|[)\]}]|[^\s()\[\]{}]+", inner):
        if token.isspace():
            parts.append(r"\s+")
        elif token in "([{":
            parts.append(re.escape(token) + r"\s*")
        elif token in ")]}":
            parts.append(r"(?:,?\s+)?" + re.escape(token))
        else:
            parts.append(re.escape(token))
    return re.compile(re.escape(before) + "".join(parts) + re.escape(after))


def _tests_of(mutant: Mutant) -> list[str]:
    """Return pytest's arguments. Gates under load have spaces in their names, and the mark `chaos`."""
    return ["-m", "chaos", mutant.tests] if mutant.tests.startswith("tests/chaos") else mutant.tests.split()


def _tried(mutant: Mutant) -> tuple[str, str]:
    """Return the test that detected the mutant, or "", and the reason if there is none."""
    try:
        return seen_by(mutant), "no test detected it"
    except LookupError as error:
        return "", str(error)


def main(arguments: list[str]) -> int:
    """Run the mutants, print the tests that detected them, and return the exit code."""
    mutants, at_a_time = (SAFETIES, 1) if "safeties" in arguments else (MUTANTS, 2)
    numbers = {int(argument) for argument in arguments if argument.isdigit()}
    chosen = [(number, mutant) for number, mutant in enumerate(mutants, 1) if not numbers or number in numbers]
    unseen = 0
    with ThreadPoolExecutor(max_workers=at_a_time) as pool:
        for (number, mutant), (red, why) in zip(chosen, pool.map(lambda pair: _tried(pair[1]), chosen), strict=True):
            unseen += not red
            print(f"{number:3} {'red ' if red else 'GREEN'} {mutant.what} ({mutant.file}): {red or why}", flush=True)
    print(f"{len(chosen) - unseen} of {len(chosen)} mutants were detected.")
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
