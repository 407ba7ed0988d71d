"""The application: its pages, the plugin, and what visitors see when something goes wrong."""

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
# Signs the cookies of forms and flash messages. On a server it comes from the environment, on your machine from a file that git does not see.
SECRET_KEY = os.environ.get("SECRET_KEY") or (
    SECRET_FILE.read_text() if SECRET_FILE.is_file() else secrets.token_urlsafe(32)
)


@get("/", component="Home", name="home")
async def home() -> dict[str, object]:
    """Answer at once; the browser fetches `activity` right after, while it shows a placeholder."""
    return {"framework": "__FRAMEWORK__", "activity": defer(book.activity)}


def error_page(_: Request, error: Exception) -> Response:
    """Show an error as a page like any other."""
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
