"""Alembic's environment. The commands of `litestar database` run it."""

import asyncio

from advanced_alchemy.base import metadata_registry
from alembic import context
from sqlalchemy import Connection, NullPool
from sqlalchemy.ext.asyncio import create_async_engine

from backend.settings import settings


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata_registry.get(None),
        version_table=context.config.version_table_name,
        # Advanced Alchemy's column types are written as types.DateTimeUTC(): script.py.mako imports them.
        user_module_prefix="types.",
        # SQLite changes a table by copying it.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_database() -> None:
    # A separate engine, since the app's engine belongs to another event loop and enforces foreign keys.
    engine = create_async_engine(settings.database_url, poolclass=NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(migrate)


asyncio.run(migrate_database())
