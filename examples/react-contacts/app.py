"""Kontor, a small address book: Litestar, SQLAlchemy, Vite, Inertia and React with server-side rendering."""

import os
import secrets
from pathlib import Path
from typing import Any

from advanced_alchemy.extensions.litestar import AsyncSessionConfig, SQLAlchemyAsyncConfig, SQLAlchemyPlugin
from contacts import contacts_router
from feedback import feedback_router
from litestar import Litestar, Request, Response, get
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import HTTPException
from litestar.response import Redirect
from models import Contact
from organisations import organisations_router
from seed import seed

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, InertiaResponse, LiveConfig

HERE = Path(__file__).parent
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(32)

database = SQLAlchemyAsyncConfig(
    connection_string=os.environ.get("DATABASE_URL", f"sqlite+aiosqlite:///{HERE / 'contacts.sqlite3'}"),
    # Rows stay readable after a commit: the pages are built from them.
    session_config=AsyncSessionConfig(expire_on_commit=False),
)


async def prepare_database() -> None:
    """Create and fill the tables, all or nothing."""
    async with database.get_engine().begin() as connection:
        await connection.run_sync(Contact.metadata.create_all)
        await seed(connection)


def current_user(_: Request) -> dict[str, Any]:
    """Return the signed-in user. The demo has one user; a real app reads it from the request."""
    return {"user": {"name": "Robin Ek", "email": "robin@kontor.example"}}


@get("/")
async def home() -> Redirect:
    return Redirect("/contacts")


def error_page(_: Request, exc: Exception) -> Response:
    """Show an error as a page like any other, instead of JSON."""
    status = getattr(exc, "status_code", 500)
    return InertiaResponse({"status": status}, component="Errors/Error", status_code=status)


# Without a session, flash messages and errors are kept in a signed cookie. A session could lose them: each response
# writes the whole session, so a prefetch during a form submission would restore the previous state.
vite = VitePlugin(
    ViteConfig(
        root=HERE,
        inertia=InertiaConfig(
            ssr=True,
            # Browsers load a page's files while its handler runs, if the server or a proxy sends "103 Early Hints":
            # uvicorn app:app --http zttp --http2 --ssl-certfile … --ssl-keyfile …
            early_hints=True,
            share={"auth": current_user},
            secret=SECRET_KEY,
            live=LiveConfig(channels=["contact.{contact_id}"]),
        ),
    )
)
# The events of live props. With several processes, they go through Redis: RedisChannelsStreamBackend.
channels = ChannelsPlugin(MemoryChannelsBackend(history=100), arbitrary_channels_allowed=True)

app = Litestar(
    [home, contacts_router, organisations_router, feedback_router],
    plugins=[SQLAlchemyPlugin(config=database), channels, vite],
    on_startup=[prepare_database],
    exception_handlers={HTTPException: error_page, 500: error_page},
    # The names that the Inertia client reads and sends; the cookie must be readable from JavaScript.
    csrf_config=CSRFConfig(
        secret=SECRET_KEY,
        cookie_name="XSRF-TOKEN",
        header_name="X-XSRF-TOKEN",
        cookie_httponly=False,
    ),
)
