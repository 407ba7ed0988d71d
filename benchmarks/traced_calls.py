"""Count the Python calls of one request inside the package, and how often they return to a module.

Why: if a request jumps between modules, several places decide about it. The figures are counts, not
times, and the same on every machine. Run it as `python -m benchmarks.traced_calls`, with `--list` for the calls.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from litestar import Litestar, get

from benchmarks.asgi import NAVIGATION, Caller, visit_headers
from benchmarks.data import PAGE
from benchmarks.ours import Ours

GOALS = {
    "plain visit": (None, None),
    "visit, one deferred prop": (50, 18),
    "document, one deferred prop, SSR": (85, None),
}


class Trace(NamedTuple):
    """The calls of one request.

    Attributes:
        calls: Module and function of each call inside the package, in order.
    """

    calls: list[tuple[str, str]]

    @property
    def returns(self) -> int:
        """The number of returns to a module that an earlier call had left."""
        modules = [module for module, _ in self.calls]
        seen: set[str] = set()
        returns = 0
        for previous, module in zip(["", *modules], modules, strict=False):
            if module != previous:
                returns += module in seen
                seen.add(module)
        return returns


async def trace(caller: Caller) -> Trace:
    """Send one request and return its calls, after others have warmed up routes, caches and connections."""
    import litestar_vite

    package = str(Path(litestar_vite.__file__).parent)
    calls: list[tuple[str, str]] = []
    # A coroutine enters its frame again at each resumption. Frames are kept, so that ids are not reused.
    frames: dict[int, FrameType] = {}

    def profile(frame: FrameType, event: str, _: Any) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(package) and id(frame) not in frames:
            frames[id(frame)] = frame
            module = file[len(package) + 1 :].removesuffix(".py")
            calls.append((module, frame.f_code.co_qualname if sys.version_info >= (3, 11) else frame.f_code.co_name))

    for _ in range(3):
        await caller.once()
    sys.setprofile(profile)
    try:
        await caller.once()
    finally:
        sys.setprofile(None)
    return Trace(calls)


async def measure() -> dict[str, Trace]:
    """Trace each case."""
    from litestar_vite.inertia import defer

    @get("/", component="Bench")
    async def plain() -> dict[str, Any]:
        return PAGE

    @get("/", component="Bench")
    async def deferred() -> dict[str, Any]:
        return {**PAGE, "stats": defer(lambda: 1)}

    found: dict[str, Trace] = {}
    async with AsyncExitStack() as stack:

        async def caller(page: Any, plugin: Any, headers: Callable[[str], Any]) -> Caller:
            app = Litestar([page], plugins=[plugin], openapi_config=None, logging_config=None)
            await stack.enter_async_context(app.lifespan())
            version = (
                (await Caller(app, NAVIGATION).check("text/html")).page["version"] if headers is visit_headers else ""
            )
            return Caller(app, headers(version))

        found["plain visit"] = await trace(await caller(plain, Ours().plugin(stack), visit_headers))
        found["visit, one deferred prop"] = await trace(await caller(deferred, Ours().plugin(stack), visit_headers))
        found["document, one deferred prop"] = await trace(
            await caller(deferred, Ours().plugin(stack), lambda _: NAVIGATION)
        )
        found["document, one deferred prop, SSR"] = await trace(
            await caller(deferred, Ours().ssr_plugin(stack, 0), lambda _: NAVIGATION)
        )
    return found


def main() -> int:
    """Print the counts. Exit with status 1 if one is above its goal."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.traced_calls", description=__doc__)
    parser.add_argument("--list", action="store_true", help="print each call")
    options = parser.parse_args()
    failed = False
    for name, traced in asyncio.run(measure()).items():
        max_calls, max_returns = GOALS.get(name, (None, None))
        goals = f"(at most {max_calls} calls, {max_returns or 'any number of'} returns)" if max_calls else ""
        print(f"{name}: {len(traced.calls)} calls, {traced.returns} returns to a module that was left {goals}")
        failed |= len(traced.calls) > (max_calls or 1_000) or traced.returns > (max_returns or 1_000)
        for module, function in traced.calls if options.list else ():
            print(f"    {module}: {function}")
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
