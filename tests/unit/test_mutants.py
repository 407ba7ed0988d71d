"""The mutants of `make mutate` match the lines that they change. Running them all would take minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.mutation.__main__ import PACKAGE
from tests.mutation.mutants import MUTANTS
from tests.mutation.safeties import SAFETIES

if TYPE_CHECKING:
    from tests.mutation.mutant import Mutant


@pytest.mark.parametrize("mutant", [*MUTANTS, *SAFETIES], ids=lambda mutant: mutant.what)
def test_the_lines_of_a_mutant_stand_once_in_the_package(mutant: Mutant) -> None:
    changes = [(mutant.file, mutant.old), *((file, old) for file, old, _ in mutant.more)]
    for file, old in changes:
        assert (PACKAGE / file).read_text("utf-8").count(old) == 1, (file, old)
