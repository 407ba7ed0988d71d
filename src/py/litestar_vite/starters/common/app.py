"""The application: the home page, logging and the Vite plugin."""

import os
import secrets
from pathlib import Path

from guestbook import book, guestbook_router
from litestar import Litestar, get
from litestar.config.csrf import CSRFConfig
from litestar.logging import LoggingConfig
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, defer

HERE = Path(__file__).parent
SECRET_FILE = HERE / ".secret-key"
# Signs CSRF and flash cookies. Set SECRET_KEY in production; in development, a file that git ignores is used.
SECRET_KEY = os.environ.get("SECRET_KEY") or (
    SECRET_FILE.read_text() if SECRET_FILE.is_file() else secrets.token_urlsafe(32)
)


@get("/", component="Home", name="home")
async def home() -> dict[str, object]:
    """Return the page. The browser loads `activity` afterwards, unless it is known to take less than 50 ms."""
    return {"framework": "__FRAMEWORK__", "activity": defer(book.activity, inline_within_ms=50)}


vite = VitePlugin(
    ViteConfig(
        root=HERE,
        inertia=InertiaConfig(
            share={"site": "__TITLE__"},
            secret=SECRET_KEY,
            error_page="Errors/Error",
            ssr=True,  # [only: ssr]
        ),
    )
)

app = Litestar(
    [home, guestbook_router],
    plugins=[vite],
    # Litestar's default logs exceptions in debug mode only. Errors of clients (4xx) are left out.
    logging_config=LoggingConfig(log_exceptions="always", disable_stack_trace={*range(400, 500)}),
    csrf_config=CSRFConfig(secret=SECRET_KEY),
)
