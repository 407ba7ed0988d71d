"""Stores entries in files. In memory, they would be lost at each reload, and other workers could not read them.

How it works:
1. An entry is `<id>.json`, written to a temporary file and renamed, so that readers never see a partial one. Ids are
   ULIDs, which sort by time.
2. At the first write and every five minutes, entries older than a day are deleted, and so are all but the last hundred
   of each tab.
3. After a failure (a full disk, missing permissions) the store pauses for half a minute."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import secrets
import time
from pathlib import Path
from typing import Any, Final

import msgspec

logger = logging.getLogger("litestar_vite.devtools")

# The defaults of the server protocol.
_MAX_ENTRIES: Final = 100
_MAX_AGE_SECONDS: Final = 24 * 60 * 60.0
_PRUNE_SECONDS: Final = 300.0
_PAUSE_SECONDS: Final = 30.0

_CROCKFORD: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID: Final = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", re.ASCII)


def new_id() -> str:
    """Return a ULID: 48 bits of time in milliseconds and 80 random bits, in 26 characters."""
    number = ((time.time_ns() // 1_000_000) << 80) | secrets.randbits(80)
    return "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))


class FileStore:
    """The entries of one project, shared by all its processes. The methods block, so call them in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._paused_until = 0.0
        self._prune_at = 0.0
        # Files never change, so each is read once.
        self._known: dict[str, dict[str, Any]] = {}

    def write(self, entry_id: str, entry: bytes, meta: dict[str, Any]) -> bool:
        """Store an entry, and return whether it can be read now."""
        if time.monotonic() < self._paused_until:
            return False
        try:
            self._write(entry_id, entry)
            if time.monotonic() >= self._prune_at:
                self._prune_at = time.monotonic() + _PRUNE_SECONDS
                self._prune()
        except OSError as error:
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            logger.warning("DevTools entries cannot be stored for %g s: %s", _PAUSE_SECONDS, error)
            return False
        self._known[entry_id] = meta
        return True

    def read(self, entry_id: str) -> bytes | None:
        """Return an entry, or None if it does not exist."""
        if _ID.fullmatch(entry_id) is None:
            return None
        try:
            return (self._folder / f"{entry_id}.json").read_bytes()
        except OSError:
            return None

    def metas(self) -> list[dict[str, Any]]:
        """Return the `__meta` of all entries, newest first."""
        names = self._names()
        self._known = {name: meta for name in names if (meta := self._meta(name)) is not None}
        return list(self._known.values())

    def _names(self) -> list[str]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208
            found = [name.removesuffix(".json") for name in names if name.endswith(".json")]
        except OSError:
            return []
        return sorted((name for name in found if _ID.fullmatch(name)), reverse=True)

    def _meta(self, name: str) -> dict[str, Any] | None:
        if (known := self._known.get(name)) is not None:
            return known
        try:
            meta: dict[str, Any] = msgspec.json.decode((self._folder / f"{name}.json").read_bytes())["__meta"]
        except (OSError, msgspec.DecodeError, KeyError, TypeError):
            return None
        return meta

    def _write(self, entry_id: str, entry: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        ignored = self._folder / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")
        aside = self._folder / f"{entry_id}.{os.getpid()}.tmp"
        try:
            # Props may contain data that only the developer may see.
            with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
                file.write(entry)
            aside.replace(self._folder / f"{entry_id}.json")
        except OSError:
            with contextlib.suppress(OSError):
                aside.unlink()
            raise

    def _prune(self) -> None:
        oldest, count = time.time() - _MAX_AGE_SECONDS, dict[Any, int]()
        for meta in self.metas():
            tab = meta.get("tabUuid")
            count[tab] = count.get(tab, 0) + 1
            if count[tab] > _MAX_ENTRIES or meta.get("utime", 0.0) < oldest:
                self._known.pop(meta["id"], None)
                # Another process may have deleted it first.
                with contextlib.suppress(FileNotFoundError):
                    (self._folder / f"{meta['id']}.json").unlink()

    def __repr__(self) -> str:
        return f"<FileStore {self._folder} paused={time.monotonic() < self._paused_until}>"
