"""The document of a page without JavaScript (`hydrate=False`): rendered HTML and styles, no entry, no page JSON.

How it works:
1. The page is rendered on the server, or taken from the render cache. `SSRConfig.exclude` does not apply.
2. The page script that the render server puts before the element is removed, and the element is inserted into a shell
   without the scripts of the front end.
3. With CSRF protection, the render server gets a mark instead of a token, as the prop `csrfToken`. The visitor's token
   replaces it afterwards, so that one rendered page serves all visitors. What the visitor typed into a form that was
   refused is the prop `oldInput`.
4. If the page cannot be rendered, there is nothing that the browser could do: an error page is sent instead."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from html import escape
from typing import Any, Final

import msgspec
from msgspec import Struct

from litestar_vite._assets.development_notices import starting_page
from litestar_vite._assets.tags import fill_nonce
from litestar_vite._ssr.cache import CachedPage
from litestar_vite._ssr.outcome import ClientSide, Failed, Outcome, Rendered
from litestar_vite.inertia._documents.root_template import render_template
from litestar_vite.inertia._documents.unrendered import unrendered_page
from litestar_vite.inertia._page.request import InertiaRequest

logger = logging.getLogger("litestar_vite.inertia")

_PROPS: Final = b'"props":{'
_SCRIPT: Final = re.compile(rb"\s*<script\b[^>]*\bdata-page=[^>]*>.*?</script>", re.DOTALL)
_PAGE_ATTRIBUTE: Final = re.compile(rb'\sdata-page="[^"]*"')
_REASONS: Final = {
    True: "the render server left it to the browser",
    False: "there is no render server. In development, add the plugin of @inertiajs/vite to vite.config",
}
_SERVER_ERROR: Final = 500
_UNAVAILABLE: Final = 503


class ScriptlessDocument(Struct, frozen=True):
    """A document without scripts.

    Attributes:
        failure: Why the page was not rendered, and `html` is an error page; None for a rendered page.
        status: The status of the error page; None for a rendered page.
    """

    html: bytes
    failure: Failed | None = None
    status: int | None = None


async def scriptless_document(
    inertia: InertiaRequest,
    component: str,
    page_json: bytes,
    *,
    is_private: bool,
    token: str | None = None,
    old_input: Mapping[str, Any] | None = None,
    template: str | None = None,
    view_data: Mapping[str, Any] | None = None,
) -> ScriptlessDocument:
    """Render a page on the server, and return its document.

    Args:
        inertia: The request. Marked as private if its document contains the visitor's token.
        is_private: The page shows data for a single visitor.
        token: The visitor's CSRF token; None without CSRF protection.
        old_input: The fields of the form that led back to this page.
        template: The name of the root template; None for the shell.
        view_data: Values for the root template.

    Raises:
        SSRError: Rendering failed, and `SSRConfig.raise_on_error` is on.
    """
    context, scope = inertia.context, inertia.scope
    # Read by `useCsrfField` and `useOldInput` of the npm package.
    more: dict[str, Any] = {"oldInput": old_input} if old_input else {}
    if token is not None:
        more["csrfToken"] = context.token_mark.decode()
    asked = with_props(page_json, more) if more else page_json
    outcome: Outcome | CachedPage | None = await context.render(
        inertia.recipe, component, asked, scope, inertia.headers, is_private=is_private, is_needed=True
    )
    nonce = context.assets.nonce(inertia.connection) if context.assets.nonce is not None else None
    if isinstance(outcome, CachedPage):
        outcome = outcome.rendered
    if not isinstance(outcome, Rendered):
        return _error_page(inertia, component, outcome, nonce)
    html = await _document(inertia, component, outcome, nonce, template, view_data or {})
    if token is not None and context.token_mark in html:
        inertia.is_private = True
        html = html.replace(context.token_mark, escape(token).encode())
    return ScriptlessDocument(html)


def _error_page(
    inertia: InertiaRequest, component: str, outcome: ClientSide | Failed | None, nonce: str | None
) -> ScriptlessDocument:
    """Return the error page for a page that was not rendered."""
    if isinstance(outcome, Failed):
        # The gateway has logged it, as a page that the browser renders.
        failed = outcome
        inertia.context.warn_once(f"Visitors of the page {component!r} get an error page, since it has hydrate=False.")
    else:
        failed = Failed("unavailable", f"The page {component!r} was not rendered: {_REASONS[outcome is not None]}.")
    is_development = inertia.context.is_development
    if is_development and outcome is not None and not failed.is_page_error:
        # Vite's module graph is warming up.
        return ScriptlessDocument(starting_page(), failed, _UNAVAILABLE)
    if failed is not outcome:
        logger.error("%s It has hydrate=False, so visitors get an error page.", failed.message)
    status = _SERVER_ERROR if failed.is_page_error or failed.kind == "too-large" else _UNAVAILABLE
    shown = failed if is_development or inertia.app.debug else None
    return ScriptlessDocument(unrendered_page(shown, nonce), failed, status)


async def _document(
    inertia: InertiaRequest,
    component: str,
    rendered: Rendered,
    nonce: str | None,
    template: str | None,
    view_data: Mapping[str, Any],
) -> bytes:
    """Insert a rendered page into its template or shell."""
    context = inertia.context
    assets, dev = context.assets, context.assets.dev
    if dev is not None:
        rendered = msgspec.structs.replace(rendered, head=dev.local(rendered.head))
    if template is not None:
        element = without_page(context.plain_mount.rendered(rendered.body))
        return render_template(inertia, template, component, rendered.head, element, view_data, nonce, scripts=False)
    shell = context.scriptless_shell
    if dev is not None:
        shell = await dev.shell(context.config.root_element_id, scripts=False)
    page_tags = fill_nonce(assets.page_tags(component, scripts=False), nonce)
    return shell.render((page_tags, rendered.head), without_page(shell.mount.rendered(rendered.body)), nonce)


def with_props(page_json: bytes, more: Mapping[str, Any]) -> bytes:
    """Return a page's JSON with more props first. The page's props may replace them."""
    # A page always has the prop `errors`. The quotes in a component's name are escaped.
    before, props, after = page_json.partition(_PROPS)
    return b"".join((before, props, msgspec.json.encode(more)[1:-1], b",", after))


def without_page(body: bytes) -> bytes:
    """Return a render server's body without the page object, which only the client needs."""
    # The page's JSON escapes "/" or "<", so the first "</script>" is the script's end tag.
    script = _SCRIPT.match(body)
    element = body[script.end() :] if script is not None else body
    start = element[: element.find(b">") + 1]
    return _PAGE_ATTRIBUTE.sub(b"", start) + element[len(start) :]
