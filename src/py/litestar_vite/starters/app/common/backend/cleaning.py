"""Deletes expired data: sessions, and the counters of attempts. Add other data of your app that expires."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from litestar import Litestar
from sqlalchemy import delete

from backend.auth.throttle import attempts_store
from backend.database import database
from backend.models import UserSession

logger = logging.getLogger(__name__)

# Soon after the start too, so that an app that is deployed every hour is cleaned as well.
FIRST_SECONDS = 60
EVERY_SECONDS = 3600


async def clean() -> None:
    async with database.get_session() as db_session:
        await db_session.execute(delete(UserSession).where(UserSession.expires_at <= datetime.now(UTC)))
        await db_session.commit()
    # A RedisStore deletes expired keys itself, and does not have this method.
    async with attempts_store:
        await attempts_store.delete_expired()


@asynccontextmanager
async def regular_cleaning(_: Litestar) -> AsyncIterator[None]:
    """Clean every hour while the app runs. Each process does this; the second one finds nothing to delete."""
    task = asyncio.create_task(_clean_regularly())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def _clean_regularly() -> None:
    wait = FIRST_SECONDS
    while True:
        await asyncio.sleep(wait)
        wait = EVERY_SECONDS
        try:
            await clean()
        except Exception:
            # For example, because the database restarts. The next run may succeed.
            logger.exception("Expired sessions and counters could not be deleted.")


if __name__ == "__main__":
    asyncio.run(clean())
