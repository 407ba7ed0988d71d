"""Messages of failed assertions: the expectation, the nearest path, and the page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from litestar_vite.testing._paths import look_up, nearest

__tracebackhide__ = True

# 40 lines, so that a failure fits on the screen. `page.dump()` prints everything.
_MAX_LINES: Final = 40
_MAX_LINE: Final = 160
_MAX_VALUE: Final = 300


def fail(message: str, page: Mapping[str, Any]) -> NoReturn:
    """Raise AssertionError with the message and the page."""
    raise AssertionError(f"{message}\n\n{show_page(page)}")


def shorten(value: Any) -> str:
    """Return a JSON value on one line, cut at 300 characters."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MAX_VALUE else f"{text[:_MAX_VALUE]}… ({len(text):,} characters)"


def show_page(page: Mapping[str, Any], *, is_whole: bool = False) -> str:
    """Return a readable page: component and URL, then the JSON, cut after 40 lines unless `is_whole`."""
    lines = json.dumps(page, indent=2, ensure_ascii=False).splitlines()
    if not is_whole:
        hidden = len(lines) - _MAX_LINES
        lines = [line if len(line) <= _MAX_LINE else f"{line[:_MAX_LINE]}…" for line in lines[:_MAX_LINES]]
        if hidden > 0:
            lines.append(f"… and {hidden} more lines; page.dump() prints them.")
    return f"The page {page.get('component')!r} at {page.get('url')!r}:\n" + "\n".join(lines)


def missing_path(value: Any, path: str, at: str) -> str:
    """Return a message for a missing path, with the nearest existing path and its surroundings.

    Args:
        value: The value that was searched.
        path: The path, relative to `value`.
        at: The path of `value` in the props; "" for the props themselves.
    """
    lines = [f"No prop {_join(at, path)!r}."]
    if (near := nearest(value, path)) is not None:
        lines.append(f"The nearest path is {_join(at, near)!r}.")
    parent = path
    while parent:
        parent = parent.rpartition(".")[0]
        found = look_up(value, parent)
        if isinstance(found, dict):
            where = _join(at, parent)
            lines.append(
                f"{where!r} has: {', '.join(map(str, found)) or 'nothing'}."
                if where
                else f"The props are: {', '.join(map(str, found))}."
            )
            break
        if isinstance(found, list):
            lines.append(f"{_join(at, parent)!r} is a list of {len(found)}.")
            break
    return " ".join(lines)


def deferred_hint(path: str, page: Mapping[str, Any]) -> str:
    """Return a hint for a prop that is missing because it is deferred; "" for any other prop."""
    for group, names in dict(page.get("deferredProps") or {}).items():
        if any(path == name or path.startswith(f"{name}.") for name in names):
            return f" It is deferred: page.load_deferred({'' if group == 'default' else repr(group)}) fetches it."
    return ""


def _join(at: str, path: str) -> str:
    return f"{at}.{path}" if at and path else at or path
