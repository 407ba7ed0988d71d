"""The folder of the pages, and its index.

How it works:
1. `html/<path>/index.html` is the document of a page. `json/<version>/<path>/index.json` is the page object of a build:
   a client of another build finds no file, so its request reaches the app, which answers with a 409.
2. Each file replaces the last one atomically. Files that belong to no page any more are removed after that.
3. `index.json` names the files and the tags of each page, and marks the folder as ours.

Rule: nothing is written to, or removed from, a folder that has other files and no index."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from litestar_vite.exceptions import ConfigError

_INDEX: Final = "index.json"
# Web servers take the version from a header, so that a recipe allows only these characters.
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*").fullmatch
_NO_VERSION: Final = "-"


class Entry(Struct, frozen=True, omit_defaults=True):
    """A page in the index: its files, relative to the folder, and its tags."""

    files: list[str]
    tags: list[str] = []


class Index(Struct, frozen=True):
    """The pages of a folder, by path, and the scheme and host that they were requested with."""

    origin: str = "http://localhost"
    pages: dict[str, Entry] = {}

    def tagged(self, tags: Iterable[str]) -> list[str]:
        """Return the paths of the pages with one of these tags."""
        wanted = set(tags)
        return [path for path, entry in self.pages.items() if not wanted.isdisjoint(entry.tags)]


class PageFiles(Struct, frozen=True):
    """The content of a page's files. A page without scripts that the client build lacks is a document only."""

    document: bytes
    page_json: bytes | None
    version: str
    tags: list[str]


class PagesFolder:
    """A folder of prerendered pages."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> Index:
        """Return the index. A new folder has an empty index.

        Raises:
            ConfigError: The folder is not ours, or its index is malformed.
        """
        path = self.path / _INDEX
        try:
            return msgspec.json.decode(path.read_bytes(), type=Index)
        except FileNotFoundError:
            if self.path.exists() and any(self.path.iterdir()):
                raise ConfigError(
                    f"'{self.path}' has files and no index of prerendered pages. Choose another prerender_dir."
                ) from None
            return Index()
        except msgspec.MsgspecError as error:
            raise ConfigError(
                f"'{path}' is malformed ({error}). Remove the folder, and run: litestar assets prerender"
            ) from error

    def replace_all(self, pages: Mapping[str, PageFiles], origin: str) -> None:
        """Write these pages, and remove all others."""
        self._write(self.read(), Index(origin), pages)

    def replace(self, pages: Mapping[str, PageFiles | None]) -> None:
        """Write some pages, and remove those without content."""
        index = self.read()
        kept = {path: entry for path, entry in index.pages.items() if path not in pages}
        self._write(
            index, Index(index.origin, kept), {path: files for path, files in pages.items() if files is not None}
        )

    def remove_files(self, paths: Iterable[str]) -> None:
        """Remove the files of pages, so that requests reach the app. Their entries are kept."""
        index = self.read()
        for path in paths:
            if (entry := index.pages.get(path)) is not None:
                self._unlink(entry.files)

    def _write(self, last: Index, kept: Index, pages: Mapping[str, PageFiles]) -> None:
        entries = dict(kept.pages)
        for path, page in pages.items():
            entries[path] = self._write_page(path, page)
        _replace(self.path / _INDEX, msgspec.json.encode(Index(kept.origin, entries)))
        used = {file for entry in entries.values() for file in entry.files}
        self._unlink(file for entry in last.pages.values() for file in entry.files if file not in used)

    def _write_page(self, path: str, page: PageFiles) -> Entry:
        below = path.strip("/")
        version = page.version or _NO_VERSION
        if version != _NO_VERSION and not _VERSION(version):
            raise ConfigError(
                f"The asset version {version!r} cannot be a folder's name. Use letters, digits, '.', '_' and '-' in "
                "InertiaConfig.asset_version."
            )
        document = "/".join(filter(None, ("html", below, "index.html")))
        page_json = "/".join(filter(None, ("json", version, below, "index.json")))
        # The page object first: a new document asks for it.
        if page.page_json is not None:
            _replace(self.path / page_json, page.page_json)
        _replace(self.path / document, page.document)
        return Entry([document, page_json] if page.page_json is not None else [document], page.tags)

    def _unlink(self, files: Iterable[str]) -> None:
        for file in files:
            path = self.path / file
            path.unlink(missing_ok=True)
            for folder in path.parents:
                if folder == self.path:
                    break
                try:
                    folder.rmdir()
                except OSError:  # Other pages are below it.
                    break


def _replace(path: Path, content: bytes) -> None:
    """Write a file that any user, such as the web server's, may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), 0o644)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
