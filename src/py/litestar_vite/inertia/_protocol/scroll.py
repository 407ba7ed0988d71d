"""Scroll props: one page of a long list, which the client's InfiniteScroll joins to the pages it has (protocol F48).

How it works:
1. The merge label is written when the prop is planned, so that a deferred scroll prop announces it already.
2. The numbers of the pages are in the value, so `scrollProps` is written when the value is there.

Rules: `reset` is always sent; a reset prop is without a merge label; an absent page is None; page ids are numbers, or
strings for cursors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from typing_extensions import override

from litestar_vite.inertia._protocol.props import Label, Metadata, Situation

PageId = int | str | None
"""A page number, a cursor, or None for a page that is not there."""


class ScrollMetadata(Struct, frozen=True, gc=False):
    """Where one page of a list stands.

    Attributes:
        current_page: The page that is sent.
        previous_page: The one before it, None when it is the first.
        next_page: The one after it, None when it is the last.
        page_name: The query parameter that chooses the page, None for the prop's own (`scroll(page_name=...)`).
    """

    current_page: PageId = None
    previous_page: PageId = None
    next_page: PageId = None
    page_name: str | None = None


class Scroll(Label, frozen=True):
    """The client joins the new page to those it has, before or after them as it asks.

    Attributes:
        wrapper: Where the list is inside the prop, None when the prop is the list.
        page_name: The query parameter that chooses the page.
        read: Splits what the prop's callable gave into what is sent and where it stands.
        match_on: Keys by which an item replaces the equal one that is already there.
    """

    wrapper: str | None
    page_name: str
    read: Callable[[Any], tuple[Any, ScrollMetadata]]
    match_on: tuple[str, ...] = ()

    @override
    def describe(self, path: str, situation: Situation, metadata: Metadata) -> None:
        if path in situation.visit.reset:  # Protocol E40
            return
        target = f"{path}.{self.wrapper}" if self.wrapper else path
        # Protocol F48: the client says where the new page goes.
        name = "prependProps" if situation.visit.merge_intent == "prepend" else "mergeProps"
        metadata.setdefault(name, []).append(target)
        if self.match_on:
            metadata.setdefault("matchPropsOn", []).extend(f"{target}.{key}" for key in self.match_on)

    @override
    def settle(self, path: str, situation: Situation, metadata: Metadata, value: Any) -> Any:
        sent, where = self.read(value)
        metadata.setdefault("scrollProps", {})[path] = {
            "pageName": where.page_name or self.page_name,
            "previousPage": where.previous_page,
            "nextPage": where.next_page,
            "currentPage": where.current_page,
            "reset": path in situation.visit.reset,
        }
        return sent
