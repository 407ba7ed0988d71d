"""The application: the home page, error pages and the Vite plugin."""

import os
import secrets
from pathlib import Path

from guestbook import book, guestbook_router
from litestar import Litestar, Request, Response, get
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import HTTPException
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, InertiaResponse, defer

HERE = Path(__file__).parent
SECRET_FILE = HERE / ".secret-key"
# Signs CSRF and flash cookies. Set SECRET_KEY in production; in development, a file that git ignores is used.
SECRET_KEY = os.environ.get("SECRET_KEY") or (
    SECRET_FILE.read_text() if SECRET_FILE.is_file() else secrets.token_urlsafe(32)
)


@get("/", component="Home", name="home")
async def home() -> dict[str, object]:
    """Return the page without `activity`, which the browser loads afterwards while it shows a placeholder."""
    return {"framework": "__FRAMEWORK__", "activity": defer(book.activity)}


def error_page(_: Request, error: Exception) -> Response:
    """Render an exception as a page."""
    status = getattr(error, "status_code", 500)
    return InertiaResponse({"status": status}, component="Errors/Error", status_code=status)


vite = VitePlugin(
    ViteConfig(
        root=HERE,
        inertia=InertiaConfig(
            share={"site": "__TITLE__"},
            secret=SECRET_KEY,
            ssr=True,  # [only: ssr]
        ),
    )
)

app = Litestar(
    [home, guestbook_router],
    plugins=[vite],
    exception_handlers={HTTPException: error_page, 500: error_page},
    csrf_config=CSRFConfig(secret=SECRET_KEY),
)
