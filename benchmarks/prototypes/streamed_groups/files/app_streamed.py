"""The contacts example with three ways to send deferred groups, chosen by WAY, and a count of held connections."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator
from typing import Any

import contacts
from advanced_alchemy.base import orm_registry  # noqa: F401 - the tables
from litestar import Litestar, Request, get
from litestar.di import Provide
from models import Contact
from seed import seed
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from streaming import StreamGroups

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

WAY = os.environ["WAY"]
GROUP_SECONDS = float(os.environ["GROUP_MS"]) / 1000
# SQLite's default pool shares one connection. With a size, it is a queue, as for database servers.
engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=5)
maker = async_sessionmaker(engine, expire_on_commit=False)
held: list[float] = []
checkouts: dict[int, float] = {}


@event.listens_for(engine.sync_engine, "checkout")
def checked_out(connection: Any, *_: Any) -> None:
    checkouts[id(connection)] = time.perf_counter()


@event.listens_for(engine.sync_engine, "checkin")
def checked_in(connection: Any, *_: Any) -> None:
    if (since := checkouts.pop(id(connection), None)) is not None:
        held.append((time.perf_counter() - since) * 1000)


async def own_session() -> AsyncGenerator[AsyncSession, None]:
    async with maker() as session:
        yield session


async def held_session(request: Request) -> AsyncSession:
    return request.scope["held_session"]


load_activity = contacts.load_activity


async def slow_activity(session: AsyncSession, contact: Contact) -> Any:
    found = await load_activity(session, contact)
    await asyncio.sleep(GROUP_SECONDS)
    return found


contacts.load_activity = slow_activity


@get("/held")
async def take_held() -> list[float]:
    taken = list(held)
    held.clear()
    return taken


async def prepare() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Contact.metadata.create_all)
        await seed(connection)


provider = held_session if WAY == "open" else own_session
inner = Litestar(
    [contacts.contacts_router, take_held],
    plugins=[
        VitePlugin(
            ViteConfig(inertia=InertiaConfig(ssr=True, share={"auth": {"user": None}}, secret="for a benchmark only"))
        )
    ],
    dependencies={"db_session": Provide(provider)},
    on_startup=[prepare],
)
app = inner if WAY == "today" else StreamGroups(inner, maker if WAY == "open" else None)
