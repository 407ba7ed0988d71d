"""Detects a forgotten `await`: a coroutine where a page needs a value."""

from __future__ import annotations

import inspect
from typing import Any


def missing_await(value: Any) -> str | None:
    """Return an explanation for an awaitable that is used as a value; None for anything else.

    A coroutine is closed, so that Python does not report it again.
    """
    if not inspect.isawaitable(value):
        return None
    name = getattr(value, "__qualname__", type(value).__name__)
    if inspect.iscoroutine(value):
        value.close()
    return f"it is a coroutine of {name}(), without `await`. Write `await {name.rpartition('.')[2]}(...)`."
