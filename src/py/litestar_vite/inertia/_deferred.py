"""The prop that `defer` returns, with its synchronous `render`."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any, TypeVar, cast

from litestar_vite.exceptions import BlockingRenderError
from litestar_vite.inertia._protocol.props import Prop

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal


T = TypeVar("T")


class DeferredProp(Prop[T]):
    """A prop that the client fetches after the page is shown.

    During a request, its callable is awaited on the request's own event loop, without a portal. `render` is for
    sync callers."""

    __slots__ = ()

    def render(self, portal: BlockingPortal | None = None) -> T:
        """Return the value in a thread without an event loop, for sync callers such as jobs and type encoders.

        A sync callable is called directly, on any thread.

        Args:
            portal: A running portal to the loop on which an async callable runs; the plugin's is
                `InertiaPlugin._portal`. Without one, a new event loop is started in a thread for this call, which costs
                about 2 ms.

        Raises:
            BlockingRenderError: The callable is async and this thread runs an event loop, or the portal has stopped.
                Waiting for a portal would block that loop, and deadlock if it is the portal's own.
        """
        if not _is_async(self.value):
            return cast("T", self._call_sync())
        _refuse_running_loop(self)
        if portal is None:
            from anyio.from_thread import start_blocking_portal

            with start_blocking_portal() as new_portal:
                return cast("T", new_portal.call(self._call_async))
        try:
            return cast("T", portal.call(self._call_async))
        except RuntimeError as error:
            if "portal is not running" not in str(error):
                raise
            raise BlockingRenderError(
                f"Cannot render {self!r}: the portal has stopped, the app is shutting down. Call render() "
                "without a portal."
            ) from error

    def _call_sync(self) -> Any:
        value = self.call()
        return value.call() if isinstance(value, Prop) else value

    async def _call_async(self) -> Any:
        value = self.call()
        if inspect.isawaitable(value):
            value = await value
        return value.call() if isinstance(value, Prop) else value


def _is_async(fn: Any) -> bool:
    """Return whether calling `fn` returns an awaitable. `functools.partial` and objects with an async `__call__` are
    looked through.
    """
    while hasattr(fn, "func") and hasattr(fn, "args"):
        fn = fn.func
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(getattr(fn, "__call__", None))  # noqa: B004


def _refuse_running_loop(prop: Prop[Any]) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise BlockingRenderError(
        f"Cannot render {prop!r} here: its callable is async and this thread runs an event loop, which render() would "
        "block. Await the callable, or put the prop directly into the dict that the handler returns (not into a list) "
        "and Litestar-Vite awaits it for you."
    )
