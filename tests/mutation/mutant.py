"""A change of the package that a test has to see."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One change: in `file` of the package, `old` (which stands there once) becomes `new`; `tests` turn red.

    `more` are further changes, (file, old, new), where one line does not undo a behaviour.
    """

    what: str
    file: str
    old: str
    new: str
    tests: str
    more: tuple[tuple[str, str, str], ...] = ()
