"""The database: SQLite by default, PostgreSQL with `DATABASE_URL=postgresql+asyncpg://…`."""

import asyncio
from typing import Any, TypeAlias

from advanced_alchemy.alembic.commands import AlembicCommands
from advanced_alchemy.extensions.litestar import AlembicAsyncConfig, AsyncSessionConfig, SQLAlchemyAsyncConfig
from litestar.di import NamedDependency
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

from backend import models  # noqa: F401 - migrations compare the database with these tables
from backend.settings import ROOT, settings

# For handlers: `db_session: DB` is the transaction of the request.
DB: TypeAlias = NamedDependency[AsyncSession]

engine = create_async_engine(settings.database_url)

if engine.dialect.name == "sqlite":

    @event.listens_for(engine.sync_engine, "connect")
    def prepare_sqlite(connection: Any, _: Any) -> None:
        """Enforce foreign keys, and let readers and one writer work at the same time."""
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.close()


database = SQLAlchemyAsyncConfig(
    engine_instance=engine,
    # A request is a transaction. The response to a form is a redirect, so redirects commit too.
    before_send_handler="autocommit_include_redirects",
    # Rows stay readable after a commit: pages are built from them.
    session_config=AsyncSessionConfig(expire_on_commit=False),
    alembic_config=AlembicAsyncConfig(script_location=str(ROOT / "migrations"), version_table_name="alembic_version"),
)


async def migrate_in_development() -> None:
    """Run missing migrations. In production, `litestar database upgrade` does this once per release."""
    if settings.environment == "development":
        # Alembic starts a separate event loop.
        await asyncio.to_thread(AlembicCommands(database).upgrade)
