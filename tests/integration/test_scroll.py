"""Scroll props over the wire: every pagination, the merge intent, resets, and two of them on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
from advanced_alchemy.service import OffsetPagination as AlchemyPagination
from litestar import Request, get
from litestar.pagination import ClassicPagination, CursorPagination, OffsetPagination
from litestar.params import FromQuery
from litestar.testing import TestClient

from litestar_vite.inertia import InertiaResponse, ScrollMetadata, defer, merge, once, optional, scroll, share
from tests.support import inertia_headers, make_app, page_in

ROWS = [{"id": number} for number in range(1, 8)]


def pages(page: int, size: int = 3) -> list[dict[str, int]]:
    return ROWS[(page - 1) * size : page * size]


def offset(page: int, kind: Any = OffsetPagination) -> Any:
    return kind(items=pages(page), limit=3, offset=(page - 1) * 3, total=len(ROWS))


def classic(page: int) -> Any:
    return ClassicPagination(items=pages(page), page_size=3, current_page=page, total_pages=3)


def about(current: Any, previous: Any, following: Any, name: str = "page", *, reset: bool = False) -> dict[str, Any]:
    return {"pageName": name, "previousPage": previous, "nextPage": following, "currentPage": current, "reset": reset}


def only(app: Any, names: str, **headers: str) -> dict[str, str]:
    return inertia_headers(app, partial_component="List", partial_data=names, **headers)


def visit(site: Path, make: Any, target: str = "/", **headers: str) -> dict[str, Any]:
    @get("/", component="List", sync_to_thread=False)
    def listing(request: Request[Any, Any, Any]) -> dict[str, Any]:
        return {"users": make(request)}

    app = make_app(site, [listing])
    with TestClient(app) as client:
        page: dict[str, Any] = client.get(target, headers=inertia_headers(app) | headers).json()
    return page


@pytest.mark.protocol("F48")
@pytest.mark.parametrize("kind", [OffsetPagination, AlchemyPagination])
@pytest.mark.parametrize(("page", "previous", "following"), [(1, None, 2), (2, 1, 3), (3, 2, None), (9, 3, None)])
def test_offset_paginations_are_read_as_pages(site: Path, kind: Any, page: int, previous: Any, following: Any) -> None:
    answer = visit(site, lambda _: scroll(offset(page, kind)))
    assert answer["props"]["users"] == {"data": pages(page), "limit": 3, "offset": (page - 1) * 3, "total": 7}
    assert answer["scrollProps"] == {"users": about(page, previous, following)}
    assert answer["mergeProps"] == ["users.data"]


@pytest.mark.protocol("F48")
def test_an_empty_offset_pagination_has_one_page(site: Path) -> None:
    answer = visit(site, lambda _: scroll(OffsetPagination(items=[], limit=0, offset=0, total=0)))
    assert answer["scrollProps"] == {"users": about(1, None, None)}


@pytest.mark.protocol("F48")
@pytest.mark.parametrize(("page", "previous", "following"), [(1, None, 2), (2, 1, 3), (3, 2, None)])
def test_a_classic_pagination_is_read(site: Path, page: int, previous: Any, following: Any) -> None:
    answer = visit(site, lambda _: scroll(classic(page)))
    assert answer["props"]["users"] == {"data": pages(page), "page_size": 3, "current_page": page, "total_pages": 3}
    assert answer["scrollProps"] == {"users": about(page, previous, following)}


@pytest.mark.protocol("F48")
@pytest.mark.parametrize(
    ("target", "cursor", "current", "following"),
    [
        ("/", 3, None, "3"),
        ("/?cursor=3", 6, "3", "6"),
        ("/?cursor=6", None, "6", None),
        ("/?cursor=a%26b", "é", "a&b", "é"),
    ],
)
def test_a_cursor_pagination_has_strings_or_null_for_pages(
    site: Path, target: str, cursor: Any, current: Any, following: Any
) -> None:
    answer = visit(site, lambda _: scroll(CursorPagination(items=ROWS[:3], results_per_page=3, cursor=cursor)), target)
    assert answer["scrollProps"] == {"users": about(current, None, following, "cursor")}


@pytest.mark.protocol("F48")
@pytest.mark.parametrize(
    "metadata",
    [
        ScrollMetadata(current_page=2, previous_page=1, next_page=3),
        {"current_page": 2, "previous_page": 1, "next_page": 3},
        lambda value: ScrollMetadata(current_page=len(value), previous_page=1, next_page=3),
        lambda _: {"current_page": 2, "previous_page": 1, "next_page": 3},
    ],
    ids=["struct", "mapping", "callable", "callable-mapping"],
)
def test_metadata_of_the_users_own(site: Path, metadata: Any) -> None:
    answer = visit(site, lambda _: scroll(ROWS[:2], metadata=metadata, page_name="p"))
    assert answer["props"]["users"] == {"data": ROWS[:2]}
    assert answer["scrollProps"] == {"users": about(2, 1, 3, "p")}


@pytest.mark.protocol("F48")
def test_metadata_may_name_its_own_parameter_and_hold_cursors(site: Path) -> None:
    where = ScrollMetadata(current_page="b", previous_page="a", next_page=None, page_name="after")
    assert visit(site, lambda _: scroll([], metadata=where))["scrollProps"] == {"users": about("b", "a", None, "after")}


@pytest.mark.protocol("F48")
@pytest.mark.parametrize(
    ("value", "wrapper", "sent", "label"),
    [
        (offset(1), None, pages(1), "users"),
        (offset(1), "rows", {"rows": pages(1), "limit": 3, "offset": 0, "total": 7}, "users.rows"),
        (pages(1), None, pages(1), "users"),
        (tuple(pages(1)), "data", {"data": pages(1)}, "users.data"),
        ({"data": pages(1), "more": True}, "data", {"data": pages(1), "more": True}, "users.data"),
    ],
)
def test_the_wrapper_names_the_list(site: Path, value: Any, wrapper: Any, sent: Any, label: str) -> None:
    answer = visit(site, lambda _: scroll(value, wrapper=wrapper, metadata={"current_page": 1, "next_page": 2}))
    assert answer["props"]["users"] == sent
    assert answer["mergeProps"] == [label]


class Rows(msgspec.Struct):
    data: list[dict[str, int]]


@pytest.mark.protocol("F48")
def test_a_model_that_holds_the_list_is_sent_as_it_is(site: Path) -> None:
    answer = visit(site, lambda _: scroll(Rows(pages(1)), metadata=ScrollMetadata(1)))
    assert answer["props"]["users"] == {"data": pages(1)}


@pytest.mark.protocol("F48")
@pytest.mark.parametrize(
    ("intent", "label"), [("append", "mergeProps"), ("prepend", "prependProps"), ("odd", "mergeProps")]
)
def test_the_client_says_where_the_new_page_goes(site: Path, intent: str, label: str) -> None:
    headers = {"X-Inertia-Infinite-Scroll-Merge-Intent": intent}
    answer = visit(
        site,
        lambda _: scroll(offset(2), match_on="id"),
        **{"X-Inertia-Partial-Component": "List", "X-Inertia-Partial-Data": "users"},
        **headers,
    )
    assert {key: answer.get(key) for key in ("mergeProps", "prependProps")} == {
        "mergeProps": None,
        "prependProps": None,
    } | {label: ["users.data"]}
    assert answer["matchPropsOn"] == ["users.data.id"]
    assert answer["scrollProps"] == {"users": about(2, 1, 3)}


@pytest.mark.protocol("F48", "E40")
def test_a_reset_scroll_prop_says_so_and_is_not_merged(site: Path) -> None:
    answer = visit(
        site,
        lambda _: scroll(offset(1), match_on="id"),
        **{"X-Inertia-Partial-Component": "List", "X-Inertia-Partial-Data": "users", "X-Inertia-Reset": "users"},
    )
    assert answer["props"]["users"]["data"] == pages(1)
    assert answer["scrollProps"] == {"users": about(1, None, 2, reset=True)}
    assert not {"mergeProps", "prependProps", "matchPropsOn"} & answer.keys()


@pytest.mark.protocol("F48")
def test_two_scroll_props_live_on_one_page_by_their_parameters(site: Path) -> None:
    @get("/", component="List", sync_to_thread=False)
    def listing(page: FromQuery[int] = 1, tags: FromQuery[int] = 1) -> dict[str, Any]:
        return {"users": scroll(offset(page)), "tags": scroll(classic(tags), page_name="tags")}

    app = make_app(site, [listing])
    with TestClient(app) as client:
        first = page_in(client.get("/?page=2&tags=3").text)
        assert first["scrollProps"] == {"users": about(2, 1, 3), "tags": about(3, 2, None, "tags")}
        assert first["mergeProps"] == ["users.data", "tags.data"]
        more = client.get("/?page=1&tags=2", headers=only(app, "tags")).json()
        assert more["scrollProps"] == {"tags": about(2, 1, 3, "tags")}
        assert more["mergeProps"] == ["tags.data"]


@pytest.mark.protocol("F48", "F44", "E42")
def test_scroll_composes_with_other_kinds_at_any_depth(site: Path) -> None:
    async def load() -> Any:
        return offset(2)

    @get("/", component="List", sync_to_thread=False)
    def listing() -> dict[str, Any]:
        return {
            "deferred": scroll(defer(load, group="lists")),
            "late": defer(scroll(load)),
            "asked": optional(scroll(load)),
            "kept": once(scroll(load)),
            "nested": {"deep": {"rows": scroll(load)}},
            "found": lambda: scroll(load, match_on="id"),
            "outer": scroll(lambda: merge(offset(2), path="x")),
            "plain": 1,
        }

    app = make_app(site, [listing])
    with TestClient(app) as client:
        full = client.get("/", headers=inertia_headers(app, except_once_props="kept")).json()
        partial = client.get("/", headers=only(app, "deferred,late,asked")).json()
    assert full["deferredProps"] == {"lists": ["deferred"], "default": ["late"]}
    assert full["scrollProps"] == {path: about(2, 1, 3) for path in ("nested.deep.rows", "found", "outer")}
    # Protocol F44: a deferred prop already announces its merge label.
    assert full["mergeProps"] == [
        "deferred.data",
        "late.data",
        "nested.deep.rows.data",
        "outer.data",
        "found.data",
        "outer.x",
    ]
    assert full["onceProps"] == {"kept": {"prop": "kept", "expiresAt": None}}
    assert list(full["props"]) == ["errors", "nested", "found", "outer", "plain"]
    assert partial["scrollProps"] == {path: about(2, 1, 3) for path in ("deferred", "late", "asked")}
    assert partial["mergeProps"] == ["deferred.data", "late.data", "asked.data"]


@pytest.mark.protocol("F48", "F50")
def test_a_rescued_scroll_prop_leaves_no_metadata(site: Path) -> None:
    def boom() -> Any:
        raise LookupError

    answer = visit(
        site,
        lambda _: scroll(defer(boom, rescue=True), match_on="id"),
        **{"X-Inertia-Partial-Component": "List", "X-Inertia-Partial-Data": "users"},
    )
    assert answer["rescuedProps"] == ["users"]
    assert not {"mergeProps", "matchPropsOn", "scrollProps"} & answer.keys()


@pytest.mark.protocol("F48")
def test_what_has_no_pages_is_refused_with_what_to_give(site: Path) -> None:
    @get("/", component="List", sync_to_thread=False)
    def listing() -> dict[str, Any]:
        return {"users": scroll([1, 2])}

    with TestClient(make_app(site, [listing], debug=True)) as client:
        answer = client.get("/")
    assert answer.status_code == 500
    assert "scroll() cannot find the page of list" in answer.text


@pytest.mark.protocol("F48", "G51")
def test_a_scroll_prop_can_be_shared_and_stand_in_a_response(site: Path) -> None:
    @get("/", sync_to_thread=False)
    def listing(request: Request[Any, Any, Any]) -> InertiaResponse[Any]:
        share(request, "side", scroll(offset(1)))
        return InertiaResponse({"users": scroll("users", offset(3))}, component="List")

    app = make_app(site, [listing])
    with TestClient(app) as client:
        answer = client.get("/", headers=inertia_headers(app)).json()
    assert answer["scrollProps"] == {"side": about(1, None, 2), "users": about(3, 2, None)}
