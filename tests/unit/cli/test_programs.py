"""Programs run by commands: their output is shown without terminal colours."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.programs import run

if TYPE_CHECKING:
    from pathlib import Path

# Like Rolldown, which colours its output even in a pipe.
COLOURED = r"print('\x1b[38;5;246m╭─[\x1b[0m app.tsx:3 \x1b[38;5;246m]\x1b[0m'); raise SystemExit(1)"


def test_the_output_of_a_failed_program_has_no_escape_sequences(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    with pytest.raises(CommandError) as caught:
        run([sys.executable, "-c", COLOURED], tmp_path, environ)
    assert str(caught.value).endswith("╭─[ app.tsx:3 ]")


def test_a_program_whose_output_is_captured_runs_with_no_color(tmp_path: Path) -> None:
    code = "import os; print(os.environ.get('NO_COLOR'), os.environ.get('FORCE_COLOR'))"
    # Node prefers FORCE_COLOR, and warns if both are set.
    assert run([sys.executable, "-c", code], tmp_path, {**os.environ, "FORCE_COLOR": "1"}) == "1 None\n"
