"""The hop to the render server, for P5 and P6: page bytes in, head and body out, with each client on the same sockets.

Raw is the floor (raw_client.py). Ours is `gateway.render` with the app's client: pool, deadline, validation of the
response. httpx is the PRD's approach: a shared `httpx.AsyncClient` and `response.json()`.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import httpx

from benchmarks.data import SSR_PAGE
from benchmarks.harness import Rounds, Settings, Side, at_a_time, interleave, over_servers
from benchmarks.raw_client import Post, RawConnection
from benchmarks.render_server import BODY_BYTES, render_server

__all__ = ["PLACES", "Where", "hop_clients", "measure_hop"]

_JSON = {"content-type": "application/json"}


@asynccontextmanager
async def hop_clients(
    settings: Settings, connections: int, *, unix: bool, node: bool
) -> AsyncIterator[dict[str, list[Post]]]:
    """Open and check `connections` of each client."""
    async with AsyncExitStack() as stack:
        path = Path(stack.enter_context(TemporaryDirectory(prefix="bench-"))) / "s.sock" if unix else None
        base_url = stack.enter_context(render_server(unix_path=path, node=node))
        clients: dict[str, list[Post]] = {"floor": []}
        for _ in range(connections):
            raw = await RawConnection.open(base_url, SSR_PAGE, str(path) if path else None)
            stack.callback(raw.close)
            clients["floor"].append(raw.render)
        if settings.ours:
            clients["ours"] = [await _ours(stack, base_url, path, connections)] * connections
        clients["httpx"] = [await _httpx(stack, base_url, path, connections)] * connections
        for name, posts in clients.items():
            assert len(str(await posts[0]())) > BODY_BYTES, name
        yield clients


async def _ours(stack: AsyncExitStack, base_url: str, path: Path | None, connections: int) -> Post:
    from litestar_vite._ssr.client import open_client
    from litestar_vite._ssr.gateway import render
    from litestar_vite._ssr.outcome import Rendered

    client = await stack.enter_async_context(
        open_client(base_url, unix_path=str(path) if path else None, max_connections=connections)
    )
    url = f"{base_url}/render"

    async def post() -> object:
        outcome = await render(client, url, SSR_PAGE, 5.0)
        assert type(outcome) is Rendered, outcome
        return outcome

    return post


async def _httpx(stack: AsyncExitStack, base_url: str, path: Path | None, connections: int) -> Post:
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    transport = httpx.AsyncHTTPTransport(uds=str(path) if path else None, limits=limits)
    client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, trust_env=False))

    async def post() -> object:
        answer = json.loads((await client.post(f"{base_url}/render", content=SSR_PAGE, headers=_JSON)).content)
        return ("\n".join(answer["head"]).encode(), answer["body"].encode())

    return post


async def measure_hop(
    settings: Settings, connections: int, *, unix: bool, node: bool, peer: Mapping[str, Side] | None = None
) -> Rounds:
    """Return the rounds of each client, and its CPU seconds per call."""

    async def measure(settings: Settings) -> Rounds:
        async with hop_clients(settings, connections, unix=unix, node=node) as clients:
            sides = {name: at_a_time(posts) for name, posts in clients.items()}
            return await interleave({**sides, **(peer or {})}, settings, cpu_of=clients)

    return await over_servers(measure, settings)


class Where(NamedTuple):
    """The suffix of a row's id, its text in the table, and its server."""

    suffix: str
    words: str
    unix: bool
    node: bool


PLACES = (
    Where("", "Node, TCP", unix=False, node=True),
    Where(".unix", "Node, Unix socket", unix=True, node=True),
    Where(".lean", "server that costs nothing, TCP", unix=False, node=False),
)
