"""Mistakes on the Python side."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from litestar_vite.cli.doctor.diagnosis import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar_vite.cli.doctor.diagnosis import Diagnosis

__all__ = ("APP_CHECKS",)

_WEBSOCKET_PACKAGES: Final = ("websockets", "wsproto", "granian", "hypercorn")
_COOKIE: Final = "XSRF-TOKEN"
_HEADER: Final = "x-xsrf-token"


def app_import(project: Diagnosis) -> Iterator[Finding]:
    """The app cannot be imported."""
    if project.app_error is not None:
        yield Finding(
            "app-import",
            f"The app cannot be imported: {project.app_error}",
            "Mend that first; the other checks need the app.",
        )


def plugin(project: Diagnosis) -> Iterator[Finding]:
    """The app does not use the plugin, or not its Inertia half."""
    if project.app is not None and not project.has_plugin:
        yield Finding(
            "no-plugin",
            "The app does not use VitePlugin, so that it serves no pages.",
            "Add it: Litestar(..., plugins=[VitePlugin(ViteConfig(inertia=InertiaConfig(ssr=True)))])",
        )
    elif project.app is not None and project.config.inertia is None and any(project.component_routes()):
        component, path = next(project.component_routes())
        yield Finding(
            "no-inertia",
            f"The route '{path}' names the component '{component}', but ViteConfig.inertia is not set, so that it answers with JSON.",
            "Set it: ViteConfig(inertia=InertiaConfig())",
        )


def csrf_names(project: Diagnosis) -> Iterator[Finding]:
    """CSRF protection under names that the Inertia client does not know."""
    csrf: Any = project.app.csrf_config if project.app is not None else None
    if csrf is None or project.config.inertia is None:
        return
    if csrf.cookie_name != _COOKIE or csrf.header_name.lower() != _HEADER or csrf.cookie_httponly:
        yield Finding(
            "csrf-names",
            f"CSRFConfig uses the cookie '{csrf.cookie_name}' and the header '{csrf.header_name}'"
            f"{', and hides the cookie from JavaScript' if csrf.cookie_httponly else ''}. The Inertia client reads XSRF-TOKEN and sends "
            "X-XSRF-TOKEN, so that every form is refused with 403.",
            "Leave names and cookie_httponly out: CSRFConfig(secret=...) gets those that fit.",
        )


def secret(project: Diagnosis) -> Iterator[Finding]:
    """A secret that is made up at every start, or one that Vite would show to everybody."""
    for name in (".env", ".env.local", ".env.production"):
        path = project.root / name
        if path.is_file() and "VITE_INERTIA_SECRET" in path.read_text("utf-8", "replace"):
            yield Finding(
                "public-secret",
                f"'{name}' holds VITE_INERTIA_SECRET. Vite gives every variable that begins with VITE_ to the browser's code.",
                "Call it INERTIA_SECRET, or use InertiaConfig(secret=...). If a build was published with it, choose a new secret.",
            )
    if project.app is not None and project.config.inertia is not None and project.config.secret_is_ephemeral:
        yield Finding(
            "no-secret",
            "No secret is set: it is made up at every start, so that flash messages and errors get lost with several processes or after a "
            "restart.",
            "Set InertiaConfig(secret=...) or the variable INERTIA_SECRET to a random string.",
            is_fatal=False,
        )


def asset_url(project: Diagnosis) -> Iterator[Finding]:
    """Built files and pages share their addresses. A route that lies in their way is refused when the app is made."""
    prefix = project.config.asset_url
    if prefix == "/":
        yield Finding(
            "asset-url-taken",
            "ViteConfig.asset_url is '/', so that files and pages share their addresses.",
            "Give the files a path of their own, such as '/static/'.",
            is_fatal=False,
        )


def websockets(project: Diagnosis) -> Iterator[Finding]:
    """The server has no package for WebSockets: no hot reloading through the app's port."""
    if project.app is not None and not any(find_spec(name) for name in _WEBSOCKET_PACKAGES):
        yield Finding(
            "no-websockets",
            "uvicorn has no package for WebSockets, so that pages do not change in the browser as you save.",
            "pip install 'litestar-vite[cli]'",
            is_fatal=False,
        )


APP_CHECKS: Final = (app_import, plugin, csrf_names, secret, asset_url, websockets)
