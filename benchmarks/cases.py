"""The in-process comparisons, for any adapter: this library or the peer.

Both use the same handlers, headers and checks; only the plugin differs. Each case returns its sides by name.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from functools import partial
from typing import Any, Protocol

from litestar import Litestar, MediaType, Request, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody
from litestar.plugins import PluginProtocol
from litestar.types import Middleware

from benchmarks.asgi import FETCH, NAVIGATION, Caller, visit_headers
from benchmarks.data import INVALID_CONTACT, INVALID_ORDER, PROPS, SSR_PROPS, Contact, Order
from benchmarks.harness import Side, at_a_time
from benchmarks.loop_lag import LoopLag
from benchmarks.render_server import BODY_BYTES

SESSION_KEY_BYTES = 16
PROP_SECONDS = 0.010


class Adapter(Protocol):
    """An adapter under comparison: its plugin in production mode, its deferred prop, and whether props are shared."""

    shares: bool

    def plugin(self, stack: AsyncExitStack) -> PluginProtocol: ...

    def ssr_plugin(self, stack: AsyncExitStack, delay_ms: float, **options: Any) -> PluginProtocol:
        """The plugin with an echoing render server, with a delay, in a separate process."""
        ...

    async def ssr_hop(self, stack: AsyncExitStack) -> Callable[[], Awaitable[Any]]:
        """A render without an app: page in, head and body out."""
        ...

    def deferred(self, key: str, fn: Callable[[], Awaitable[Any]], *, concurrent: bool) -> Any: ...


class Cases:
    """Builds the sides of a case: "floor" (plain Litestar), "subject" (with the adapter's plugin)."""

    def __init__(self, adapter: Adapter | None, stack: AsyncExitStack) -> None:
        self._adapter = adapter
        self._stack = stack

    async def build(self, case: str, **options: Any) -> dict[str, Side]:
        builders: dict[str, Callable[..., Awaitable[dict[str, Side]]]] = {
            "xhr": self.xhr,
            "app": self.app,
            "json": self.json,
            "invalid_post": self.invalid_post,
            "html": self.html,
            "async_props": self.async_props,
            "ssr_hop": self.ssr_hop,
            "ssr_page": self.ssr_page,
            "ssr_lag": self.ssr_lag,
        }
        return await builders[case](**options)

    async def xhr(self, props: str, session: bool = False) -> dict[str, Side]:
        """An Inertia visit against a plain handler returning the same dict, with the same headers and session."""
        content = PROPS[props]

        @get("/", component="Bench")
        async def page() -> dict[str, Any]:
            return content

        middleware = [cookie_session()] if session else []
        floor_app = await self._serve([_json_handler(content)], middleware)
        sides: dict[str, Side] = {}
        visit = visit_headers("")
        if self._adapter:
            app = await self._serve([page], middleware, self._adapter)
            first = await Caller(app, NAVIGATION).check("text/html")
            visit = visit_headers(first.page["version"])
            subject = Caller(app, (*visit, *await signed_in(app, session)))
            answer = await subject.check("application/json")
            assert answer.headers["x-inertia"] == "true", answer.headers
            assert answer.json["component"] == "Bench", answer.json
            assert {**answer.json["props"], **content} == answer.json["props"], "props differ"
            sides["subject"] = subject
        floor = Caller(floor_app, (*visit, *await signed_in(floor_app, session)))
        assert (await floor.check("application/json")).json == content
        return {"floor": floor, **sides}

    async def app(self) -> dict[str, Side]:
        """A typical page: a generator dependency, the request, and a shared callable. The floor returns its data."""
        content = PROPS["page"]
        own = {name: value for name, value in content.items() if name != "auth"}
        adapter = self._adapter

        @get("/", dependencies={"session": Provide(open_session)})
        async def plain(session: NamedDependency[str], request: Request[Any, Any, Any]) -> dict[str, Any]:
            return {"auth": signed_in_user(request), **own}

        @get("/", component="Bench", dependencies={"session": Provide(open_session)})
        async def page(session: NamedDependency[str], request: Request[Any, Any, Any]) -> dict[str, Any]:
            return own if adapter is not None and adapter.shares else {"auth": signed_in_user(request), **own}

        floor = Caller(await self._serve([plain], []), visit_headers(""))
        assert (await floor.check("application/json")).json == content
        sides: dict[str, Side] = {"floor": floor}
        if adapter:
            app = await self._serve([page], [], adapter)
            first = await Caller(app, NAVIGATION).check("text/html")
            subject = Caller(app, visit_headers(first.page["version"]))
            answer = await subject.check("application/json")
            assert {**answer.json["props"], **content} == answer.json["props"], "props differ"
            sides["subject"] = subject
        return sides

    async def invalid_post(self, nested: bool) -> dict[str, Side]:
        """A form of which one field is wrong: the redirect back of an Inertia visit against Litestar's own 400."""
        form = Order if nested else Contact

        async def save(data: Any) -> dict[str, Any]:
            raise AssertionError(data)

        save.__annotations__["data"] = JSONBody[form]
        body = INVALID_ORDER if nested else INVALID_CONTACT
        floor = Caller(await self._serve([post("/")(save)], []), visit_headers(""), json_body=body, status=400)
        await floor.check("application/json")
        sides: dict[str, Side] = {"floor": floor}
        if self._adapter:
            app = await self._serve([post("/")(save)], [], self._adapter)
            subject = Caller(app, visit_headers(""), json_body=body, status=303)
            answer = await subject.check("")
            assert answer.headers["location"] == "/members?page=1", answer.headers
            assert "inertia_carry=" in answer.headers["set-cookie"], "errors are not carried"
            sides["subject"] = subject
        return sides

    async def json(self, props: str) -> dict[str, Side]:
        """A JSON route without a page, in an app with the plugin and in one without."""
        content = PROPS[props]
        sides: dict[str, Side] = {}
        for name, adapter in (("floor", None), ("subject", self._adapter)):
            if name == "floor" or adapter:
                # A separate handler for each app, since a handler stores what the first app resolved.
                caller = Caller(await self._serve([_json_handler(content)], [], adapter), FETCH)
                assert (await caller.check("application/json")).json == content
                sides[name] = caller
        return sides

    async def html(self, props: str) -> dict[str, Side]:
        """A first visit against plain Litestar returning the same HTML bytes."""
        content = PROPS[props]

        @get("/", component="Bench")
        async def page() -> dict[str, Any]:
            return content

        if not self._adapter:
            return {}
        subject = Caller(await self._serve([page], [], self._adapter), NAVIGATION)
        answer = await subject.check("text/html")
        assert {**answer.page["props"], **content} == answer.page["props"]
        assert b"app-4f1c2a9b.js" in answer.body, "the document lacks the built tags"
        html = answer.body

        @get("/", media_type=MediaType.HTML)
        async def plain() -> bytes:
            return html

        floor = Caller(await self._serve([plain], []), NAVIGATION)
        assert (await floor.check("text/html")).body == html
        return {"floor": floor, "subject": subject}

    async def async_props(self, concurrent: bool) -> dict[str, Side]:
        """Three async props of 10 ms, requested by a partial reload, against the bare waits."""
        names = ("a", "b", "c")

        async def load() -> int:
            await asyncio.sleep(PROP_SECONDS)
            return 1

        async def waits(calls: int) -> float:
            loop = asyncio.get_running_loop()
            started = loop.time()
            for _ in range(calls):
                if concurrent:
                    await asyncio.gather(*(load() for _ in names))
                else:
                    for _ in names:
                        await load()
            return loop.time() - started

        sides: dict[str, Side] = {"floor": waits}
        adapter = self._adapter
        if adapter:

            @get("/", component="Bench")
            async def page() -> dict[str, Any]:
                return {name: adapter.deferred(name, load, concurrent=concurrent) for name in names}

            app = await self._serve([page], [], adapter)
            first = await Caller(app, NAVIGATION).check("text/html")
            partial = ((b"x-inertia-partial-component", b"Bench"), (b"x-inertia-partial-data", b"a,b,c"))
            subject = Caller(app, (*visit_headers(first.page["version"]), *partial))
            answer = await subject.check("application/json")
            assert [answer.json["props"][name] for name in names] == [1, 1, 1], answer.json
            sides["subject"] = subject
        return sides

    async def ssr_hop(self, connections: int) -> dict[str, Side]:
        """The bare hop to an echoing render server, with the given concurrency."""
        if not self._adapter:
            return {}
        post = await self._adapter.ssr_hop(self._stack)
        return {"subject": at_a_time([post] * connections)}

    async def ssr_page(self, connections: int, delay_ms: float = 0.0, **options: Any) -> dict[str, Side]:
        """Visits of a page rendered by a render server, with the given concurrency; `options` are SSR settings."""

        @get("/", component="Bench")
        async def page() -> dict[str, Any]:
            return SSR_PROPS

        if not self._adapter:
            return {}
        plugin = self._adapter.ssr_plugin(self._stack, delay_ms, **options)
        app = Litestar([page], plugins=[plugin], openapi_config=None, logging_config=None)
        await self._stack.enter_async_context(app.lifespan())
        caller = Caller(app, NAVIGATION)
        answer = await caller.check("text/html")
        assert b"x" * BODY_BYTES in answer.body, f"not rendered on the server: {answer.body[:300]!r}"
        return {"subject": at_a_time([partial(caller, 1)] * connections)}

    async def ssr_lag(self, connections: int, delay_ms: float) -> dict[str, Side]:
        """The same visits. The side returns the worst lag of the event loop in seconds, instead of the duration."""
        pages = await self.ssr_page(connections, delay_ms)

        async def side(calls: int) -> float:
            async with LoopLag() as lag:
                await pages["subject"](calls)
            return lag.worst_seconds

        return {"subject": side} if pages else {}

    async def _serve(
        self, handlers: list[Any], middleware: list[Middleware], adapter: Adapter | None = None
    ) -> Litestar:
        plugins = [adapter.plugin(self._stack)] if adapter else []
        app = Litestar(
            [*handlers, sign_in] if middleware else handlers,
            plugins=plugins,
            middleware=middleware,
            openapi_config=None,
            logging_config=None,
        )
        await self._stack.enter_async_context(app.lifespan())
        return app


async def open_session() -> AsyncIterator[str]:
    """Simulate a database session."""
    yield "session"


def signed_in_user(request: Request[Any, Any, Any]) -> Any:
    """Share the signed-in user."""
    return PROPS["page"]["auth"]


@get("/sign-in")
async def sign_in(request: Request[Any, Any, Any]) -> None:
    """Fill the session like a typical app."""
    request.session.update({"user_id": 7, "locale": "en", "theme": "dark"})


def _json_handler(content: dict[str, Any]) -> HTTPRouteHandler:
    @get("/")
    async def plain() -> dict[str, Any]:
        return content

    return plain


def cookie_session() -> Middleware:
    # Imported here, since only one row needs the `cryptography` package.
    from litestar.middleware.session.client_side import CookieBackendConfig

    return CookieBackendConfig(secret=secrets.token_bytes(SESSION_KEY_BYTES)).middleware


async def signed_in(app: Litestar, session: bool) -> tuple[tuple[bytes, bytes], ...]:
    if not session:
        return ()
    answer = await Caller(app, NAVIGATION, "/sign-in").once()
    assert answer.status == 200, answer
    return ((b"cookie", answer.headers["set-cookie"].partition(";")[0].encode()),)


def named(sides: Mapping[str, Side], floor: str, subject: str) -> dict[str, Side]:
    """Rename a case's sides for a table with several adapters."""
    return {{"floor": floor, "subject": subject}[name]: side for name, side in sides.items()}
