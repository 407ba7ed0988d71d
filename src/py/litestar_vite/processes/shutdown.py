"""Learn that the server has been told to end.

ASGI says so last: the lifespan ends when every request has, and a request may wait for a Vite that hangs or be a stream
without end. The server's handlers of SIGINT and SIGTERM stay in charge. Ours stand before them: they tell the loop,
then call the server's."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("told_to_end",)

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def told_to_end(callback: Callable[[], object]) -> Iterator[None]:
    """Call back on the running loop when a signal tells the server to end; a second signal calls back again.

    A signal that nobody handles is left alone, and so is a loop outside of the main thread: Python takes handlers
    nowhere else."""
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
            # Somebody who came later has ours as theirs, and may put it back: it goes on passing signals to the
            # server's.
            if signal.getsignal(number) is handle:
                signal.signal(number, handler)
