"""The `Server-Timing` header of pages, which the network panel of browsers shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from litestar_vite.inertia._page.observation import Observation


_METRICS: Final = (
    ("deps", "dependencies", "dependency_seconds"),
    ("handler", "handler", "handler_seconds"),
    ("props", "props", "prop_seconds"),
    ("ssr", "server-side rendering", "render_seconds"),
    ("encode", "JSON", "encode_seconds"),
)


def add_server_timing(observation: Observation, message: Any) -> None:
    """Append the timings of a page to its headers. The app's own `Server-Timing` header is kept."""
    if observation.page is None:
        return
    message["headers"] = [*message["headers"], (b"server-timing", server_timing(observation).encode("ascii"))]


def server_timing(observation: Observation) -> str:
    """Return the value of the header, with times in milliseconds. Steps that did not run are omitted."""
    found = []
    for name, description, attribute in _METRICS:
        seconds = getattr(observation, attribute)
        if not seconds:
            continue
        if name == "ssr" and observation.outcome is not None:
            description = f"{description}: {observation.outcome}"  # noqa: PLW2901 - the loop's own text
        found.append(f'{name};desc="{description}";dur={seconds * 1000:.2f}')
    return ", ".join([*found, f'total;desc="server";dur={observation.seconds * 1000:.2f}'])
