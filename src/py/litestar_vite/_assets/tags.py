"""HTML tags for chunks.

Tags with a nonce contain NONCE_SLOT, which `fill_nonce` replaces with the request's nonce.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from html import escape
from typing import Final

from litestar_vite._assets.manifest import Chunk, Closure

NONCE_SLOT: Final = b"\x00"
"""NUL, which cannot occur in an HTML document."""
_NONCE_ATTRIBUTE: Final = b' nonce="%s"' % NONCE_SLOT
NONCE_META: Final = b'<meta property="csp-nonce"%s>' % _NONCE_ATTRIBUTE
"""The tag from which Vite's client and its preload helper read the nonce for the styles that they add."""

# Required by @vitejs/plugin-react if Vite does not serve index.html (its README, "Consistent components exports").
_REACT_PREAMBLE: Final = (
    '<script type="module"{nonce}>import {{ injectIntoGlobalHook }} from "{origin}/@react-refresh";'
    "injectIntoGlobalHook(window);window.$RefreshReg$ = () => {{}};window.$RefreshSig$ = () => (type) => type;</script>"
)


class SafeHTML(str):
    """HTML that an auto-escaping template engine prints unchanged."""

    __slots__ = ()

    def __html__(self) -> str:
        return self


def entry_tags(closure: Closure, base: str, *, nonce: bool = False, scripts: bool = True) -> bytes:
    """Return the tags that load an entry: style sheets, the script, and preloads of its imports; without `scripts`,
    only its style sheets.
    """
    entry, *imports = closure.scripts
    parts = [_stylesheet(file, closure.integrity.get(file), base, nonce=nonce) for file in closure.css]
    if entry.file.endswith(".css"):
        parts.append(_stylesheet(entry.file, entry.integrity, base, nonce=nonce))
    if not scripts:
        return "".join(parts).encode()
    if not entry.file.endswith(".css"):
        parts.append(f'<script type="module"{_common(entry, nonce=nonce)} src="{_url(base, entry.file)}"></script>')
    parts.extend(_preload(chunk, base, nonce=nonce) for chunk in imports)
    return "".join(parts).encode()


def chunk_tags(
    closure: Closure,
    base: str,
    *,
    without: Iterable[Closure] = (),
    linked: Container[str] = (),
    nonce: bool = False,
    scripts: bool = True,
) -> bytes:
    """Return preload and style tags of a page's chunk, which the browser loads in parallel with the entry.

    Args:
        without: The closures of the document's entries. Their files are already linked.
    """
    known: set[str] = set()
    for entry in without:
        known.update((chunk.file for chunk in entry.scripts), entry.css)

    def is_new(file: str) -> bool:
        return file not in known and base + file not in linked

    integrity = closure.integrity
    parts = [_stylesheet(file, integrity.get(file), base, nonce=nonce) for file in closure.css if is_new(file)]
    if scripts:
        parts.extend(_preload(chunk, base, nonce=nonce) for chunk in closure.scripts if is_new(chunk.file))
    return "".join(parts).encode()


def dev_tags(origin: str, entry: str | None, *, react_refresh: bool, nonce: bool = False, own: bool = False) -> bytes:
    """Return the tags that load an entry from a running Vite dev server.

    Args:
        origin: Vite's origin and base, without a trailing "/".
        entry: The entry's path; None for Vite's client alone, which reloads a page without JavaScript.
        react_refresh: Add the preamble of @vitejs/plugin-react.
        own: The app started Vite, so pages survive restarts of the app (src/js/src/dev/browser.ts).
    """
    origin = escape(origin, quote=True)
    attribute = _nonce(nonce)
    parts = [f'<script{attribute} src="{origin}/@litestar-vite/client.js"></script>'] if own else []
    if react_refresh:
        parts.append(_REACT_PREAMBLE.format(origin=origin, nonce=attribute))
    parts.extend(
        f'<script type="module"{attribute} src="{origin}/{escape(path, quote=True)}"></script>'
        for path in (("@vite/client",) if entry is None else ("@vite/client", dev_path(entry)))
    )
    return "".join(parts).encode()


def fill_nonce(html: bytes, nonce: str | None) -> bytes:
    """Replace all nonce slots with the request's nonce. None removes the attributes, which browsers would compare."""
    if nonce is None:
        return html.replace(NONCE_META, b"").replace(_NONCE_ATTRIBUTE, b"") if NONCE_SLOT in html else html
    return html.replace(NONCE_SLOT, escape(nonce, quote=True).encode())


def dev_path(entry: str) -> str:
    """Return the path of an entry under Vite's base. Vite serves virtual modules under `@id/`."""
    is_virtual = entry.startswith(("virtual:", "\0"))
    return f"@id/{entry.replace(chr(0), '__x00__')}" if is_virtual else entry


def _stylesheet(file: str, integrity: str | None, base: str, *, nonce: bool) -> str:
    # Integrity checks of files from another origin need CORS.
    cors = f" crossorigin{_integrity(integrity)}" if integrity else ""
    return f'<link rel="stylesheet"{cors}{_nonce(nonce)} href="{_url(base, file)}">'


def _preload(chunk: Chunk, base: str, *, nonce: bool) -> str:
    return f'<link rel="modulepreload"{_common(chunk, nonce=nonce)} href="{_url(base, chunk.file)}">'


def _common(chunk: Chunk, *, nonce: bool) -> str:
    # crossorigin: module scripts are fetched in CORS mode. Without it, a preload is fetched twice and integrity fails.
    return f" crossorigin{_integrity(chunk.integrity)}{_nonce(nonce)}"


def _integrity(integrity: str | None) -> str:
    return f' integrity="{escape(integrity, quote=True)}"' if integrity else ""


def _nonce(nonce: bool) -> str:  # noqa: FBT001 - a private helper
    return f' nonce="{NONCE_SLOT.decode()}"' if nonce else ""


def _url(base: str, file: str) -> str:
    return escape(base + file, quote=True)
