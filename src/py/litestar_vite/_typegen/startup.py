"""Generates types when an app starts in development, and then compares each page that is sent with its type.

How it works: a thread reads the handlers while the server already responds. A failed start keeps the previous files."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from litestar import Litestar

from litestar_vite._typegen.page_guard import Guard, Show
from litestar_vite._typegen.project import generate, wants_types
from litestar_vite.config import ResolvedConfig
from litestar_vite.inertia._page.context import InertiaContext

logger = logging.getLogger("litestar_vite.types")


@asynccontextmanager
async def typed(
    app: Litestar, config: ResolvedConfig, context: InertiaContext, show: Show | None = None
) -> AsyncIterator[None]:
    """Write the types of an app, and check its pages against them until it shuts down. `show` is that of `Guard`."""
    if not wants_types(config):
        yield
        return
    task = asyncio.create_task(to_thread.run_sync(_write, app, config, context, show), name="litestar-vite-types")
    try:
        yield
    finally:
        await task
        context.check_page = None


def _write(app: Litestar, config: ResolvedConfig, context: InertiaContext, show: Show | None = None) -> None:
    try:
        generated = generate(app, config)
        if generated is None:
            return
        for path in generated.write():
            logger.info("%s written", path.relative_to(config.root))
        for found in generated.types.undeclared:
            logger.warning("%s", found.text(config.root))
    except Exception as error:  # The app works without types.
        logger.exception("The types of the pages cannot be written: %s", error)  # noqa: TRY401 - one line says what
        return
    context.check_page = Guard(generated.types, show)
