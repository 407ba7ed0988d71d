"""Finds the files of a build, and prepares everything that does not depend on a request.

How it works:
1. All files below the build folder are found. Dot files, and links that lead out of the build, are skipped.
2. The list of the Vite plugin says which names contain a hash: these files never change. Without a list, none does.
3. A compressed copy is used if its file has not changed since the build: its size must be as listed, and so must its
   hash unless its name contains one.
4. The headers of each file and copy are built once.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Final

import msgspec

from litestar_vite._assets.encodings import IDENTITY, SUFFIXES
from litestar_vite._assets.file_list import LIST_FILE, EmittedFile, parse_list, read_list
from litestar_vite._assets.media_types import is_script, media_type

Headers = tuple[tuple[bytes, bytes], ...]
Stamps = dict[str, tuple[int, int] | None]

# One year, the longest time that caches honour.
_IMMUTABLE: Final = b"public, max-age=31536000, immutable"
# Stored by browsers, and revalidated by ETag at each use.
_REVALIDATED: Final = b"no-cache"
# File systems with timestamps in seconds cannot distinguish two changes within the same second.
_RACY_NS: Final = 2_000_000_000


class Representation(msgspec.Struct, frozen=True):
    """A file, or a compressed copy of it.

    Attributes:
        mtime_ns: Its modification time, in nanoseconds since 1970.
        etag: Its ETag, which differs between copies.
        headers: The headers of a 200 response.
        kept: The headers of a 304 response.
    """

    path: str
    size: int
    mtime_ns: int
    etag: bytes
    headers: Headers
    kept: Headers


class BuiltFile(msgspec.Struct, frozen=True):
    """A file of the build with its compressed copies, by content encoding."""

    is_immutable: bool
    representations: dict[str, Representation]

    def best(self, encodings: tuple[str, ...]) -> Representation:
        """Return the copy for the first of these encodings that the file has, or the uncompressed file."""
        for encoding in encodings:
            if (found := self.representations.get(encoding)) is not None:
                return found
        return self.representations[IDENTITY]


class Scan(msgspec.Struct, frozen=True):
    """The files of a build, and the state of the folders that contain them."""

    files: dict[str, BuiltFile]
    stamps: Stamps

    def is_current(self) -> bool:
        """Return whether no file was added or removed since the scan. Changed files are detected when they are read."""
        return all(stamp is not None and _stamp(path) == stamp for path, stamp in self.stamps.items())


class _Found(msgspec.Struct, frozen=True):
    path: str
    stat: os.stat_result


def scan_build(bundle_dir: Path, service_worker_allowed: str | None = None) -> Scan:
    """Find the files of a build. `service_worker_allowed` is the Service-Worker-Allowed header of scripts."""
    folders: list[str] = [str(bundle_dir), str(bundle_dir / LIST_FILE)]
    # Stamps are taken before the folders are read, since a file that is added meanwhile changes its folder's stamp.
    stamps: Stamps = {path: _settled_stamp(path) for path in folders}
    listed = parse_list(read_list(bundle_dir))
    found = dict(_walk(str(bundle_dir), "", os.path.realpath(bundle_dir), stamps, ()))
    copies = {
        name + suffix
        for name, file in listed.items()
        for encoding, suffix in SUFFIXES.items()
        if getattr(file, encoding) is not None
    }
    files = {
        name: _described(name, found, listed.get(name), service_worker_allowed) for name in found if name not in copies
    }
    return Scan(files, stamps)


def _walk(folder: str, prefix: str, root: str, stamps: Stamps, above: tuple[str, ...]) -> Iterator[tuple[str, _Found]]:
    """Yield the name and file of all files below a folder, and record the folders' stamps."""
    real = os.path.realpath(folder)
    if real in above:  # A link to one of its parent folders.
        return
    stamps.setdefault(folder, _settled_stamp(folder))
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = prefix + entry.name
        if entry.name.startswith(".") or not _is_text(entry.name):
            continue
        path = os.path.realpath(entry.path) if entry.is_symlink() else entry.path
        if entry.is_symlink() and not path.startswith(root + os.sep):
            continue
        try:
            status = os.stat(path)  # noqa: PTH116 - thousands of files
        except OSError:  # The file was removed meanwhile, or is a broken link.
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(entry.path, f"{name}/", root, stamps, (*above, real))
        elif stat.S_ISREG(status.st_mode):
            yield name, _Found(os.path.realpath(path), status)


def _described(
    name: str, found: dict[str, _Found], listed: EmittedFile | None, service_worker_allowed: str | None
) -> BuiltFile:
    file = found[name]
    if listed is not None and listed.size != file.stat.st_size:  # It was changed after the build.
        listed = None
    is_immutable = listed is not None and listed.hashed
    copies = _copies(name, found, listed) if listed is not None else {}
    if copies and not is_immutable and listed is not None and _hash_of(file.path) != listed.hash:
        copies = {}
    # The content of other files is not read at start-up, so their hash may be outdated.
    content_hash = listed.hash if listed is not None and (is_immutable or copies) else None
    common: Headers = (
        (b"content-type", media_type(name).encode()),
        (b"cache-control", _IMMUTABLE if is_immutable else _REVALIDATED),
        (b"accept-ranges", b"bytes"),
        *([(b"vary", b"Accept-Encoding")] if copies else ()),
        *(
            [(b"service-worker-allowed", service_worker_allowed.encode())]
            if service_worker_allowed is not None and is_script(name)
            else ()
        ),
    )
    return BuiltFile(
        is_immutable,
        {
            encoding: _representation(each, encoding, content_hash, common)
            for encoding, each in {IDENTITY: file, **copies}.items()
        },
    )


def _copies(name: str, found: dict[str, _Found], listed: EmittedFile) -> dict[str, _Found]:
    """Return the compressed copies of a file that the build created, or for immutable files, another plugin."""
    copies: dict[str, _Found] = {}
    for encoding, suffix in SUFFIXES.items():
        size = getattr(listed, encoding)
        copy = found.get(name + suffix)
        if copy is not None and (copy.stat.st_size == size or (size is None and listed.hashed)):
            copies[encoding] = copy
    return copies


def _representation(file: _Found, encoding: str, content_hash: str | None, common: Headers) -> Representation:
    status = file.stat
    name = f"{status.st_mtime_ns:x}-{status.st_size:x}" if content_hash is None else content_hash
    etag = f'"{name}"' if encoding == IDENTITY else f'"{name}-{encoding}"'
    kept: Headers = (
        *(pair for pair in common if pair[0] in {b"cache-control", b"vary"}),
        (b"etag", etag.encode()),
        (b"last-modified", formatdate(int(status.st_mtime), usegmt=True).encode()),
    )
    headers: Headers = (
        *(pair for pair in common if pair[0] not in {b"cache-control", b"vary"}),
        *kept,
        *([(b"content-encoding", encoding.encode())] if encoding != IDENTITY else ()),
        (b"content-length", str(status.st_size).encode()),
    )
    return Representation(file.path, status.st_size, status.st_mtime_ns, etag.encode(), headers, kept)


def _hash_of(path: str) -> str | None:
    try:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]
    except OSError:
        return None


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)  # noqa: PTH116 - at each missing file
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_ino)


def _settled_stamp(path: str) -> tuple[int, int] | None:
    """Return a folder's state, or None if it changed so recently that another change might not alter the state."""
    stamp = _stamp(path)
    return None if stamp is None or time.time_ns() - stamp[0] < _RACY_NS else stamp


def _is_text(name: str) -> bool:
    """Return whether a name is valid Unicode, as names in URLs are."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
