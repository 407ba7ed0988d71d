"""User code for the type checkers: a field of type `Prop[Stats]` holds a deferred, optional or other prop of Stats.
test_hints.py checks this module; it is never run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict, assert_type

from attrs import define
from litestar import Request, get
from litestar.pagination import OffsetPagination
from msgspec import Struct
from pydantic import BaseModel

from litestar_vite.inertia import (
    DeferredProp,
    InertiaResponse,
    Prop,
    always,
    deep_merge,
    defer,
    flash,
    lazy,
    merge,
    once,
    optional,
    prepend,
    scroll,
    share,
    share_once,
)


class Stats(Struct):
    count: int


async def load_stats(days: int = 7) -> Stats:
    return Stats(days)


def load_now() -> Stats:
    return Stats(1)


class StructPage(Struct, rename="camel"):
    title: str
    stats: Prop[Stats]
    names: Prop[list[str]]
    plain_or_late: Stats | Prop[Stats]


@dataclass
class DataPage:
    stats: Prop[Stats]


@define
class AttrsPage:
    stats: Prop[Stats]


class ModelPage(BaseModel):
    stats: Prop[int]


class DictPage(TypedDict):
    stats: Prop[Stats]


@get("/struct", component="Page")
async def struct_page(request: Request[Any, Any, Any]) -> StructPage:
    share(request, "user", optional(load_stats))
    share_once(request, "plans", load_now, until=60)
    flash(request, "Saved")
    return StructPage(
        title="Users",
        stats=defer(load_stats, 30, group="side", rescue=True),
        names=merge(["a"], match_on="id"),
        plain_or_late=Stats(1),
    )


DataPage(stats=optional(load_stats))
DataPage(stats=always(load_now))
AttrsPage(stats=once(defer(load_stats), key="stats", until=60))
ModelPage(stats=lazy(lambda: 1))
made: DictPage = {"stats": deep_merge(load_stats)}
response: InertiaResponse[DictPage] = InertiaResponse(made, component="Page")

assert_type(defer(load_stats), DeferredProp[Stats])
assert_type(defer(load_now), DeferredProp[Stats])
assert_type(merge(defer(load_stats)), Prop[Stats])
assert_type(defer(merge(load_now)), DeferredProp[Stats])
assert_type(prepend(load_stats), Prop[Stats])
assert_type(once(Stats(1)), Prop[Stats])
assert_type(always([1]), Prop[list[int]])
assert_type(defer("stats", load_stats), DeferredProp[Any])
assert_type(merge("stats", [1]), Prop[Any])
rows: Prop[Any] = scroll(OffsetPagination(items=[1], limit=1, offset=0, total=1))
if TYPE_CHECKING:
    assert_type(defer(load_stats).render(), Stats)

DataPage(stats=defer(lambda: "no stats"))  # WRONG
DataPage(stats=Stats(1))  # WRONG
AttrsPage(stats=merge([1]))  # WRONG
once(1, untill=5)  # WRONG
