"""Helpers for the tables: short ways to write visits, a run of a plan, and callables that record their calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anyio

from litestar_vite.inertia._page.evaluate import evaluate
from litestar_vite.inertia._protocol.resolver import plan
from litestar_vite.inertia._protocol.visit import Visit

COMPONENT = "Page"
BROWSER = Visit()
FULL = Visit(is_inertia=True)

Row = tuple[str, dict[str, Any], Visit, dict[str, Any], dict[str, Any]]
"""Id (with the line of the protocol), props, visit, expected props, expected metadata."""


def partial(only: str = "", except_: str = "", reset: str = "", known: str = "", component: str = COMPONENT) -> Visit:
    """Return a partial reload. The arguments are header values."""

    def keys(value: str) -> tuple[str, ...]:
        return tuple(value.split(",")) if value else ()

    return Visit(
        is_inertia=True,
        partial_component=component,
        only=keys(only),
        except_=keys(except_),
        reset=keys(reset),
        known_once=keys(known),
    )


def knows(*keys: str) -> Visit:
    """Return a full visit by a client that still has these once-props."""
    return Visit(is_inertia=True, known_once=keys)


def run(
    props: Any, visit: Visit, rescued: list[str] | None = None, **options: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Plan and evaluate the props, and return props and metadata."""
    planned = plan(props, visit, COMPONENT, **options)

    async def go() -> None:
        await evaluate(planned, lambda path, _: (rescued if rescued is not None else []).append(path))

    anyio.run(go)
    return planned.tree, planned.metadata


class Calls(list[str]):
    """Records which callables ran. `calls("name", value)` returns a sync one, `calls.later(...)` an async one."""

    def __call__(self, name: str, value: Any = 1) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            self.append(name)
            return (value, *args) if args else value

        return call

    def later(self, name: str, value: Any = 1) -> Callable[..., Any]:
        async def call() -> Any:
            await anyio.lowlevel.checkpoint()
            self.append(name)
            return value

        return call


def value() -> int:
    return 1


async def avalue() -> int:
    return 1


def boom() -> Any:
    raise LookupError("gone")


async def aboom() -> Any:
    raise LookupError("gone")


def once_metadata(key: str = "a", prop: str | None = None, expires_at: int | None = None) -> dict[str, Any]:
    return {key: {"prop": prop or key, "expiresAt": expires_at}}
