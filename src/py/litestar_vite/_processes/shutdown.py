"""Notices a shutdown signal before the lifespan ends.

ASGI reports a shutdown last: the lifespan ends after all requests, and a request may wait for a hung Vite or be an
endless stream. The server's handlers of SIGINT and SIGTERM stay in charge. The handlers of this module are called
first, notify the loop, and then call the server's."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def on_shutdown_signal(callback: Callable[[], object]) -> Iterator[None]:
    """Call a function on the running loop for each signal that ends the server.

    Signals without a handler are ignored. Outside the main thread, the function is never called, since Python only
    accepts signal handlers in the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    servers: dict[int, Any] = {number: handler for number in _SIGNALS if callable(handler := signal.getsignal(number))}

    def handle(number: int, frame: object) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed.
            loop.call_soon_threadsafe(callback)
        servers[number](number, frame)

    for number in servers:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in servers.items():
            # A handler that was installed later may restore this one, which still passes signals to the server's.
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)
