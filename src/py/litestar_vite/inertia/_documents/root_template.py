"""Template mode: the app's template engine renders the document, instead of the shell.

The template gets `vite()` (tags of the entry, or of the entries named), `inertia_head` and `inertia`, all safe HTML,
and the response's view data. Any template engine for Litestar works; Jinja is the extra `litestar-vite[jinja]`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar_vite._assets.tags import SafeHTML, fill_nonce
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar_vite.inertia._page.request import InertiaRequest


def render_template(
    inertia: InertiaRequest,
    name: str,
    head: bytes,
    element: bytes,
    page_tags: bytes,
    view_data: Mapping[str, Any],
    nonce: str | None,
) -> bytes:
    """Render the root template of a page.

    Raises:
        ConfigError: No template engine is configured.
    """
    engine = inertia.app.template_engine
    if engine is None:
        msg = f"The root template {name!r} needs a template engine. Set Litestar(template_config=TemplateConfig(...))."
        raise ConfigError(msg)
    assets = inertia.context.assets

    def safe(html: bytes) -> SafeHTML:
        return SafeHTML(fill_nonce(html, nonce).decode())

    def vite(*entries: str) -> SafeHTML:
        return safe(assets.tags(*entries))

    template: Any = engine.get_template(name)
    rendered: str = template.render(
        **view_data,
        vite=vite,
        # Not filled in: a NUL in rendered text, such as a title, must not be replaced by the nonce.
        inertia_head=SafeHTML((page_tags + head).decode()),
        inertia=SafeHTML(element.decode()),
        csp_nonce=nonce,
    )
    return rendered.encode()
