"""Counts the SQL statements of each request if the app has imported SQLAlchemy. Their text is not kept."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from litestar_vite.inertia._page.observation import current


def _count(*_: Any) -> None:
    observation = current.get()
    if observation is not None:
        observation.statements = (observation.statements or 0) + 1


def is_there() -> bool:
    """Return whether the app has imported SQLAlchemy."""
    return "sqlalchemy.engine" in sys.modules


@contextmanager
def counted_statements() -> Iterator[None]:
    """Count the statements of all engines while an app runs."""
    if not is_there():
        yield
        return
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    # One listener for all apps of the process, since SQLAlchemy keeps listeners in a set.
    if event.contains(Engine, "before_cursor_execute", _count):
        yield
        return
    event.listen(Engine, "before_cursor_execute", _count)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", _count)
