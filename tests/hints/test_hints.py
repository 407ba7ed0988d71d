"""Type checkers accept the documented usage, and report incorrect usage."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "tests" / "hints" / "pages.py"


# Two type checkers from cold caches: 12 s of CPU.
@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        [
            "mypy",
            "--strict",
            "--no-error-summary",
            "--show-error-codes",
            "--warn-unused-ignores",
            "--config-file=",
            str(SAMPLE),
        ],
        ["basedpyright", "--level=error", str(SAMPLE)],
    ],
    ids=["mypy", "basedpyright"],
)
def test_prop_types_are_precise(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, cwd=ROOT, check=False, timeout=300
    )
    wrong = [number for number, line in enumerate(SAMPLE.read_text("utf-8").splitlines(), 1) if "# WRONG" in line]
    found = {number for line in done.stdout.splitlines() if "error" in line for number in _numbers(line)}
    assert found == set(wrong), done.stdout + done.stderr


def _numbers(line: str) -> list[int]:
    _, _, rest = line.partition("pages.py:")
    number = rest.partition(":")[0]
    return [int(number)] if number.isdigit() else []
