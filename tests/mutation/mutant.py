"""A change to the package that a test must detect."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """One change: in `file` of the package, `old`, which occurs once, becomes `new`, and one of `tests` must fail.

    `more` lists further changes, (file, old, new), if one line does not disable the behaviour.
    """

    what: str
    file: str
    old: str
    new: str
    tests: str
    more: tuple[tuple[str, str, str], ...] = ()
