"""P20, P21: what a cookie session costs a page: without a Referer, and when nothing in it changes.

Why: browsers leave the Referer out by policy, and then the page's URL is kept in the session. Litestar's cookie backend
encrypts and sends an unchanged session again with every answer; `CookieSessionConfig` sends what changed.
"""

from contextlib import AsyncExitStack
from importlib.util import find_spec
from typing import Any

from litestar import Request, get

from benchmarks.asgi import NAVIGATION, Caller, visit_headers
from benchmarks.cases import cookie_session, sign_in, signed_in
from benchmarks.data import PAGE
from benchmarks.harness import Goal, Row, Settings, compare, interleave, latency_ratio
from benchmarks.ours import Ours
from benchmarks.p17_prop_types import serve


def _pages() -> Any:
    @get("/", component="Bench")
    async def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
        assert "user_id" in request.session or not request.session
        return PAGE

    return page


def _pages_without() -> Any:
    @get("/", component="Bench")
    async def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
        assert request.scope["path"]
        return PAGE

    return page


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours or find_spec("cryptography") is None:
        return []
    async with AsyncExitStack() as stack:
        app = await serve(stack, [_pages(), sign_in], [Ours().plugin(stack)], [cookie_session()])
        version = (await Caller(app, NAVIGATION).check("text/html")).page["version"]
        headers = (*visit_headers(version), *await signed_in(app, True))
        floor = Caller(app, headers)
        ours = Caller(app, [header for header in headers if header[0] != b"referer"])
        await floor.check("application/json")
        await ours.check("application/json")
        referer = await interleave({"floor": floor, "ours": ours}, settings)
    return [
        compare(
            "P20",
            "XHR page under a session, without Referer against with",
            referer,
            settings,
            goal=Goal("at most", 1.05),
            ratio=latency_ratio,
            peer=None,
        ),
        *await _unchanged(settings),
    ]


async def _unchanged(settings: Settings) -> list[Row]:
    return []
