"""The HTML document of a first visit.

How it works:
1. A page that the browser renders is three pieces joined: what stands before the page's JSON, the JSON escaped, what
   stands after it. The outer two are made once for each component.
2. A page that the render server rendered, one with a CSP nonce, and one with a root template are put together piece by
piece."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from litestar_vite.assets.tags import fill_nonce
from litestar_vite.inertia.documents.root_template import render_template
from litestar_vite.inertia.protocol.page import attribute_element, escape_json, script_element

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from litestar_vite.assets.html import HTMLShell
    from litestar_vite.inertia.context import InertiaContext
    from litestar_vite.inertia.request import InertiaRequest
    from litestar_vite.ssr.outcome import Failed, Rendered

__all__ = ("client_side_document", "development_document", "full_document")

# 1,024 components: more than any front end has; names that a handler makes up at run time must not fill our memory.
_MAX_COMPONENTS: Final = 1024


def client_side_document(context: InertiaContext, component: str, page_json: bytes) -> bytes:
    """Return the document of a page that the browser renders, without nonce and template."""
    pieces = context.documents.get(component)
    if pieces is None:
        pieces = _pieces_around_page(context, component)
        if len(context.documents) < _MAX_COMPONENTS:
            context.documents[component] = pieces
    return b"".join((pieces[0], escape_json(page_json), pieces[1]))


def _pieces_around_page(context: InertiaContext, component: str) -> tuple[bytes, bytes]:
    marker = b'{"page":"here"}'
    element = script_element(marker, context.element_id) + context.assets.notice
    before, _, after = context.shell.render((context.assets.page_tags(component),), element).partition(marker)
    return before, after


def full_document(
    inertia: InertiaRequest,
    component: str,
    page_json: bytes,
    rendered: Rendered | None,
    template: str | None,
    view_data: Mapping[str, Any],
    *,
    shell: HTMLShell | None = None,
    extra: Callable[[str | None], bytes] | None = None,
) -> bytes:
    """Return the document of any page.

    Args:
        inertia: The request.
        component: The page component.
        page_json: The page object.
        rendered: What the render server gave, None when the browser renders.
        template: Name of the root template, None for the shell.
        view_data: Values for the root template.
        shell: The HTML around the page, when it is not the one of start-up.
        extra: Makes more HTML for the head, of the request's nonce.
    """
    context = inertia.context
    assets = context.assets
    if rendered is not None:
        head, element = rendered.head, rendered.body + assets.notice
    elif context.config.legacy_root_attribute:
        head, element = b"", attribute_element(page_json, context.element_id) + assets.notice
    else:
        head, element = b"", script_element(page_json, context.element_id) + assets.notice
    nonce = assets.nonce(inertia.connection) if assets.nonce is not None else None
    page_tags = assets.page_tags(component)
    if nonce is not None:
        page_tags = fill_nonce(page_tags, nonce)
    if extra is not None:
        head += extra(nonce)
    if template is not None:
        return render_template(inertia, template, head, element, page_tags, view_data, nonce)
    return (shell or context.shell).render((page_tags, head), element, nonce)


async def development_document(
    inertia: InertiaRequest,
    component: str,
    page_json: bytes,
    rendered: Rendered | None,
    failed: Failed | None,
    template: str | None,
    view_data: Mapping[str, Any],
    *,
    server_head: bytes = b"",
) -> bytes:
    """Return the document of a page in development: in the shell as Vite wants it, with the error of a render that
    failed on top.
    """
    context = inertia.context
    dev = context.assets.dev
    if dev is None:
        msg = "development_document() outside of development."
        raise RuntimeError(msg)
    shell = await dev.shell(context.config.root_element_id) if template is None else None
    if rendered is not None:
        rendered = msgspec.structs.replace(rendered, head=dev.local(rendered.head))

    def extra(nonce: str | None) -> bytes:
        # What the page cannot help (no Vite, too slow) is for the log alone.
        if failed is None or not failed.is_page_error:
            return server_head
        return server_head + dev.overlay(failed.message, failed.source_location, failed.hint, nonce)

    return full_document(inertia, component, page_json, rendered, template, view_data, shell=shell, extra=extra)
