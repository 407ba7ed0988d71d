"""Detects lost database transactions: a hook commits on status 2xx, but forms are redirected."""

from __future__ import annotations

from typing import Any, Final

from litestar import Litestar

COMMIT_SETTING: Final = 'SQLAlchemyAsyncConfig(before_send_handler="autocommit_include_redirects")'
_SEE_OTHER: Final = 303


def rolls_back_redirects(app: Litestar) -> bool:
    """Return whether a before_send hook of Advanced Alchemy commits transactions, but not those of a redirect."""
    return any(_rolls_back(getattr(hook, "func", hook)) for hook in app.before_send)


def _rolls_back(hook: Any) -> bool:
    is_theirs = getattr(hook, "__module__", "").startswith("advanced_alchemy.")
    if not is_theirs or not getattr(hook, "__qualname__", "").startswith("autocommit_handler_maker."):
        return False
    # The handler stores its statuses only in its closure.
    made_with = dict(zip(hook.__code__.co_freevars, (cell.cell_contents for cell in hook.__closure__), strict=True))
    commits = _SEE_OTHER in made_with["commit_range"] or _SEE_OTHER in made_with["extra_commit_statuses"]
    return not commits or _SEE_OTHER in made_with["extra_rollback_statuses"]
