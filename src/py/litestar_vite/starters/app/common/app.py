"""The application. `litestar run` and granian find it here; everything else is in `backend`."""

from backend.account import account_router
from backend.auth import auth_router
from backend.auth.sessions import authentication, shared_auth
from backend.auth.throttle import attempts_store
from backend.cleaning import regular_cleaning
from backend.dashboard import dashboard, terms, welcome
from backend.database import database, migrate_in_development
from backend.errors import error_page
from backend.live import channels, live_config
from backend.projects import projects_router
from backend.settings import ROOT, settings
from backend.uploads import avatar
from litestar import Litestar
from litestar.config.csrf import CSRFConfig
from litestar.logging import LoggingConfig
from advanced_alchemy.extensions.litestar import SQLAlchemyPlugin
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

vite = VitePlugin(
    ViteConfig(
        root=ROOT,
        inertia=InertiaConfig(
            share={"site": settings.name, "auth": shared_auth},
            secret=settings.secret_key,
            # NotAuthorizedException, raised by a guard, redirects to the login page, and after login back.
            redirect_unauthorized_to="/login",
            error_page=error_page,
            # After a logout, the browser's back button does not show the user's pages.
            encrypt_history=True,
            # A header with a page's files. Proxies and CDNs can send it to browsers before the page is ready.
            early_hints=True,
            live=live_config,
            ssr=True,  # [only: ssr]
        ),
    )
)

app = Litestar(
    [welcome, terms, dashboard, auth_router, projects_router, account_router, avatar],
    plugins=[vite, SQLAlchemyPlugin(config=database), channels],
    middleware=[authentication],
    stores={"attempts": attempts_store},
    on_startup=[migrate_in_development],
    lifespan=[regular_cleaning],
    # Litestar's default logs exceptions in debug mode only. Errors of clients (4xx) are left out.
    logging_config=LoggingConfig(
        log_exceptions="always",
        disable_stack_trace={*range(400, 500)},
        loggers={"alembic": {"level": "WARNING"}},
    ),
    csrf_config=CSRFConfig(secret=settings.secret_key, cookie_secure=settings.is_https),
)
