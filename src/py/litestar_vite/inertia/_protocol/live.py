"""The label of live props: which events make the client reload a prop or replace its value.

The names in the page follow the Inertia client's open pull request 3232. `at` is an addition: events since then may be
missing from the value."""

from __future__ import annotations

from typing import Any

from typing_extensions import override

from litestar_vite.exceptions import PropError
from litestar_vite.inertia._protocol.props import Label, Metadata, Situation


class Live(Label, frozen=True):
    """The client listens to channels, and reloads the prop when one of the events arrives.

    Attributes:
        throttle_ms: The shortest time between two reloads, in milliseconds; None for no limit.
    """

    channels: tuple[str, ...]
    events: tuple[str, ...]
    throttle_ms: int | None = None

    @override
    def describe(self, path: str, situation: Situation, metadata: Metadata) -> None:
        # Whole seconds, rounded down: pages of the same second stay identical, so that they share a rendered page. The
        # client reloads a prop for an event of this second rather than missing it.
        self._write(path, situation, metadata, {"at": situation.now_ms // 1000})

    @override
    def describe_withheld(self, path: str, situation: Situation, metadata: Metadata) -> None:
        # The client knows the time of the value, which it has from an earlier page.
        self._write(path, situation, metadata, {})

    def _write(self, path: str, situation: Situation, metadata: Metadata, extra: dict[str, Any]) -> None:
        if situation.channel_type is None:
            raise PropError(
                f"Prop {path!r} is live, but live props are off. Set "
                f"InertiaConfig(live=LiveConfig(channels={list(self.channels)!r}))."
            )
        listeners = [
            {"channel": {"name": name, "type": situation.channel_type(name)}, "events": self.events}
            for name in self.channels
        ]
        entry: dict[str, Any] = {"listeners": listeners}
        if self.throttle_ms is not None:
            entry["throttle"] = self.throttle_ms
        metadata.setdefault("liveProps", {})[path] = entry | extra
