"""The criteria for a cell of the matrix: every request gets a response, and the event loop is not late."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Self

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.dev.conftest import DevApp

__all__ = ("LAG_SECONDS", "Traffic")

LAG_SECONDS = 0.050 * float(os.environ.get("CHAOS_NOISE", "1"))
"""R12 in development: how late a 10 ms ticker on the app's loop may be, without the wait for a core. As for the gates
under load, CHAOS_NOISE=2 doubles the limit on a shared machine.
"""

# A running app responds much sooner.
_HUNG_SECONDS = 20.0
# A request that arrives while the app cannot be imported waits for the next save.
_WAIT_SECONDS = 90.0
_PAUSE_SECONDS = 0.02


class Traffic:
    """Requests a route of the app continuously.

    Attributes:
        statuses: The status codes of the responses.
        refused: Number of connections that were refused, or closed before a response.
        hung: Number of requests that timed out.
        lag: The worst lag of the loop in seconds; None until `see_lag` is called.
    """

    def __init__(self, app: DevApp, *, waits: bool = False) -> None:
        self._app = app
        self._timeout = _WAIT_SECONDS if waits else _HUNG_SECONDS
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.statuses: list[int] = []
        self.refused = 0
        self.hung = 0
        self.lag: float | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def see_lag(self) -> float:
        """Record the worst lag of the loop since the last call. Call this before the server exits."""
        seen = self._app.get("/lag").json()
        self.lag = max(self.lag or 0.0, seen["worst"])
        return self.lag

    def judge(self, record: Callable[[str, object], None], *, may_refuse: bool = False) -> None:
        """Check the results against the gate: no hung requests, and a lag of at most LAG_SECONDS.

        Args:
            record: pytest's record_property.
            may_refuse: The server exits or restarts in this cell.
        """
        if self.lag is None:
            self.see_lag()
        assert self.lag is not None
        record("loop lag, ms", round(self.lag * 1000, 1))
        record("requests: answered, refused, hung", (len(self.statuses), self.refused, self.hung))
        assert set(self.statuses) <= {200}
        assert self.hung == 0
        assert may_refuse or self.refused == 0
        assert self.lag <= LAG_SECONDS, f"the loop was {self.lag * 1000:.0f} ms late"

    def _ask(self) -> None:
        with httpx.Client(timeout=self._timeout, trust_env=False) as client:
            while not self._ended.wait(_PAUSE_SECONDS):
                try:
                    self.statuses.append(client.get(f"{self._app.url}/plain").status_code)
                except httpx.TimeoutException:
                    self.hung += 1
                except httpx.TransportError:
                    self.refused += 1
