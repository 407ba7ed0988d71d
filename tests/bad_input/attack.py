"""Helpers shared by the bad-input tests: one app, one event loop, thousands of requests."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import anyio
from litestar import Litestar, Request, get, post
from litestar.response import Redirect

from litestar_vite.inertia import (
    InertiaConfig,
    InertiaRedirect,
    always,
    defer,
    error,
    flash,
    merge,
    once,
    optional,
    scroll,
)
from tests.integration.asgi import Answer, ask_async
from tests.support import make_app

SEED = 20_261_124
HEADERS = [
    b"x-inertia",
    b"x-inertia-version",
    b"x-inertia-partial-component",
    b"x-inertia-partial-data",
    b"x-inertia-partial-except",
    b"x-inertia-reset",
    b"x-inertia-except-once-props",
    b"x-inertia-error-bag",
    b"x-inertia-infinite-scroll-merge-intent",
    b"purpose",
    b"precognition",
    b"precognition-validate-only",
]


async def late() -> dict[str, Any]:
    return {"x": [1, {"y": 2}]}


@get("/page", component="Page")
async def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {
        "plain": {"a": 1, "items": [{"name": "x"}, {"name": "y"}]},
        "late": defer(late, group="side"),
        "asked": optional(late),
        "kept": once(late),
        "joined": merge([{"id": 1}], match_on="id"),
        "rows": scroll([1], metadata={"current_page": 1}),
        "there": always(1),
        "deep": {"late": defer(late, rescue=True), "value": 2},
    }


@get("/flash", sync_to_thread=False)
def flashes(request: Request[Any, Any, Any]) -> Redirect:
    flash(request, "Saved")
    error(request, "name", "is taken")
    return Redirect("/page")


@get("/go", sync_to_thread=False)
def go(request: Request[Any, Any, Any]) -> Redirect:
    return InertiaRedirect(request, request.query_params.get("to", ""))


@post("/raw", sync_to_thread=False)
def raw(request: Request[Any, Any, Any]) -> Redirect:
    return Redirect(request.query_params.get("to", ""))


def attacked_app(site: Path, **options: Any) -> Litestar:
    return make_app(site, [page, flashes, go, raw], InertiaConfig(asset_version="1"), **options)


def ask_all(app: Any, requests: Iterable[tuple[str, str | bytes, Sequence[tuple[bytes, bytes]]]]) -> list[Answer]:
    """Send requests, (method, target, headers), one after another on one event loop."""

    async def run() -> list[Answer]:
        answers: list[Answer] = []
        for method, target, headers in requests:
            with anyio.fail_after(30):  # Fails on a hang; a single response takes a millisecond.
                answers.append(await ask_async(app, method, target, headers))
        return answers

    return anyio.run(run)


def noise(rng: random.Random, size: int) -> bytes:
    """Return bytes that servers accept in a header: no control characters except the tab."""
    return bytes(rng.choice(_LEGAL) for _ in range(size))


_LEGAL = [byte for byte in range(256) if byte == 9 or (byte >= 32 and byte != 127)]
WORDS = [b"plain", b"late", b"asked", b"kept", b"joined", b"rows", b"there", b"deep", b"deep.late", b"plain.items.0.name", b"errors", b"Page", b"true", b"1", b"..", b".", b"", b"__proto__", b"plain.a.b.c", b"\xc3\xa9", b"\xff", b"prefetch", b"prepend", b"*"]  # fmt: skip
