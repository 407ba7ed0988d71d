"""The files of page components, and checks of the components that an app names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from msgspec import Struct

from litestar_vite._assets.manifest import PAGE_SOURCE

_SKIPPED_FOLDERS: Final = frozenset({"node_modules", "dist", "vendor", "venv", "__pycache__"})
# The compilers of Vue and Svelte add the default export.
_COMPILED: Final = (".vue", ".svelte")
_DEFAULT_EXPORT: Final = re.compile(r"\bexport\s+default\b|\bas\s+default\b|\bmodule\.exports\b")


class PageProblem(Struct, frozen=True):
    """A page component that the browser cannot show.

    Attributes:
        name: "no-page" or "no-default-export".
    """

    name: str
    problem: str
    hint: str


def page_problems(root: Path, named: Iterable[tuple[str, str]]) -> list[PageProblem]:
    """Check that each page component has a file with the same upper and lower case, and that it has a default export.

    Args:
        root: The Vite root. Without any file in a folder named pages, nothing is checked.
        named: Page components, each with the place that names it ("The route '/users'").
    """
    files = _page_files(root)
    checked = [_check(root, files, component, by) for component, by in sorted(set(named))] if files else []
    return [problem for problem in checked if problem is not None]


def unrendered_pages(root: Path, named: Iterable[str]) -> list[str]:
    """Return the paths of the page components that the app does not render."""
    names = set(named)
    return [path for component, path in _page_files(root).items() if component not in names]


def component_file(root: Path, component: str) -> Path | None:
    """Return the file of a page component, or None if it does not exist. Reads the folders below the Vite root."""
    path = _page_files(root).get(component)
    return root / path if path is not None else None


def _check(root: Path, files: Mapping[str, str], component: str, by: str) -> PageProblem | None:
    if component not in files:
        problem = f"{by} renders '{component}', but this page component does not exist."
        return PageProblem("no-page", problem, _nearest(files, component))
    path = files[component]
    if path.endswith(_COMPILED) or _DEFAULT_EXPORT.search((root / path).read_text("utf-8", "replace")):
        return None
    problem = f"{by} renders '{component}', but '{path}' has no default export."
    return PageProblem("no-default-export", problem, "Write 'export default' before the component.")


def _nearest(files: Mapping[str, str], component: str) -> str:
    by_lower = {name.lower(): name for name in files}
    if (similar := by_lower.get(component.lower())) is not None:
        return (
            f"Rename '{files[similar]}', or write component=\"{similar}\". "
            "Upper and lower case matter on Linux, which most servers run."
        )
    nearest = [by_lower[name] for name in get_close_matches(component.lower(), by_lower, n=3)]
    guess = f"Did you mean {' or '.join(map(repr, nearest))}? " if nearest else ""
    return f"{guess}Create it, or correct the name. Existing pages: {', '.join(sorted(files))}."


def _page_files(root: Path) -> dict[str, str]:
    """Return the files in all folders named "pages" by component name, using the same rule as for the manifest."""
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            path = (Path(folder) / name).relative_to(root).as_posix()
            if match := PAGE_SOURCE.search(path):
                found.setdefault(match["component"], path)
    return found
