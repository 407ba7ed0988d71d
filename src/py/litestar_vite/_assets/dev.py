"""The HTML document in development: index.html as transformed by Vite and its plugins.

How it works:
1. index.html, or the built-in document, is sent to Vite, which adds its client, the React preamble and nonces.
2. The result is split as in production, and cached. Every visit revalidates it; a 304 keeps the cached segments.
3. While Vite starts, a page waits briefly, then a notice is shown instead. A notice is also shown if Vite has failed.
4. If Vite responds too late, the cached segments are used, so that pages do not hang.

Without a running server (tests, commands), Vite is not involved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from html import escape
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from litestar_vite._assets.development_notices import failed_page, starting_page
from litestar_vite._assets.html import DEFAULT_SHELL, HTMLShell, has_module, parse_shell
from litestar_vite._assets.scriptless import without_scripts
from litestar_vite._assets.tags import NONCE_SLOT, dev_path
from litestar_vite.config import ResolvedConfig


class Fallback(Protocol):
    """Returns a document without Vite."""

    def __call__(self, element_id: str, *, scripts: bool = True) -> HTMLShell: ...


# The nonce that the Vite plugin sets in development (src/js/src/dev/session.ts).
_NONCE_MARK: Final = b"litestar-vite-nonce"
# Longer than a typical start of Vite, and short enough to wait without feedback.
_START_SECONDS: Final = 1.5
# Lets the script of src/js/src/dev/browser.ts reload the page when a source changes.
_NOT_HYDRATED: Final = b'<meta name="litestar-vite:hydrate" content="false">'
_TRANSFORM_SECONDS: Final = 2.0


class Transformed(Struct, frozen=True):
    """A document transformed by Vite. `html` is None if the document has not changed since the given ETag."""

    html: bytes | None
    etag: str


class DevShell:
    """The document in development.

    Attributes:
        transform: Sends a document and the last ETag to Vite, and returns the result, or None if Vite did not respond.
            The attribute itself is None while Vite is down.
        origins: Vite's origins, which may occur in its output.
        base: Vite's base path, taken from its config once it is ready.
        problem: Why Vite is not running; None while it starts or runs.
        output: Returns Vite's last output.
    """

    def __init__(self, config: ResolvedConfig, entry: str | None, fallback: Fallback) -> None:
        self._config = config
        self._entry = entry
        self._fallback = fallback
        # By the element's id, and whether the document has scripts.
        self._shells: dict[tuple[str, bool], tuple[str, HTMLShell]] = {}
        self._change = asyncio.Event()
        self._is_expected = False
        self.transform: Callable[[bytes, str], Awaitable[Transformed | None]] | None = None
        self.origins: tuple[bytes, ...] = ()
        self.base = config.dev_base
        self.problem: str | None = None
        self.output: Callable[[], str] = str

    def expect(self) -> None:
        """Note that a server is running and Vite is starting."""
        self._is_expected = True

    def ready(
        self, transform: Callable[[bytes, str], Awaitable[Transformed | None]], origins: tuple[str, ...], base: str
    ) -> None:
        """Note that Vite is ready, or has been restarted."""
        self.transform, self.problem, self.base = transform, None, base
        self.origins = tuple(origin.encode() for origin in origins)
        self._shells.clear()
        self._announce()

    def lost(self, problem: str | None) -> None:
        """Note that Vite has stopped, or could not start."""
        self.transform, self.problem = None, problem
        self._announce()

    async def notice(self) -> bytes | None:
        """Return a notice to show instead of the page, or None if Vite is running or not expected."""
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

    async def shell(self, element_id: str, *, scripts: bool = True) -> HTMLShell:
        """Return the document for a page. Without `scripts`, Vite's client is its only module."""
        etag, known = self._shells.get((element_id, scripts), ("", None))
        transform = self.transform
        if transform is None:
            return known or self._fallback(element_id, scripts=scripts)
        source = self._source(element_id)
        try:
            async with asyncio.timeout(_TRANSFORM_SECONDS):
                transformed = await transform(source.encode(), etag)
        except TimeoutError:
            transformed = None
        if transformed is None:
            return known or self._fallback(element_id, scripts=scripts)
        if transformed.html is None and known is not None:
            return known
        html = transformed.html or b""
        if scripts:
            shell = self._parse(html, element_id, has_script=has_module(source))
        else:
            shell = self._parse(without_scripts(html.decode(), self.base).encode(), element_id, has_script=None)
        self._shells[element_id, scripts] = (transformed.etag, shell)
        return shell

    def local(self, head: bytes) -> bytes:
        """Make Vite's absolute URLs relative, since the browser cannot reach its port."""
        for origin in self.origins:
            head = head.replace(b'"' + origin + b"/", b'"/')
        return head

    def overlay(self, message: str, location: str | None, hint: str | None, nonce: str | None) -> bytes:
        """Return a script that shows a rendering error in Vite's error overlay."""
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
        """Read the document on every visit, so that edits take effect immediately."""
        path = self._config.index_html
        try:
            return path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return DEFAULT_SHELL.replace('id="app"', f'id="{element_id}"')

    def _parse(self, html: bytes, element_id: str, *, has_script: bool | None) -> HTMLShell:
        """Split a transformed document. `has_script` is None for a page without scripts."""
        has_nonce = self._config.vite.csp_nonce is not None
        source = html.replace(_NONCE_MARK, NONCE_SLOT).decode()
        tags = b""
        src = escape(self.base + dev_path(self._entry or ""), quote=True)
        # A Vite plugin may have added the script.
        if has_script is None:
            tags = _NOT_HYDRATED
        elif self._entry is not None and not has_script and f'src="{src}"' not in source:
            nonce = f' nonce="{NONCE_SLOT.decode()}"' if has_nonce else ""
            tags = f'<script type="module"{nonce} src="{src}"></script>'.encode()
        origin = str(self._config.index_html)
        return parse_shell(source, tags, element_id=element_id, origin=origin, keeps_entry=True, nonce=has_nonce)
