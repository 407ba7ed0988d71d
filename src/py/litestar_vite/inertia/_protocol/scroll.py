"""Scroll props: one page of a long list, which the client's InfiniteScroll joins to the pages it has (protocol F48).

How it works:
1. The merge label is written when the prop is planned, so that a deferred scroll prop already announces it.
2. The page numbers are in the value, so `scrollProps` is written once the value is computed.

Rules: `reset` is always sent; a reset prop lacks the merge label; a missing page is None; page ids are numbers, or
strings for cursors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct
from typing_extensions import override

from litestar_vite.inertia._protocol.props import Label, Metadata, Situation

PageId = int | str | None
"""A page number, a cursor, or None for a page that does not exist."""


class ScrollMetadata(Struct, frozen=True, gc=False):
    """The position of one page of a list.

    Attributes:
        current_page: The page that is sent.
        previous_page: The page before it; None for the first page.
        next_page: The page after it; None for the last page.
        page_name: The query parameter that selects the page; None for the prop's own (`scroll(page_name=...)`).
    """

    current_page: PageId = None
    previous_page: PageId = None
    next_page: PageId = None
    page_name: str | None = None


class Scroll(Label, frozen=True):
    """The client adds the new page to those it has, before or after them as it requests.

    Attributes:
        wrapper: The name of the list inside the prop; None if the prop is the list.
        page_name: The query parameter that selects the page.
        read: Splits the callable's result into the value that is sent and its position.
        match_on: Keys by which a new item replaces an existing one.
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
        # Protocol F48: the client decides where the new page goes.
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
