"""The outcome of a render: Rendered, ClientSide or Failed."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from litestar_vite.exceptions import SSRError

PAGE_ERROR_KINDS: Final = frozenset({"browser-api", "component-resolution", "render", "unknown"})
SHED_KINDS: Final = frozenset({"overload", "open", "unavailable", "quarantined"})


class Rendered(Struct, frozen=True):
    """The page as HTML. `body` holds the page script and the application element; `head` goes to the end of
    `<head>`.
    """

    head: bytes
    body: bytes


class ClientSide(Struct, frozen=True):
    """The render server chose client-side rendering (`null`)."""


class Failed(Struct, frozen=True):
    """The render failed; the browser renders.

    Attributes:
        kind: One of connection (refused, closed early, not HTTP), timeout, protocol (a malformed response),
            too-large; browser-api, component-resolution, render, unknown: the page is broken, by the render server's
            classification; overload, open, unavailable, quarantined: no request was sent, since all places are taken,
            the breaker is open, no worker is running yet, or the component has crashed its worker.
        message: A description for logs, never for a browser.
        seconds: The duration of the render.
        component: The page component, if the server named it.
        hint: A suggestion, if the server sent one.
        source_location: `file:line:column` in the front end, if the server named it.
    """

    kind: str
    message: str
    seconds: float = 0.0
    component: str | None = None
    hint: str | None = None
    source_location: str | None = None

    @property
    def is_page_error(self) -> bool:
        """True if the page is broken, rather than the render server."""
        return self.kind in PAGE_ERROR_KINDS

    @property
    def is_shed(self) -> bool:
        """True if no request was sent to a render server."""
        return self.kind in SHED_KINDS

    def as_error(self) -> SSRError:
        return SSRError(
            self.message,
            kind=self.kind,
            component=self.component,
            hint=self.hint,
            source_location=self.source_location,
        )


Outcome = Rendered | ClientSide | Failed
