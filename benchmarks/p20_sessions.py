"""P20, P21: the cost of a cookie session for a page: without a Referer, and when the session does not change.

Why: a referrer policy can omit the Referer, and the page's URL is then kept in the session. Litestar's cookie backend
encrypts and sends an unchanged session with every answer; `CookieSessionConfig` sends only changed ones.
"""

import secrets
from contextlib import AsyncExitStack
from importlib.util import find_spec
from typing import Any

from litestar import Request, get

from benchmarks.asgi import NAVIGATION, Caller, visit_headers
from benchmarks.cases import cookie_session, sign_in, signed_in
from benchmarks.data import PAGE
from benchmarks.harness import Goal, Row, Settings, compare, interleave, latency_ratio, ratio_text
from benchmarks.ours import Ours
from benchmarks.p17_prop_types import serve


def _page(*, reads: bool) -> Any:
    """Return a page with a handler that reads the session, or one that only receives the request."""

    @get("/", component="Bench")
    async def page(request: Request[Any, Any, Any]) -> dict[str, Any]:
        if reads:
            request.session.get("user_id")
        return PAGE

    return page


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours or find_spec("cryptography") is None:
        return []
    async with AsyncExitStack() as stack:
        app = await serve(stack, [_page(reads=True), sign_in], [Ours().plugin(stack)], [cookie_session()])
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
    from litestar_vite.inertia.sessions import CookieSessionConfig

    backend = CookieSessionConfig(secret=secrets.token_bytes(16)).middleware
    async with AsyncExitStack() as stack:
        sides: dict[str, Caller] = {}
        for name, middleware in (("floor", []), ("ours", [backend]), ("litestar", [cookie_session()])):
            has_session = bool(middleware)
            extra = [sign_in] if has_session else []
            app = await serve(stack, [_page(reads=has_session), *extra], [Ours().plugin(stack)], middleware)
            version = (await Caller(app, NAVIGATION).check("text/html")).page["version"]
            sides[name] = Caller(app, (*visit_headers(version), *await signed_in(app, has_session)))
            await sides[name].check("application/json")
        rounds = await interleave(sides, settings)
    row = compare(
        "P21",
        "XHR page that only reads its session, CookieSessionConfig, against no session",
        rounds,
        settings,
        goal=Goal("at most", 1.3),
        ratio=latency_ratio,
        peer=None,
    )
    row.notes.append(f"with Litestar's cookie backend {ratio_text(latency_ratio(rounds, 'floor', 'litestar'))}")
    return [row]
