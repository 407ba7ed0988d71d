"""Tell a server from a test: only who serves browsers needs Vite."""

from __future__ import annotations

import sys
from typing import Final

__all__ = ("is_served",)

# Who opens an app's lifespan without a port that a browser could reach.
_TEST_CLIENTS: Final = (
    "litestar.testing",
    "starlette.testclient",
    "asgi_lifespan",
    "async_asgi_testclient",
    "_pytest",
    "unittest",
)


def is_served() -> bool:
    """Return whether the running lifespan was opened by a server, and not by a test client; call it inside the
    lifespan.

    ASGI does not say who calls, so the callers are looked at: once per start, some 30 frames.
    """
    frame = sys._getframe()  # noqa: SLF001 - the only way to it; CPython and PyPy have it
    while (outer := frame.f_back) is not None:
        frame = outer
        name = frame.f_globals.get("__name__", "")
        if any(name == client or name.startswith(f"{client}.") for client in _TEST_CLIENTS):
            return False
    return True
