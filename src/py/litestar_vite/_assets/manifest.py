"""Parses and validates Vite's build manifest.

Source: Vite docs, "Backend Integration" (format of .vite/manifest.json).
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec

from litestar_vite.exceptions import ManifestInvalidError

PAGE_SOURCE: Final = re.compile(r"(?:^|/)pages/(?P<component>.+)\.(?:tsx|jsx|ts|js|vue|svelte|mts|mjs)$", re.IGNORECASE)
"""The source of a page: a file in any folder named pages or Pages."""


# Vite's name for the only style sheet.
_ONLY_CSS: Final = "style.css"


class Chunk(msgspec.Struct, frozen=True, rename="camel"):
    """A chunk in the manifest. Paths are relative to the build folder; `imports` are manifest keys."""

    file: str
    src: str | None = None
    is_entry: bool = False
    is_dynamic_entry: bool = False
    imports: tuple[str, ...] = ()
    dynamic_imports: tuple[str, ...] = ()
    css: tuple[str, ...] = ()
    integrity: str | None = None


class Closure(msgspec.Struct, frozen=True):
    """A chunk with its transitive static imports, without duplicates.

    Attributes:
        scripts: The chunk, followed by its imports.
        css: Style sheets in cascade order: those of imports precede those of their importers.
        integrity: The integrity hashes of the style sheets, if any.
    """

    scripts: tuple[Chunk, ...]
    css: tuple[str, ...]
    integrity: dict[str, str] = {}


class Manifest:
    """The chunks of one build.

    Attributes:
        chunks: Chunks by manifest key ("src/app.tsx").
        version: First 16 hex digits of the SHA-256 of the manifest, the list of all files and the built document.
        pages: Manifest keys by page component ("Users/Index"), for sources in a folder named pages or Pages. Several
            folders may have a page of the same name.
    """

    def __init__(self, chunks: dict[str, Chunk], version: str) -> None:
        self.chunks = chunks
        self.version = version
        self.pages: dict[str, list[str]] = {}
        for key in chunks:
            if match := PAGE_SOURCE.search(key):
                self.pages.setdefault(match["component"], []).append(key)
        self._integrity = {chunk.file: chunk.integrity for chunk in chunks.values() if chunk.integrity}
        # With `build.cssCodeSplit: false`, all styles are one file that no chunk names.
        is_split = any(chunk.css for chunk in chunks.values())
        only = None if is_split else chunks.get(_ONLY_CSS)
        self._only_css = (only.file,) if only is not None and not only.is_entry and only.file.endswith(".css") else ()

    def page_key(self, component: str, entry: str | None, script: str | None) -> str | None:
        """Return the key of a page's chunk, or None if there is no such chunk or the name is ambiguous.

        Args:
            component: The page component.
            entry: The key of the app's entry. If several pages match, only those that it loads are considered.
            script: The path of its script. If several pages remain, only those in the folder next to it are considered.
        """
        found = self.pages.get(component, ())
        if len(found) > 1 and entry is not None:
            loaded = self._reachable(entry)
            found = [key for key in found if key in loaded]
        if len(found) > 1 and script is not None:
            place = f"{script.rpartition('/')[0]}/pages/".removeprefix("/").lower()
            found = [key for key in found if key.lower().startswith(place)]
        return found[0] if len(found) == 1 else None

    def _reachable(self, entry: str) -> set[str]:
        """Return the keys of all chunks that an entry loads, at once or later."""
        seen: set[str] = set()
        stack = [entry]
        while stack:
            key = stack.pop()
            if key not in seen and key in self.chunks:
                seen.add(key)
                stack += (*self.chunks[key].imports, *self.chunks[key].dynamic_imports)
        return seen

    def entries(self) -> list[str]:
        """Return the keys of the build's entries that are scripts or styles."""
        return [key for key, chunk in self.chunks.items() if chunk.is_entry]

    def closure(self, key: str) -> Closure:
        """Return the closure of the chunk `key`.

        Raises:
            KeyError: The manifest does not have the chunk.
        """
        scripts: dict[str, Chunk] = {}
        css: dict[str, None] = {}
        # An explicit stack, since an import chain may exceed Python's recursion limit.
        stack = [(key, False)]
        while stack:
            name, imports_done = stack.pop()
            chunk = self.chunks[name]
            if imports_done:
                css.update(dict.fromkeys(chunk.css))
            elif name not in scripts:
                scripts[name] = chunk
                stack.append((name, True))
                stack.extend((imported, False) for imported in reversed(chunk.imports))
        css.update(dict.fromkeys(self._only_css))
        return Closure(
            tuple(scripts.values()),
            tuple(css),
            {file: self._integrity[file] for file in css if file in self._integrity},
        )


def parse_manifest(raw: bytes, origin: str, others: bytes = b"") -> Manifest:
    """Parse and validate a manifest.

    Args:
        raw: The file's content.
        origin: The file's name, for messages.
        others: The Vite plugin's list of all files, which has their hashes (file_list.py), and the built index.html.
            The version changes with them.

    Raises:
        ManifestInvalidError: The manifest is not JSON, not in Vite's format, or imports a missing chunk.
    """
    try:
        chunks = msgspec.json.decode(raw, type=dict[str, Chunk])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ManifestInvalidError(
            f"The Vite manifest {origin!r} cannot be read: {error}. Build the front end again."
        ) from error
    for key, chunk in chunks.items():
        for imported in chunk.imports:
            if imported not in chunks:
                raise ManifestInvalidError(
                    f"The Vite manifest {origin!r} is incomplete: {key!r} imports {imported!r}, which is missing. "
                    "Build the front end again."
                )
    return Manifest(chunks, hashlib.sha256(raw + others).hexdigest()[:16])
