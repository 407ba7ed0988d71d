"""Checks of how an app uses its front end: Inertia, a single-page application or templates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from litestar_vite._assets.loader import AssetLoader
from litestar_vite._assets.templates import TemplateAssets, engine_folders
from litestar_vite._cli.doctor.diagnosis import Diagnosis, Finding
from litestar_vite._routes import handlers
from litestar_vite.exceptions import ConfigError

_CALL: Final = re.compile(r"\b(?P<function>vite|vite_asset)\((?P<names>\s*(?:\"[^\"]*\"|'[^']*')[^)]*)\)")
_NAME: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_TEMPLATES: Final = frozenset({".html", ".jinja", ".jinja2", ".j2", ".mako", ".htm"})


def mode(project: Diagnosis) -> Iterator[Finding]:
    """Check that something shows the front end."""
    app, config = project.app, project.config
    if app is None or not project.has_plugin or config.inertia is not None or config.spa is not None:
        return
    if app.template_engine is None and not any(project.component_routes()):
        yield Finding(
            "no-mode",
            "VitePlugin serves files, but no pages: inertia and spa are off, and the app has no template engine.",
            "Set ViteConfig(spa=True), ViteConfig(inertia=InertiaConfig()) or Litestar(template_config=...). "
            "To serve files only, ignore this.",
            is_fatal=False,
        )


def single_page(project: Diagnosis) -> Iterator[Finding]:
    """Check that a single-page application has its document and its pages, and that it can read the CSRF cookie."""
    app, config = project.app, project.config
    if app is None or config.spa is None:
        return
    if not config.index_html.is_file() and not (config.bundle_dir / config.vite.index_html).is_file():
        yield Finding(
            "no-index-html",
            f"ViteConfig.spa is on, but '{config.index_html}' does not exist. Pages have a built-in document.",
            "Create index.html with the element and the module script of your application.",
            is_fatal=False,
        )
    hidden = sorted(
        {path for path, handler in handlers(app) if path.startswith("/{") and "GET" in handler.http_methods}
    )
    if hidden:
        yield Finding(
            "hidden-pages",
            f"The route '{hidden[0]}' answers pages of the single-page application, since routes take precedence.",
            "Move the route below a path of its own, such as '/api'.",
            is_fatal=False,
        )
    csrf: Any = app.csrf_config
    if csrf is not None and csrf.cookie_httponly:
        yield Finding(
            "hidden-csrf-cookie",
            f"CSRFConfig(cookie_httponly=True) hides the cookie '{csrf.cookie_name}' from JavaScript, so the "
            f"application cannot send it back in the header '{csrf.header_name}', and is refused with 403.",
            "Omit cookie_httponly.",
        )


def templates(project: Diagnosis) -> Iterator[Finding]:
    """Check that the names in `vite()` and `vite_asset()` of templates exist."""
    app = project.app
    if app is None or not project.has_plugin or app.template_engine is None:
        return
    config = project.config
    known = TemplateAssets(config, AssetLoader(config))
    for path in _template_files(app.template_engine):
        for call in _CALL.finditer(path.read_text("utf-8", "replace")):
            for name in (first or second for first, second in _NAME.findall(call["names"])):
                try:
                    known.tags(name) if call["function"] == "vite" else known.url(name)
                except ConfigError as error:
                    yield Finding(
                        "template-entry",
                        f"'{path.name}' calls {call['function']}({name!r}): {error}",
                        "Correct the name, or add it to input: litestar({ input: [...] }), then: litestar assets build",
                    )


MODE_CHECKS: Final = (mode, single_page, templates)


def _template_files(engine: Any) -> Iterator[Path]:
    for folder in engine_folders(engine):
        yield from sorted(path for path in Path(folder).rglob("*") if path.suffix in _TEMPLATES and path.is_file())
