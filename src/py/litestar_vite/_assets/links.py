"""`Link` headers that start the download of a page's files before its document arrives.

Rule: the header is short, since proxies limit the headers of a response. The most urgent files come first."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from litestar_vite._assets.manifest import Closure

# nginx reads 4 kB of response headers by default, of which cookies may take 3 kB.
MAX_BYTES: Final = 900


def links_of(
    entry: Closure | None, page: Closure | None, base: str, *, cors: Container[str] = (), scripts: bool = True
) -> tuple[bytes, ...]:
    """Return the values of a `Link` header for a document, at most MAX_BYTES together.

    Args:
        cors: The URLs of the style sheets that the document fetches in CORS mode.
    """
    room, found = MAX_BYTES, dict[bytes, None]()
    for link in _links(entry, page, base, cors, scripts=scripts):
        value = link.encode("ascii", "ignore")
        if link.isascii() and value not in found and len(value) + 2 <= room:
            found[value] = None
            room -= len(value) + 2
    return tuple(found)


def _links(
    entry: Closure | None, page: Closure | None, base: str, cors: Container[str], *, scripts: bool
) -> Iterator[str]:
    closures = [closure for closure in (entry, page) if closure is not None]
    for closure in closures:
        yield from (_style(base, file, cors) for file in closure.css if file not in closure.integrity)
    if not scripts:
        return
    for closure in closures:
        yield from (_module(base, chunk.file, cors) for chunk in closure.scripts[:1])
    for closure in closures:
        yield from (_module(base, chunk.file, cors) for chunk in closure.scripts[1:])


def _style(base: str, file: str, cors: Container[str]) -> str:
    # A preload in another mode than the style sheet is not used, and the file is fetched twice.
    mode = "; crossorigin" if base + file in cors else ""
    return f"<{base}{file}>; rel=preload; as=style{mode}"


def _module(base: str, file: str, cors: Container[str]) -> str:
    # An entry may be a style sheet.
    return _style(base, file, cors) if file.endswith(".css") else f"<{base}{file}>; rel=modulepreload; crossorigin"
