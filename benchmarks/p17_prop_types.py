"""P17, P18: pages with prop types and callables, against plain Litestar handlers that return the same data.

Why: hardly any real page is plain: it defers a prop, shares the signed-in user, and is reloaded partially. The floor of
each row returns the values of the page's props on that visit, with the same session.
"""

from contextlib import AsyncExitStack
from typing import Any

from litestar import Litestar, MediaType, get
from litestar.types import Middleware

from benchmarks.asgi import NAVIGATION, Caller, visit_headers
from benchmarks.cases import cookie_session, sign_in, signed_in, signed_in_user
from benchmarks.data import PAGE
from benchmarks.harness import Goal, Row, Settings, Side, compare, interleave
from benchmarks.ours import Ours

STATS = {"members": 312, "active": 207}
PARTIAL = ((b"x-inertia-partial-component", b"Bench"), (b"x-inertia-partial-data", b"stats"))


async def measure(settings: Settings) -> list[Row]:
    rows: list[Row] = []
    for id_, what, session, goal in (
        ("P17", "XHR page, one deferred prop, a shared callable", False, 0.95),
        ("P17.session", "the same with a cookie session", True, 1.0),
    ):
        rows.append(
            compare(id_, what, await _visit(settings, session), settings, goal=Goal("at least", goal), peer=None)
        )
    rounds = await _partial(settings)
    rows.append(compare("P18", "partial reload of one prop", rounds, settings, goal=Goal("at least", 0.75), peer=None))
    rounds = await _document(settings)
    rows.append(
        compare(
            "P18.html",
            "first-visit HTML with one deferred prop",
            rounds,
            settings,
            goal=Goal("at least", 0.8),
            peer=None,
        )
    )
    return rows


async def serve(
    stack: AsyncExitStack, handlers: list[Any], plugins: list[Any], middleware: list[Middleware]
) -> Litestar:
    app = Litestar(handlers, plugins=plugins, middleware=middleware, openapi_config=None, logging_config=None)
    await stack.enter_async_context(app.lifespan())
    return app


def stats() -> dict[str, int]:
    return STATS


def pages() -> Any:
    from litestar_vite.inertia import defer

    own = {name: value for name, value in PAGE.items() if name != "auth"}

    @get("/", component="Bench")
    async def page() -> dict[str, Any]:
        return {**own, "stats": defer(stats)}

    return page


async def _visit(settings: Settings, session: bool) -> dict[str, list[float]]:
    middleware = [cookie_session()] if session else []
    extra = [sign_in] if session else []

    @get("/")
    async def plain() -> dict[str, Any]:
        return PAGE

    async with AsyncExitStack() as stack:
        floor_app = await serve(stack, [plain, *extra], [], middleware)
        app = await serve(stack, [pages(), *extra], [Ours(share={"auth": signed_in_user}).plugin(stack)], middleware)
        version = (await Caller(app, NAVIGATION).check("text/html")).page["version"]
        ours = Caller(app, (*visit_headers(version), *await signed_in(app, session)))
        page = (await ours.check("application/json")).json
        assert page["deferredProps"] == {"default": ["stats"]}, page
        assert page["props"] == {"errors": {}, **PAGE}, page
        floor = Caller(floor_app, (*visit_headers(version), *await signed_in(floor_app, session)))
        await floor.check("application/json")
        return await interleave({"floor": floor, "ours": ours}, settings)


async def _partial(settings: Settings) -> dict[str, list[float]]:
    @get("/")
    async def plain() -> dict[str, Any]:
        return {"stats": STATS}

    async with AsyncExitStack() as stack:
        app = await serve(stack, [pages()], [Ours().plugin(stack)], [])
        version = (await Caller(app, NAVIGATION).check("text/html")).page["version"]
        headers = (*visit_headers(version), *PARTIAL)
        ours, floor = Caller(app, headers), Caller(await serve(stack, [plain], [], []), headers)
        assert (await ours.check("application/json")).json["props"] == {"errors": {}, "stats": STATS}
        await floor.check("application/json")
        return await interleave({"floor": floor, "ours": ours}, settings)


async def _document(settings: Settings) -> dict[str, list[float]]:
    async with AsyncExitStack() as stack:
        ours = Caller(await serve(stack, [pages()], [Ours().plugin(stack)], []), NAVIGATION)
        html = (await ours.check("text/html")).body

        @get("/", media_type=MediaType.HTML)
        async def plain() -> bytes:
            return html

        sides: dict[str, Side] = {"floor": Caller(await serve(stack, [plain], [], []), NAVIGATION), "ours": ours}
        await sides["floor"].check("text/html")  # type: ignore[attr-defined]
        return await interleave(sides, settings)
