"""P8: the PRD's claim, a shared HTTP client against a new one per request, with a real local render server.

Why: the PRD expects 30-50 % from sharing. Most of the cost of a new client is its TLS context, which http:// does not
use, so the third side reuses this context. The floor is a raw keep-alive connection: one write, two reads. Sequential
requests; 17 KB of page in, 23 KB of head and body out, without rendering.
"""

import json
import ssl
import time
from contextlib import AsyncExitStack

import httpx

from benchmarks.data import SSR_PAGE
from benchmarks.harness import REPORTED, Row, Settings, Side, compare, interleave, latency_ratio
from benchmarks.raw_client import Post, RawConnection
from benchmarks.render_server import BODY_BYTES, render_server

_JSON = {"content-type": "application/json"}


async def measure(settings: Settings) -> list[Row]:
    async with AsyncExitStack() as stack:
        base_url = stack.enter_context(render_server())
        url = f"{base_url}/render"
        context = httpx.create_ssl_context()
        shared = await stack.enter_async_context(httpx.AsyncClient(verify=context))
        raw = await RawConnection.open(base_url, SSR_PAGE)
        stack.callback(raw.close)

        async def per_request() -> bytes:
            async with httpx.AsyncClient() as client:
                return (await client.post(url, content=SSR_PAGE, headers=_JSON)).content

        async def per_request_context_reused() -> bytes:
            return await _with_context(context, url)

        async def shared_client() -> bytes:
            return (await shared.post(url, content=SSR_PAGE, headers=_JSON)).content

        posts: dict[str, Post] = {
            "raw": raw.post,
            "shared": shared_client,
            "context reused": per_request_context_reused,
            "per request": per_request,
        }
        expected = {"head": ["<title>Bench</title>"]}
        for name, post in posts.items():
            answer = json.loads(await post())
            assert expected.items() <= answer.items(), name
            assert len(answer["body"]) > BODY_BYTES, name
        rounds = await interleave({name: _side(post) for name, post in posts.items()}, settings)
    lines = (
        ("P8", "SSR hop: new httpx client / raw asyncio", "raw", "per request"),
        ("P8.context", "SSR hop: new client, TLS context reused / raw", "raw", "context reused"),
        ("P8.shared", "SSR hop: shared httpx client / raw asyncio", "raw", "shared"),
        ("P8.prd", "PRD's claim: shared / new client", "per request", "shared"),
        ("P8.prd.context", "PRD's claim, TLS context reused: shared / new", "context reused", "shared"),
    )
    return [
        compare(id_, what, rounds, settings, goal=REPORTED, ratio=latency_ratio, floor=floor, ours=side, peer=None)
        for id_, what, floor, side in lines
    ]


async def _with_context(context: ssl.SSLContext, url: str) -> bytes:
    async with httpx.AsyncClient(verify=context) as client:
        return (await client.post(url, content=SSR_PAGE, headers=_JSON)).content


def _side(post: Post) -> Side:
    async def side(calls: int) -> float:
        started = time.perf_counter()
        for _ in range(calls):
            await post()
        return time.perf_counter() - started

    return side
