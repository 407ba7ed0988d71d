"""Keeps page components that crash or block their render workers away from the workers.

How it works:
1. A component that was not yet rendered in this process is on trial: one of its pages is rendered at a time, and others
   wait briefly for it. A component that always crashes its worker thus affects one worker, not all.
2. The supervisor reads which component a worker was rendering when it crashed, hung and was killed, or had a built-in
   function replaced. That component is quarantined: its pages are rendered in the browser for 30 s, then for
   one minute, for two, and so on up to an hour.
3. After the pause, it is on trial again. All processes that share the workers share the list of quarantined components.

Rules: a worker that was killed from outside, or was rendering several components when it ended, counts against each
component only the third time within a minute, since the component may not be the cause."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


logger = logging.getLogger("litestar_vite.ssr.worker")

_FIRST_SECONDS: Final = 30.0
_MAX_SECONDS: Final = 3600.0
# After this time without another crash, a component starts with the first pause again.
_FORGIVEN_SECONDS: Final = 3600.0
_WAIT_SECONDS: Final = 0.2
# The wait after a failed trial: by then, the supervisor has found the reason.
_HOLD_SECONDS: Final = 3.0
_UNSURE_DEATHS: Final = 3
_UNSURE_SECONDS: Final = 60.0
# Generated names must not fill the memory.
_MAX_COMPONENTS: Final = 4096
_MAX_QUARANTINED: Final = 256


class Quarantined(Struct, frozen=True):
    """A page component that is kept away from the workers.

    Attributes:
        component: The component's name.
        until: The monotonic time in seconds at which it may be tried again. All processes of a system share this clock.
        times: How many times it was quarantined.
        reason: How its worker ended.
    """

    component: str
    until: float
    times: int
    reason: str


class Quarantine:
    """The components that a process trusts, tries, or keeps away from the workers.

    Attributes:
        trusted: Components with a rendered page since their last quarantine.
        entries: The quarantined components by name, also after their pause.
    """

    def __init__(self) -> None:
        self.trusted: set[str] = set()
        self.entries: dict[str, Quarantined] = {}
        self._trials: dict[str, asyncio.Event] = {}
        self._held_until: dict[str, float] = {}
        self._unsure: dict[str, list[float]] = {}

    async def enter(self, component: str) -> bool:
        """Return whether a page may be rendered, after waiting for a page on trial. The caller then calls `leave`."""
        if (trial := self._trials.get(component)) is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_WAIT_SECONDS):
                    await trial.wait()
            if component in self.trusted:
                return True
        if component in self._trials or self._is_kept_away(component):
            return False
        self._trials[component] = asyncio.Event()
        return True

    def leave(self, component: str, *, answered: bool | None) -> None:
        """End a trial. `answered` is None if no worker received the request, or the visitor has disconnected."""
        if answered:
            if len(self.trusted) >= _MAX_COMPONENTS:
                self.trusted.clear()
            self.trusted.add(component)
            self._held_until.pop(component, None)
        elif answered is False:
            if len(self._held_until) >= _MAX_COMPONENTS:
                self._held_until.clear()
            self._held_until[component] = _now() + _HOLD_SECONDS
        if (trial := self._trials.pop(component, None)) is not None:
            trial.set()

    def blame(self, components: Sequence[str], reason: str, *, is_sure: bool) -> None:
        """Quarantine the components that a worker was rendering when it ended; see the module's rules."""
        for component in components:
            if (is_sure and len(components) == 1) or self._is_suspicious(component):
                self._quarantine(component, reason)

    def follow(self, entries: Iterable[Quarantined]) -> None:
        """Adopt the entries of the workers' owner."""
        # A file from before a reboot, or from another container, may be ahead of this clock.
        latest = _now() + _MAX_SECONDS
        new = {entry.component: entry for entry in entries if entry.until <= latest}
        for component, entry in new.items():
            if self.entries.get(component) != entry:
                self.trusted.discard(component)
        self.entries = new

    def _is_kept_away(self, component: str) -> bool:
        entry = self.entries.get(component)
        return (entry is not None and _now() < entry.until) or _now() < self._held_until.get(component, 0.0)

    def _is_suspicious(self, component: str) -> bool:
        now = _now()
        deaths = [death for death in self._unsure.get(component, ()) if death > now - _UNSURE_SECONDS]
        if len(self._unsure) >= _MAX_QUARANTINED:
            self._unsure.clear()
        self._unsure[component] = [*deaths, now]
        return len(deaths) + 1 >= _UNSURE_DEATHS

    def _quarantine(self, component: str, reason: str) -> None:
        now, entry = _now(), self.entries.get(component)
        if entry is not None and now < entry.until:
            return  # Its pages ended several workers at once.
        times = entry.times + 1 if entry is not None and now < entry.until + _FORGIVEN_SECONDS else 1
        seconds = min(_FIRST_SECONDS * 2 ** min(times - 1, 30), _MAX_SECONDS)
        if len(self.entries) >= _MAX_QUARANTINED:
            del self.entries[next(iter(self.entries))]
        self.entries[component] = Quarantined(component, now + seconds, times, reason)
        self.trusted.discard(component)
        logger.error(
            "The page %r is rendered in the browser for %d s, since its render worker %s. 'litestar ssr "
            "status' lists such pages",
            component,
            seconds,
            reason,
        )

    def __repr__(self) -> str:
        return f"<Quarantine trusted={len(self.trusted)} entries={sorted(self.entries)}>"


def _now() -> float:
    # The wall clock may be changed: setting it back would extend a pause.
    return time.monotonic()
