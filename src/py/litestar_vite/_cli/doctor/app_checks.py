"""Checks of the Litestar app."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, Final

from litestar_vite._cli.doctor.diagnosis import Diagnosis, Finding
from litestar_vite.inertia._litestar.csrf import COOKIE, HEADER
from litestar_vite.inertia._litestar.transactions import COMMIT_SETTING, rolls_back_redirects
from litestar_vite.inertia._secret import derived_secret

_WEBSOCKET_PACKAGES: Final = ("websockets", "wsproto", "granian", "hypercorn")


def app_import(project: Diagnosis) -> Iterator[Finding]:
    """Check that the app can be imported."""
    if project.app_error is not None:
        yield Finding(
            "app-import",
            f"The app cannot be imported: {project.app_error}",
            "Fix this first: the other checks need the app.",
        )


def plugin(project: Diagnosis) -> Iterator[Finding]:
    """Check that the app uses VitePlugin, and configures Inertia if its routes name components."""
    if project.app is not None and not project.has_plugin:
        yield Finding(
            "no-plugin",
            "The app does not use VitePlugin, so it serves no pages.",
            "Add it: Litestar(..., plugins=[VitePlugin(ViteConfig(inertia=InertiaConfig(ssr=True)))]), or with "
            "ViteConfig(spa=True) for a single-page application.",
        )
    elif project.app is not None and project.config.inertia is None and any(project.component_routes()):
        component, path = next(project.component_routes())
        yield Finding(
            "no-inertia",
            f"The route '{path}' names the component '{component}', but ViteConfig.inertia is not set. "
            "The route returns plain JSON.",
            "Set it: ViteConfig(inertia=InertiaConfig())",
        )


def csrf_names(project: Diagnosis) -> Iterator[Finding]:
    """Check that CSRF protection uses the names that the Inertia client expects."""
    csrf: Any = project.app.csrf_config if project.app is not None else None
    if csrf is None or project.config.inertia is None:
        return
    if csrf.cookie_name != COOKIE or csrf.header_name.lower() != HEADER.lower() or csrf.cookie_httponly:
        yield Finding(
            "csrf-names",
            f"CSRFConfig uses the cookie '{csrf.cookie_name}' and the header '{csrf.header_name}'"
            f"{', and hides the cookie from JavaScript' if csrf.cookie_httponly else ''}. "
            "The Inertia client reads XSRF-TOKEN and sends X-XSRF-TOKEN, so every form is rejected with 403.",
            "Omit the names and cookie_httponly: CSRFConfig(secret=...) gets matching defaults.",
        )


def secret(project: Diagnosis) -> Iterator[Finding]:
    """Check that a secret is set, and that Vite does not expose it to the browser."""
    for name in (".env", ".env.local", ".env.production"):
        path = project.root / name
        if path.is_file() and "VITE_INERTIA_SECRET" in path.read_text("utf-8", "replace"):
            yield Finding(
                "public-secret",
                f"'{name}' contains VITE_INERTIA_SECRET. Vite exposes variables prefixed with VITE_ to the browser.",
                "Rename it to INERTIA_SECRET, or use InertiaConfig(secret=...). "
                "If a build was published with it, choose a new secret.",
            )
    app = project.app
    is_named = app is None or project.config.inertia is None or not project.config.secret_is_ephemeral
    if app is not None and not is_named and derived_secret(app.csrf_config, app.middleware) is None:
        yield Finding(
            "no-secret",
            "No secret is set, and the app has no CSRF or cookie session secret to derive it from. It is shared by the "
            "processes of this machine, so flash messages and errors are lost with several machines.",
            "Set InertiaConfig(secret=...) or the environment variable INERTIA_SECRET to a random string.",
            is_fatal=False,
        )


def asset_url(project: Diagnosis) -> Iterator[Finding]:
    """Check that pages and built files do not share URLs. Conflicting routes already fail when the app is created."""
    prefix = project.config.asset_url
    if prefix == "/":
        yield Finding(
            "asset-url-taken",
            "ViteConfig.asset_url is '/', so built files and pages share their URLs.",
            "Serve the files under a separate path, such as '/static/'.",
            is_fatal=False,
        )


def websockets(project: Diagnosis) -> Iterator[Finding]:
    """Check that the server supports WebSockets, which hot updates need."""
    if project.app is not None and not any(find_spec(name) for name in _WEBSOCKET_PACKAGES):
        yield Finding(
            "no-websockets",
            "No WebSocket package for uvicorn is installed, so hot updates do not reach the browser.",
            "pip install 'litestar-vite[cli]'",
            is_fatal=False,
        )


def transactions(project: Diagnosis) -> Iterator[Finding]:
    """Check that what a form writes is committed although it is answered by a redirect."""
    if project.app is not None and project.config.inertia is not None and rolls_back_redirects(project.app):
        yield Finding(
            "lost-writes",
            "Advanced Alchemy's 'autocommit' rolls back what a form wrote, because forms are answered by a redirect.",
            f"Set {COMMIT_SETTING}, or commit in the handlers.",
            is_fatal=False,
        )


APP_CHECKS: Final = (app_import, plugin, csrf_names, secret, asset_url, websockets, transactions)
