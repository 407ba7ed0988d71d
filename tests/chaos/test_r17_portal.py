"""R17: `DeferredProp.render(portal)` from every kind of thread, with every kind of portal, returns a value or raises
an error, and never hangs.

Each cell runs in a separate daemon thread under a watchdog of 5 seconds, so that a hang is reported.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.chaos import profile
from tests.chaos.results import Check, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.stage import Stage

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(profile.SUBJECT == "peer", reason="the cells render our own deferred props"),
]

WATCHDOG_SECONDS = 5.0
VALUE = 42


async def compute() -> int:
    await asyncio.sleep(0.001)
    return VALUE


def prop() -> Any:
    from litestar_vite.inertia import defer

    return defer(compute)


def no_loop_no_portal() -> Any:
    return prop().render()


def no_loop_portal_of_another_thread() -> Any:
    with start_blocking_portal() as portal:
        return prop().render(portal)


def no_loop_stopped_portal() -> Any:
    with start_blocking_portal() as portal:
        pass
    return prop().render(portal)


def on_the_loop_without_portal() -> Any:
    async def main() -> Any:
        return prop().render()

    return anyio.run(main)


def on_the_loop_with_its_own_portal() -> Any:
    async def main() -> Any:
        async with BlockingPortal() as portal:
            try:
                return prop().render(portal)
            except Exception as error:  # noqa: BLE001 - the portal's task group would wrap it in an exception group
                return error

    outcome = anyio.run(main)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def on_the_loop_with_the_portal_of_another_loop() -> Any:
    async def main() -> Any:
        with start_blocking_portal() as portal:
            return prop().render(portal)

    return anyio.run(main)


def on_the_loop_with_a_stopped_portal() -> Any:
    with start_blocking_portal() as portal:
        pass

    async def main() -> Any:
        return prop().render(portal)

    return anyio.run(main)


def in_a_worker_thread_without_portal() -> Any:
    async def main() -> Any:
        return await anyio.to_thread.run_sync(prop().render)

    return anyio.run(main)


def in_a_worker_thread_with_the_portal_of_its_loop() -> Any:
    async def main() -> Any:
        async with BlockingPortal() as portal:
            return await anyio.to_thread.run_sync(prop().render, portal)

    return anyio.run(main)


def in_a_worker_thread_with_the_portal_of_another_loop() -> Any:
    async def main() -> Any:
        with start_blocking_portal() as portal:
            return await anyio.to_thread.run_sync(prop().render, portal)

    return anyio.run(main)


def in_a_worker_thread_with_a_stopped_portal() -> Any:
    async def main() -> Any:
        with start_blocking_portal() as portal:
            pass
        return await anyio.to_thread.run_sync(prop().render, portal)

    return anyio.run(main)


def nested_on_the_portals_loop() -> Any:
    """Render an async prop that itself renders another one on the loop of the same portal."""
    from litestar_vite.inertia import defer

    with start_blocking_portal() as portal:

        async def outer() -> Any:
            return prop().render(portal)

        return defer(outer).render(portal)


def nested_in_threads() -> Any:
    """Render an async prop that itself renders another one in a worker thread, through the same portal."""
    from litestar_vite.inertia import defer

    with start_blocking_portal() as portal:

        async def outer() -> Any:
            return await anyio.to_thread.run_sync(prop().render, portal)

        return defer(outer).render(portal)


def nested_portals() -> Any:
    with start_blocking_portal() as outer, start_blocking_portal() as inner:
        return outer.call(anyio.to_thread.run_sync, prop().render, inner)


def many_threads_share_one_portal() -> Any:
    async def main() -> Any:
        async with BlockingPortal() as portal, asyncio.TaskGroup() as group:
            tasks = [group.create_task(anyio.to_thread.run_sync(prop().render, portal)) for _ in range(40)]
        return VALUE if {task.result() for task in tasks} == {VALUE} else None

    return anyio.run(main)


REFUSED = (on_the_loop_without_portal, on_the_loop_with_its_own_portal, on_the_loop_with_the_portal_of_another_loop)
# Each cell with the remedy that its error must name; None if the cell must return a value.
CELLS: list[tuple[Callable[[], Any], str | None]] = [
    (no_loop_no_portal, None),
    (no_loop_portal_of_another_thread, None),
    (no_loop_stopped_portal, "Call render() without a portal"),
    *[(cell, "Await the callable") for cell in REFUSED],
    (on_the_loop_with_a_stopped_portal, "Await the callable"),
    (in_a_worker_thread_without_portal, None),
    (in_a_worker_thread_with_the_portal_of_its_loop, None),
    (in_a_worker_thread_with_the_portal_of_another_loop, None),
    (in_a_worker_thread_with_a_stopped_portal, "Call render() without a portal"),
    (nested_on_the_portals_loop, "Await the callable"),
    (nested_in_threads, None),
    (nested_portals, None),
    (many_threads_share_one_portal, None),
]


def watched(cell: Callable[[], Any]) -> tuple[str, str]:
    """Run a cell. Returns "value", "wrong value", "refused" or "hangs", and the value, the error or the stack."""
    outcome: list[tuple[str, str]] = []

    def run() -> None:
        try:
            value = cell()
            outcome.append(("value" if value == VALUE else "wrong value", repr(value)))
        except Exception as error:  # noqa: BLE001 - the test checks its type
            outcome.append(("refused", f"{type(error).__name__}: {error}"))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(WATCHDOG_SECONDS)
    if thread.is_alive():
        frame = sys._current_frames().get(thread.ident or 0)
        return "hangs", "".join(traceback.format_stack(frame)[-3:])
    return outcome[0]


@pytest.mark.parametrize(("cell", "remedy"), CELLS, ids=[cell.__name__ for cell, _ in CELLS])
def test_a_deferred_prop_is_rendered_or_refused_and_never_hangs(
    stage: Stage, cell: Callable[[], Any], remedy: str | None
) -> None:
    def run(row: Row) -> None:
        verdict, words = watched(cell)
        row.notes.append(f"{verdict}: {words[:90]}")
        if remedy is None:
            row.checks.append(Check(f"a value ({words})", verdict == "value"))
        else:
            row.checks.append(
                Check(
                    f"an error that says what to do ({words})",
                    verdict == "refused" and remedy in words and "BlockingRenderError" in words,
                )
            )

    stage.measure("R17", "-", cell.__name__.replace("_", " "), 0, run)
