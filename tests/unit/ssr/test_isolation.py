"""State of one render must not reach the next visitor: the example keeps none, and `isolate` discards all."""

from __future__ import annotations

from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from litestar_vite._ssr.bundle import find_bundle
from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import render
from litestar_vite._ssr.outcome import Failed, Rendered
from litestar_vite._ssr.workers.command import WorkerCommand
from litestar_vite._ssr.workers.supervise import WorkerSet

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar_vite._ssr.outcome import Outcome

pytestmark = pytest.mark.anyio

EXAMPLE = Path(__file__).parents[3] / "examples" / "react-contacts"
START_SECONDS = 60.0
LEAKS = """
let last = 'none'
export default async (page) => {
  const before = last
  last = page.props.name
  if (last === 'throw') throw new TypeError('thrown in its thread')
  if (last === 'window') return window.x
  if (last === 'null') return null
  if (last === 'spin') for (;;) {}
  return { head: [], body: `${before} then ${last}` }
}
"""


@asynccontextmanager
async def rendering(bundle: Path, isolate_seconds: float = 0.0) -> AsyncIterator[WorkerSet]:
    workers = WorkerSet(WorkerCommand("node", bundle, isolate_seconds=isolate_seconds))
    try:
        assert await workers.start(START_SECONDS)
        yield workers
    finally:
        await workers.stop()


async def ask(workers: WorkerSet, page: bytes) -> Outcome:
    # The client stays open, since closing it would close the workers' connections.
    return await render(open_client(workers.upstreams), "http://localhost/render", page, 20.0)


def named(name: str) -> bytes:
    return b'{"component":"Home","url":"/","props":{"name":"%b"}}' % name.encode()


@pytest.mark.slow
async def test_isolated_renders_share_nothing(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(LEAKS)
    async with rendering(bundle) as workers:
        await ask(workers, named("Ada"))
        assert await ask(workers, named("Bob")) == Rendered(b"", b"Ada then Bob"), (
            "without isolation, this bundle leaks"
        )
    async with rendering(bundle, isolate_seconds=20.0) as workers:
        for name in (b"Ada", b"Bob", b"Cyd", b"Dan"):
            assert await ask(workers, named(name.decode())) == Rendered(b"", b"none then " + name)


async def test_an_isolated_page_fails_like_any_other_without_affecting_others(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.mjs"
    bundle.write_text(LEAKS)
    async with rendering(bundle, isolate_seconds=1.0) as workers:
        pids = workers.pids
        kinds = []
        for name in ("throw", "window", "null", "spin", "Ada"):
            outcome = await ask(workers, named(name))
            kinds.append(outcome.kind if isinstance(outcome, Failed) else type(outcome).__name__)
            if name == "throw":
                assert isinstance(outcome, Failed)
                assert outcome.message == "thrown in its thread"
                assert outcome.source_location is not None
                assert outcome.source_location.endswith("bundle.mjs:6:31")
        assert kinds == ["render", "browser-api", "ClientSide", "render", "Rendered"]
        assert workers.pids == pids, "a spinning thread is terminated, the process stays alive"


async def test_our_example_leaves_nothing_of_one_visitor_for_the_next() -> None:
    assert (EXAMPLE / "dist" / "ssr").is_dir(), "the example is not built; run: make example"

    def page(secret: str) -> bytes:
        props = f'{{"errors":{{}},"status":404,"message":"{secret}","auth":{{"user":{{"name":"{secret}"}}}}}}'
        return f'{{"component":"Errors/Error","props":{props},"url":"/{secret}","version":"1","flash":{{"info":["{secret}"]}}}}'.encode()

    async with rendering(find_bundle(EXAMPLE / "dist" / "ssr", None, EXAMPLE)) as workers:
        first = await ask(workers, page("secret-of-ada"))
        assert isinstance(first, Rendered), first
        second = await ask(workers, page("bob"))
        again = await ask(workers, page("bob"))
    assert isinstance(second, Rendered)
    assert b"secret-of-ada" not in second.head + second.body
    assert second == again
