"""Runs a Plan: calls and awaits the props that a visit receives.

How it works:
1. Props run one after another in the order of the page, since two of them may use one database session.
2. Props marked `concurrent` run together in one task group, before the others.
3. Async callables are awaited on the request's own event loop, sync ones are called inline or, if asked for, in a
   worker thread.
4. Deferred props that pages may send at once are measured. One that fails while its page is assembled is announced
   instead, so that the page is shown.

Runs inside the request's dependency scope: database sessions from yield-dependencies are still open.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import anyio
import anyio.to_thread

from litestar_vite.inertia._protocol.resolver import Node, Plan

Rescue = Callable[[str, Exception], None]
Run = Callable[[Plan, Node, Rescue], Awaitable[None] | None]


_VALUES: Final = frozenset({dict, list, str, int, float, bool, type(None), tuple})


async def evaluate(plan: Plan, on_rescue: Rescue, run_prop: Run | None = None, *, concurrent: bool = False) -> None:
    """Fill in every pending prop of the plan.

    Args:
        plan: The plan; afterwards nothing is pending and `tree` is complete.
        on_rescue: Called with the path and the error when a deferred prop with `rescue` fails.
        run_prop: Sets the value of a node; None for `run`.
        concurrent: Run all props together, not only those marked so.

    Raises:
        Exception: A prop's callable raised, and the prop is not rescued.
    """
    run_prop = run_prop or run
    while nodes := plan.pending:
        # Props found in values wait for the next round. Each node is visited once, so the cost is linear.
        plan.pending = []
        together = [node for node in nodes if concurrent or node.prop.concurrent]
        if len(together) > 1:
            await _run_together(plan, together, on_rescue, run_prop)
            nodes = [] if len(together) == len(nodes) else [node for node in nodes if not node.prop.concurrent]
        for node in nodes:
            if node.is_timed:
                await _run_timed(plan, node, on_rescue, run_prop)
            elif (rest := run_prop(plan, node, on_rescue)) is not None:
                await rest


async def _run_together(plan: Plan, nodes: list[Node], on_rescue: Rescue, run_prop: Run) -> None:
    try:
        async with anyio.create_task_group() as group:
            for node in nodes:
                group.start_soon(_run_in_task, plan, node, on_rescue, run_prop)
    except BaseExceptionGroup as errors:
        # The user's exception handlers look for the exception their prop raised, not for a group around it.
        raise _first(errors) from errors


async def _run_in_task(plan: Plan, node: Node, on_rescue: Rescue, run_prop: Run) -> None:
    if node.is_timed:
        await _run_timed(plan, node, on_rescue, run_prop)
    elif (rest := run_prop(plan, node, on_rescue)) is not None:
        await rest


async def _run_timed(plan: Plan, node: Node, on_rescue: Rescue, run_prop: Run) -> None:
    """Run a deferred prop and measure it. If it fails while its page is assembled, the client fetches it."""
    started = time.perf_counter()
    try:
        if (rest := run_prop(plan, node, on_rescue)) is not None:
            await rest
    except Exception:
        if plan.situation.durations is not None:
            plan.situation.durations.forget((node.path,))
        if plan.situation.is_partial:
            raise
        plan.put_off(node)
    else:
        plan.measured[node.path] = (time.perf_counter() - started) * 1000


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def run(plan: Plan, node: Node, on_rescue: Rescue) -> Awaitable[None] | None:
    """Set the value of a node. Return an awaitable for the rest; None if the value is already set."""
    prop = node.prop
    if prop.sync_to_thread and prop.is_callable:
        return _await(plan, node, anyio.to_thread.run_sync(prop.call), on_rescue)
    try:
        value: Any = prop.call()
    except Exception as error:
        if not _is_rescued(plan, node):
            raise
        _rescue(plan, node, error, on_rescue)
        return None
    # `isawaitable` checks an abstract class, which costs a hundred times more than this type check.
    if type(value) not in _VALUES and inspect.isawaitable(value):
        return _await(plan, node, value, on_rescue)
    plan.settle(node, value)
    return None


async def _await(plan: Plan, node: Node, awaitable: Awaitable[Any], on_rescue: Rescue) -> None:
    try:
        value = await awaitable
        if type(value) not in _VALUES and inspect.isawaitable(value):  # A worker thread returned it.
            value = await value
    except Exception as error:
        if not _is_rescued(plan, node):
            raise
        _rescue(plan, node, error, on_rescue)
    else:
        plan.settle(node, value)


def _is_rescued(plan: Plan, node: Node) -> bool:
    """Return whether an error leaves the prop out. If the page is sent with the prop, the client fetches it instead."""
    return node.prop.rescue and (plan.situation.is_partial or not node.is_timed)


def _rescue(plan: Plan, node: Node, error: Exception, on_rescue: Rescue) -> None:
    plan.rescue(node)
    on_rescue(node.path, error)
