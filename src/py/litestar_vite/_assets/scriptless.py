"""Removes the scripts of the front end from a document, for pages without JavaScript.

Removed are local and inline module scripts, their fallbacks for old browsers (`nomodule`), and preloads of scripts.
Other scripts stay, such as one that sets the colour theme before the first paint, and modules from other origins."""

from __future__ import annotations

from typing import Final

from typing_extensions import override

from litestar_vite._assets.document_marks import DocumentParser

_VITE_CLIENT: Final = "@vite/client"


def without_scripts(source: str, base: str) -> str:
    """Return a document without the scripts of the front end, whose files are at `base`. Vite's client stays, which
    reloads the page.
    """
    kept, position = list[str](), 0
    for start, end in _Scripts(source, base).read().removed:
        kept.append(source[position:start])
        position = end
    return "".join((*kept, source[position:]))


class _Scripts(DocumentParser):
    """Finds the elements to remove: their start and end offsets, in order."""

    def __init__(self, source: str, base: str) -> None:
        super().__init__(source)
        self._base = base
        self._open: int | None = None
        self.removed: list[tuple[int, int]] = []

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "script" and self._is_of_front_end(attributes):
            self._open = self.tag_start()
        elif tag == "link" and _preloads_script(attributes):
            self.removed.append((self.tag_start(), self.tag_start() + len(self.get_starttag_text() or "")))

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Browsers ignore the slash, and close a script only at its end tag.
        self.handle_starttag(tag, attrs)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._open is not None:
            self.removed.append((self._open, self.source.find(">", self.tag_start()) + 1))
            self._open = None

    def _is_of_front_end(self, attributes: dict[str, str | None]) -> bool:
        if "nomodule" in attributes:
            return True
        src = attributes.get("src") or ""
        is_ours = "//" not in src or src.startswith(self._base)
        return (attributes.get("type") or "").lower() == "module" and is_ours and not src.endswith(_VITE_CLIENT)


def _preloads_script(attributes: dict[str, str | None]) -> bool:
    rels = set((attributes.get("rel") or "").lower().split())
    return "modulepreload" in rels or ("preload" in rels and (attributes.get("as") or "").lower() == "script")
