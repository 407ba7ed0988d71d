"""The entry point of `litestar-vite` and `python -m litestar_vite`, which also work without an importable app."""

from __future__ import annotations

import sys

_MISSING = (
    "The litestar-vite command line needs the package {name!r}, which is not installed. "
    "Run: pip install 'litestar-vite[cli]'"
)


def main() -> None:
    """Run the command line."""
    try:
        from litestar_vite._cli.standalone import standalone_group
    except ModuleNotFoundError as error:
        if error.name in {"click", "rich", "rich_click"}:
            sys.exit(_MISSING.format(name=error.name))
        raise
    standalone_group()
