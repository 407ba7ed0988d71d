"""The app under test, run in a separate process: `uvicorn --factory tests.chaos.app:create_app`, or `:create_host`.

CHAOS_APP is JSON: `root` (a built front end), `ssr` (fields of SSRConfig, null for the control run), `subject` ("ours"
or "peer").

`create_host` returns a Host: one process that serves fresh apps one after another, because starting a process for each
of a hundred cells costs more than the cells. POST /host with the same JSON replaces the current app; all other requests
go to that app."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from litestar import Litestar, Request, get, post
from litestar.params import JSONBody
from litestar.response import Redirect

from tests.chaos.routes import make_handlers, ticking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar.types import Receive, Scope, Send

__all__ = ("create_app", "create_host")


def create_app() -> Litestar:
    _log_to_stderr()
    return _app(json.loads(os.environ["CHAOS_APP"]))


def create_host() -> Host:
    _log_to_stderr()
    return Host(json.loads(os.environ["CHAOS_APP"]))


class Host:
    """An ASGI app that hosts one Litestar app at a time. A separate task runs each app's lifespan, as in a server."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        self._app: Litestar | None = None
        self._task: asyncio.Task[None] | None = None
        self._end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":  # type: ignore[comparison-overlap]
            await self._live(receive, send)
        elif scope["type"] == "http" and scope["path"] == "/host":
            message: Any = await receive()
            await self._open(json.loads(message["body"]))
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
            await send({"type": "http.response.body", "body": b"{}", "more_body": False})
        else:
            assert self._app is not None
            await self._app(scope, receive, send)

    async def _live(self, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._open(self._options)
                await send({"type": "lifespan.startup.complete"})
            else:
                await self._close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _open(self, options: dict[str, Any]) -> None:
        await self._close()
        self._end = asyncio.Event()
        is_up = asyncio.Event()
        app = _app(options)

        async def live() -> None:
            async with app.lifespan():
                is_up.set()
                await self._end.wait()

        self._task = asyncio.create_task(live(), name="chaos-hosted-app")
        await is_up.wait()
        self._app = app

    async def _close(self) -> None:
        if self._task is not None:
            self._end.set()
            await self._task
        self._task = self._app = None


def _log_to_stderr() -> None:
    logging.basicConfig(level=logging.INFO, format="%(created).3f %(name)s %(levelname)s %(message)s")
    for name in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _app(options: dict[str, Any]) -> Litestar:
    plugin = _peer_plugin(options) if options["subject"] == "peer" else _plugin(options)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        # A full garbage collection of Litestar's and SQLAlchemy's objects takes 70 ms, independent of this library; see
        # docs/server-side-rendering.md.
        gc.collect()
        gc.freeze()
        async for _ in ticking(app):
            yield

    # Handlers cache what the first app resolved for them, so each app needs new ones.
    handlers = [*make_handlers(), *([] if options["subject"] == "peer" else [flashing(), taking()])]
    return Litestar(
        handlers, plugins=[plugin], lifespan=[lifespan], openapi_config=None, logging_config=None, debug=False
    )


def flashing() -> Any:
    from litestar_vite.inertia import flash

    @get("/flash")
    async def save(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, "Saved")
        return Redirect("/page/ada")

    return save


def taking() -> Any:
    @post("/take")
    async def take(data: JSONBody[dict[str, Any]]) -> None:
        return None

    return take


def _plugin(options: dict[str, Any]) -> Any:
    from litestar_vite import ViteConfig, VitePlugin
    from litestar_vite.inertia import InertiaConfig, SSRConfig

    ssr = SSRConfig(**options["ssr"]) if options["ssr"] is not None else None
    return VitePlugin(ViteConfig(root=options["root"], inertia=InertiaConfig(ssr=ssr), **options.get("vite", {})))


def _peer_plugin(options: dict[str, Any]) -> Any:
    import importlib

    # Imported by name, because the peer has the same import name as this library.
    vite, config = importlib.import_module("litestar_vite"), importlib.import_module("litestar_vite.config")
    ssr = config.InertiaSSRConfig(**options["ssr"]) if options["ssr"] is not None else None
    return vite.VitePlugin(
        config=config.ViteConfig(
            mode="hybrid",
            enabled=True,
            dev_mode=False,
            paths=config.PathConfig(root=options["root"], bundle_dir="public", asset_url="/static/"),
            inertia=config.InertiaConfig(ssr=ssr),
        )
    )
