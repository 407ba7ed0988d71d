"""Conditional and range requests for files (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

IF_NONE_MATCH: Final = b"if-none-match"
IF_MODIFIED_SINCE: Final = b"if-modified-since"
RANGE: Final = b"range"
IF_RANGE: Final = b"if-range"

_BYTES: Final = re.compile(rb"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*\Z").match


def is_unchanged(asked: Mapping[bytes, bytes], etag: bytes, modified: int) -> bool:
    """Return whether the client has this version of the file. ETags take precedence over the date, `modified`, in
    seconds since 1970.
    """
    if (tags := asked.get(IF_NONE_MATCH)) is not None:
        return tags.strip() == b"*" or etag in {tag.strip().removeprefix(b"W/") for tag in tags.split(b",")}
    if (date := asked.get(IF_MODIFIED_SINCE)) is not None:
        since = _seconds(date)
        return since is not None and modified <= since
    return False


def wanted_range(asked: Mapping[bytes, bytes], etag: bytes, modified: int, size: int) -> tuple[int, int] | None:
    """Return the requested range as start and end (exclusive), or None if the whole file is requested.

    The range is empty if it cannot be satisfied. Requests for several ranges, which servers may ignore, and malformed
    ones receive the whole file.
    """
    header = asked.get(RANGE)
    if header is None or (match := _BYTES(header)) is None:
        return None
    if (condition := asked.get(IF_RANGE)) is not None and condition.strip() != etag:
        seconds = None if condition.lstrip().startswith((b'"', b"W/")) else _seconds(condition)
        if seconds != modified:
            return None
    first, last = match.groups()
    if not first:
        return None if not last else (max(0, size - int(last)), size)
    start = int(first)
    end = min(int(last) + 1, size) if last else size
    if last and int(last) < start:
        return None
    return (start, end) if start < size else (0, 0)


def _seconds(date: bytes) -> int | None:
    try:
        return int(parsedate_to_datetime(date.decode("latin-1")).timestamp())
    except (ValueError, OverflowError):
        return None
