"""Tests and the documentation build run in an unpacked sdist, as Linux distributions run them."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.packaging.conftest import LIMIT_SECONDS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.packaging


def run(folder: Path, *command: str) -> str:
    """Run a command that must succeed, without the variables of the make and pytest that run this test."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("MAKE", "MFLAGS", "VIRTUAL_ENV", "PYTEST_", "COV_"))
    }
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def test_the_documentation_builds_and_tests_pass(unpacked: Path) -> None:
    run(unpacked, "make", "docs")
    assert (unpacked / "docs" / "_build" / "html" / "index.html").is_file()
    assert " passed" in run(unpacked, ".venv/bin/python", "-m", "pytest", "-q", "tests/protocol", "tests/unit/config")
