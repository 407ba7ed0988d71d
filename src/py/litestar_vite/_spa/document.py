"""The document of a single-page application.

How it works:
1. In production it is the index.html from the build. If that does not exist, it is the index.html of the Vite root with
   the entry's tags.
2. In development it is the index.html transformed by Vite.
3. The document is the same for every visitor, so browsers store it and revalidate it by ETag. With a CSP nonce it
   differs for each request, and browsers do not store it.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from msgspec import Struct
from typing_extensions import override

from litestar_vite._assets.document_marks import DocumentParser
from litestar_vite._assets.html import HTMLShell
from litestar_vite._assets.loader import AssetLoader
from litestar_vite._assets.tags import NONCE_SLOT, fill_nonce
from litestar_vite.config import ResolvedConfig

_WITH_NONCE: Final = frozenset({"script", "style", "link"})
_OK: Final = 200
_UNAVAILABLE: Final = 503


class Document(Struct, frozen=True):
    """A document for one request. `etag` is None if browsers must not store it."""

    status: int
    body: bytes
    etag: bytes | None = None


class SPADocument:
    """The document of an app."""

    def __init__(self, config: ResolvedConfig, assets: AssetLoader) -> None:
        self._assets = assets
        self._has_nonce = config.vite.csp_nonce is not None
        # Without index.html, the built-in document has an empty element, as for Inertia pages.
        self._element_id, self._element = ("", b"") if config.index_html.is_file() else ("app", b'<div id="app"></div>')
        self._html: bytes | None = None
        if not config.dev_mode:
            built = config.bundle_dir / config.vite.index_html
            html = built.read_bytes() if built.is_file() else self._filled(assets.shell(self._element_id))
            self._html = with_nonces(html) if self._has_nonce else html
        self._kept = (
            Document(_OK, self._html, _etag(self._html)) if self._html is not None and not self._has_nonce else None
        )

    async def for_request(self, connection: Any) -> Document:
        """Return the document for a request."""
        assets = self._assets
        if assets.dev is not None and (notice := await assets.dev.notice()) is not None:
            return Document(_UNAVAILABLE, notice)
        if self._kept is not None and not assets.notice:
            return self._kept
        nonce = assets.nonce(connection) if assets.nonce is not None else None
        if assets.notice:
            # Without a build, the notice is at the end of the body.
            return Document(_UNAVAILABLE, assets.shell("").render((), assets.notice, nonce))
        if self._html is not None:
            return Document(_OK, fill_nonce(self._html, nonce))
        shell = await assets.dev.shell(self._element_id) if assets.dev is not None else assets.shell(self._element_id)
        return Document(_OK, fill_nonce(self._filled(shell), nonce))

    def _filled(self, shell: HTMLShell) -> bytes:
        """Return the document without a page. Its nonce slots remain."""
        return b"".join(
            (
                shell.before_title,
                shell.title,
                shell.before_head_end,
                shell.before_element,
                self._element,
                shell.after_element,
            )
        )


def with_nonces(html: bytes) -> bytes:
    """Add a nonce slot to each script, style and link without a nonce."""
    text = html.decode()
    slot = f' nonce="{NONCE_SLOT.decode()}"'
    for position in reversed(_Tags(text).read().positions):
        text = text[:position] + slot + text[position:]
    return text.encode()


class _Tags(DocumentParser):
    """Finds the offsets after the names of tags that need a nonce."""

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.positions: list[int] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _WITH_NONCE and "nonce" not in dict(attrs):
            self.positions.append(self.tag_start() + len(tag) + 1)


def _etag(html: bytes) -> bytes:
    # Weak: compression by the app or a proxy changes the bytes.
    return b'W/"%s"' % hashlib.sha256(html).hexdigest()[:32].encode()
