"""`scroll`: a list that the client loads page by page, from any pagination the app uses.

How it works:
1. Litestar's Offset, Classic and Cursor pagination, Advanced Alchemy's, and any object with the same attributes are
   read by these attributes.
2. The client gets `{"data": [...]}` with the numbers of the pagination; `wrapper` names the list, None sends
   the list itself.
3. Other values need `metadata`: a ScrollMetadata, a mapping with its fields, or a callable that gets the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qs

import msgspec

from litestar_vite.exceptions import PropError
from litestar_vite.inertia._merging import keys_of
from litestar_vite.inertia._older_helpers import unkeyed
from litestar_vite.inertia._page.request import current_request
from litestar_vite.inertia._protocol.props import Prop, prop_of
from litestar_vite.inertia._protocol.scroll import PageId, Scroll, ScrollMetadata

_LISTS: Final = (list, tuple, set, frozenset)
NUMBERS: Final = ("limit", "offset", "total", "page_size", "current_page", "total_pages", "results_per_page", "cursor")
"""The attributes of a pagination that the client gets."""

Metadata = ScrollMetadata | Mapping[str, Any]


def scroll(
    value: Any,
    *rest: Any,
    wrapper: str | None = "data",
    page_name: str | None = None,
    metadata: Metadata | Callable[[Any], Metadata] | None = None,
    match_on: str | Iterable[str] | None = None,
) -> Prop[Any]:
    """Let the client's InfiniteScroll load this list page by page.

    Args:
        value: A pagination, a list, a mapping that holds the list under `wrapper`, a callable that makes one, or a prop
            kind.
        rest: Only for the keyed form.
        wrapper: The name of the list inside the prop; None sends the list itself.
        page_name: The query parameter that chooses the page: "page", or "cursor" for a cursor pagination. Give each of
            two scroll props on one page its own.
        metadata: The position of this page, if the value does not contain it: a ScrollMetadata, a mapping, or a
            callable that gets the value.
        match_on: One or more fields by which a new item replaces an existing one, for example "id".
    """
    value, _ = unkeyed(value, rest)

    def read(paginated: Any) -> tuple[Any, ScrollMetadata]:
        where = _described(metadata, paginated) or _paginated(paginated, page_name)
        if where is None:
            raise PropError(
                f"scroll() cannot find the page of {type(paginated).__name__}. Give it a pagination of Litestar or "
                "Advanced Alchemy, or scroll(value, metadata=ScrollMetadata(current_page=1, next_page=2))."
            )
        return _wrapped(paginated, wrapper), where

    return prop_of(value).with_label(Scroll(wrapper, page_name or "page", read, keys_of(match_on)))


def scroll_props(
    page_name: str = "page", current_page: PageId = 1, previous_page: PageId = None, next_page: PageId = None, **_: Any
) -> ScrollMetadata:
    """Return the position of a page, with the names of older apps: `scroll(rows, metadata=scroll_props(current_page=2,
    next_page=3))`.
    """
    return ScrollMetadata(current_page, previous_page, next_page, page_name)


def _described(metadata: Metadata | Callable[[Any], Metadata] | None, value: Any) -> ScrollMetadata | None:
    """Return the position that the user passed."""
    if callable(metadata):
        metadata = metadata(value)
    if metadata is None or isinstance(metadata, ScrollMetadata):
        return metadata
    return msgspec.convert(dict(metadata), ScrollMetadata)


def _paginated(value: Any, page_name: str | None) -> ScrollMetadata | None:
    """Return the position of a pagination; None for other values."""
    if all(hasattr(value, name) for name in ("items", "limit", "offset", "total")):
        size = max(value.limit, 1)
        page = value.offset // size + 1
        return _numbered(page, -(-value.total // size))
    if all(hasattr(value, name) for name in ("items", "current_page", "total_pages")):
        return _numbered(value.current_page, value.total_pages)
    if all(hasattr(value, name) for name in ("items", "results_per_page", "cursor")):
        name = page_name or "cursor"
        return ScrollMetadata(_asked_for(name), None, _page_id(value.cursor), name)
    return None


def _numbered(page: int, pages: int) -> ScrollMetadata:
    # The page before one beyond the end is the last page.
    return ScrollMetadata(page, min(page - 1, pages) or None if page > 1 else None, page + 1 if page < pages else None)


def _asked_for(name: str) -> str | None:
    """Return the cursor in the URL, since a cursor pagination only knows the next one."""
    request = current_request.get()
    query: bytes = request.scope["query_string"] if request is not None else b""
    values = parse_qs(query.decode("latin-1")).get(name)
    return values[-1] if values else None


def _page_id(cursor: Any) -> PageId:
    """Return a cursor as the client sends it back: cursors are strings (protocol F48)."""
    return None if cursor is None else str(cursor)


def _wrapped(value: Any, wrapper: str | None) -> Any:
    """Return the list under its wrapper, with the numbers of the pagination."""
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    if isinstance(value, _LISTS):
        return {wrapper: value} if wrapper else value
    items = getattr(value, "items", None)
    if items is None or callable(items):
        return value
    if wrapper is None:
        return items
    return {wrapper: items, **{name: getattr(value, name) for name in NUMBERS if hasattr(value, name)}}
