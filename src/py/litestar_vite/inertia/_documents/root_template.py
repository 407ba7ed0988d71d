"""Template mode: the app's template engine renders the document, instead of the shell.

The template gets `vite()` (tags of the entry, or of the entries named), `inertia_head` and `inertia`, all safe HTML,
and the response's view data. The page's preloads depend on the entries that the template has named, so they are filled
in last. Any template engine for Litestar works; Jinja is the extra `litestar-vite[jinja]`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from secrets import token_hex
from typing import Any, Final

from litestar_vite._assets.tags import SafeHTML, fill_nonce
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._page.request import InertiaRequest

# Stands for the page's tags in a rendered template. Random, so that no text of a user can contain it.
_PAGE_TAGS: Final = f"<!--{token_hex(16)}-->"

# Root templates of the older litestar-vite have `data-page='{{ inertia }}'`. In a page, "<" is escaped.
_OLDER_ELEMENT: Final = re.compile(r"""\bdata-page=["']<(?:script|div)\b""")


def render_template(
    inertia: InertiaRequest,
    name: str,
    component: str,
    head: bytes,
    element: bytes,
    view_data: Mapping[str, Any],
    nonce: str | None,
    *,
    scripts: bool = True,
) -> bytes:
    """Render the root template of a page. Without `scripts`, `vite()` returns the tags of styles only.

    Raises:
        ConfigError: No template engine is configured; or, in debug mode and development, the template is one for the
            older litestar-vite, whose page stays blank.
    """
    engine = inertia.app.template_engine
    if engine is None:
        raise ConfigError(
            f"The root template {name!r} needs a template engine. Set Litestar(template_config=TemplateConfig(...))."
        )
    assets = inertia.context.assets
    named: list[str | None] = []

    def safe(html: bytes) -> SafeHTML:
        return SafeHTML(fill_nonce(html, nonce).decode())

    def vite(*entries: str) -> SafeHTML:
        named.extend(entries or (None,))
        return safe(assets.tags(*entries, scripts=scripts))

    template: Any = engine.get_template(name)
    rendered: str = template.render(
        **view_data,
        vite=vite,
        # No nonce: a NUL in rendered text, such as a title, must not be replaced by it.
        inertia_head=SafeHTML(_PAGE_TAGS + head.decode()),
        inertia=SafeHTML(element.decode()),
        csp_nonce=nonce,
    )
    if (inertia.app.debug or inertia.context.is_development) and _OLDER_ELEMENT.search(rendered):
        raise ConfigError(
            f"The root template {name!r} has {{{{ inertia }}}} in the attribute data-page. {{{{ inertia }}}} is the "
            'whole element: write it instead of <div id="app" data-page=…></div>. See docs/migration.md.'
        )
    page_tags = safe(assets.page_tags_beside(component, tuple(named), scripts=scripts))
    return rendered.replace(_PAGE_TAGS, page_tags, 1).encode()
