"""The HTML around a page in development: index.html as Vite and its plugins want it.

How it works:
1. index.html, or the built-in document, goes to Vite's own transform, which puts in what modules need (client, React
   preamble, nonces).
2. The answer is split as in production and kept; it is asked for on every visit, and a 304 keeps the pieces.
3. While Vite starts a page waits a little, then a notice is shown instead; so it is when Vite has failed.
4. When Vite answers too late the pieces that we have are used: no page hangs because Vite does.

Without a running server (tests, commands) nothing is asked of anybody.
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct

from litestar_vite.assets.html import DEFAULT_SHELL, entry_of, parse_shell
from litestar_vite.assets.notices import failed_page, starting_page
from litestar_vite.assets.tags import NONCE_SLOT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from litestar_vite.assets.html import HTMLShell
    from litestar_vite.config import ResolvedConfig

__all__ = ("DevShell", "Transformed")

# What our Vite plugin lets Vite put where a nonce belongs (src/js/src/dev/session.ts).
_NONCE_MARK: Final = b"litestar-vite-nonce"
# Long enough for a usual start, short enough for a person who waits for any sign of life.
_START_SECONDS: Final = 1.5
_TRANSFORM_SECONDS: Final = 2.0


class Transformed(Struct, frozen=True):
    """What Vite made of a document; `html` is None when it is the same as for the tag that was sent along."""

    html: bytes | None
    etag: str


class DevShell:
    """The document in development.

    Attributes:
        transform: Asks Vite, None while no Vite is ours. Takes the document and the last tag; None is no answer.
        origins: Origins of Vite that may stand in what it renders.
        base: Where Vite serves modules; what its config says once it is ready, since a config may have a base of its
            own.
        problem: Why there is no Vite, None when it starts or runs.
        output: Returns what Vite printed last.
    """

    def __init__(self, config: ResolvedConfig, entry: str | None, fallback: Callable[[str], HTMLShell]) -> None:
        self._config = config
        self._entry = entry
        self._fallback = fallback
        self._shells: dict[str, tuple[str, HTMLShell]] = {}
        self._change = asyncio.Event()
        self._is_expected = False
        self.transform: Callable[[bytes, str], Awaitable[Transformed | None]] | None = None
        self.origins: tuple[bytes, ...] = ()
        self.base = config.dev_base
        self.problem: str | None = None
        self.output: Callable[[], str] = str

    def expect(self) -> None:
        """A server runs: Vite is on its way."""
        self._is_expected = True

    def ready(
        self, transform: Callable[[bytes, str], Awaitable[Transformed | None]], origins: tuple[str, ...], base: str
    ) -> None:
        """Vite is ready, or another one is."""
        self.transform, self.problem, self.base = transform, None, base
        self.origins = tuple(origin.encode() for origin in origins)
        self._shells.clear()
        self._announce()

    def lost(self, problem: str | None) -> None:
        """Vite is not there any more, or never was."""
        self.transform, self.problem = None, problem
        self._announce()

    async def notice(self) -> bytes | None:
        """Return a page to show instead, None when Vite is there or nobody expects it."""
        if not self._is_expected or self.transform is not None:
            return None
        if self.problem is None:
            try:
                async with asyncio.timeout(_START_SECONDS):
                    await self._change.wait()
            except TimeoutError:
                return starting_page()
        return self._failure()

    def _failure(self) -> bytes | None:
        return failed_page(self.problem, self.output()) if self.problem is not None else None

    async def shell(self, element_id: str) -> HTMLShell:
        """Return the pieces around a page."""
        etag, known = self._shells.get(element_id, ("", None))
        transform = self.transform
        if transform is None:
            return known or self._fallback(element_id)
        source = self._source(element_id)
        try:
            async with asyncio.timeout(_TRANSFORM_SECONDS):
                answer = await transform(source.encode(), etag)
        except TimeoutError:
            answer = None
        if answer is None:
            return known or self._fallback(element_id)
        if answer.html is None and known is not None:
            return known
        shell = self._parse(answer.html or b"", element_id, has_script=entry_of(source) is not None)
        self._shells[element_id] = (answer.etag, shell)
        return shell

    def local(self, head: bytes) -> bytes:
        """Make Vite's own URLs relative: its port is none that a browser knows."""
        for origin in self.origins:
            head = head.replace(b'"' + origin + b"/", b'"/')
        return head

    def overlay(self, message: str, location: str | None, hint: str | None, nonce: str | None) -> bytes:
        """Return a script that shows an error of the render in Vite's own overlay, on the page that it belongs to."""
        error = {"message": message, "stack": location or "", "plugin": "server-side rendering", "frame": hint or ""}
        data = msgspec.json.encode(error).replace(b"<", b"\\u003c")
        client = f"{self.base}@vite/client"
        attribute = f' nonce="{escape(nonce, quote=True)}"' if nonce else ""
        return (
            f'<script type="module"{attribute}>import {{ ErrorOverlay }} from "{escape(client, quote=True)}";'.encode()
            + b"document.body.appendChild(new ErrorOverlay("
            + data
            + b"));</script>"
        )

    def _announce(self) -> None:
        self._change.set()
        self._change.clear()

    def _source(self, element_id: str) -> str:
        """Read the document anew: it is small, and an edit shows at the next visit."""
        path = self._config.index_html
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return DEFAULT_SHELL.replace('id="app"', f'id="{element_id}"')

    def _parse(self, html: bytes, element_id: str, *, has_script: bool) -> HTMLShell:
        source = html.replace(_NONCE_MARK, NONCE_SLOT).decode()
        tags = b""
        src = escape(self.base + (self._entry or ""), quote=True)
        # A Vite plugin may have put it in.
        if self._entry is not None and not has_script and f'src="{src}"' not in source:
            nonce = f' nonce="{NONCE_SLOT.decode()}"' if self._config.vite.csp_nonce is not None else ""
            tags = f'<script type="module"{nonce} src="{src}"></script>'.encode()
        return parse_shell(source, tags, element_id=element_id, origin=str(self._config.index_html), keeps_entry=True)
