"""The HTML document of a first visit.

How it works:
1. The document of a client-side page is three pieces joined: the HTML before the page's JSON, the escaped JSON, and the
   HTML after it. The outer two are built once for each component.
2. Any other document is assembled piece by piece: for a page from the render server, with a CSP nonce, or in a root
   template."""

from __future__ import annotations

from typing import Final

from litestar_vite._assets.html import HTMLShell
from litestar_vite._assets.mount import Mount
from litestar_vite._assets.tags import fill_nonce
from litestar_vite._ssr.outcome import Rendered
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._protocol.page import escape_json, page_script

# 1,024 components: more than any front end has. Names that a handler generates at run time must not fill the memory.
_MAX_COMPONENTS: Final = 1024


def client_side_document(context: InertiaContext, component: str, page_json: bytes) -> bytes:
    """Return the document of a page that the browser renders, without a nonce and template."""
    pieces = context.documents.get(component)
    if pieces is None:
        pieces = _pieces_around_page(context, component)
        if len(context.documents) < _MAX_COMPONENTS:
            context.documents[component] = pieces
    return b"".join((pieces[0], escape_json(page_json), pieces[1]))


def _pieces_around_page(context: InertiaContext, component: str) -> tuple[bytes, bytes]:
    marker = b'{"page":"here"}'
    element = context.shell.mount.in_browser(page_script(marker, context.element_id)) + context.assets.notice
    before, _, after = context.shell.render((context.assets.page_tags(component),), element).partition(marker)
    return before, after


def full_document(
    context: InertiaContext,
    component: str,
    page_json: bytes,
    rendered: Rendered | None,
    *,
    head: bytes = b"",
    nonce: str | None = None,
    shell: HTMLShell | None = None,
) -> bytes:
    """Return the document of a page in a shell. `rendered` is the reply of the render server; None if the browser
    renders. `head` is additional HTML. `shell` is None for the one from start-up.
    """
    shell = shell or context.shell
    head, element = pieces_of(context, page_json, rendered, head, nonce, shell.mount)
    page_tags = context.assets.page_tags(component)
    if shell.has_slots:
        page_tags = fill_nonce(page_tags, nonce)
    return shell.render((page_tags, head), element, nonce)


def pieces_of(
    context: InertiaContext, page_json: bytes, rendered: Rendered | None, head: bytes, nonce: str | None, mount: Mount
) -> tuple[bytes, bytes]:
    """Return a page's parts of the document: the HTML for the head, and the element."""
    if rendered is not None:
        head, element = rendered.head + head, mount.rendered(rendered.body)
    elif context.config.legacy_root_attribute:
        element = mount.in_browser(b"", ("data-page", page_json.decode()), nonce=nonce)
    else:
        element = mount.in_browser(page_script(page_json, context.element_id), nonce=nonce)
    return head, element + context.assets.notice


def at_end_of_body(document: bytes, tag: bytes) -> bytes:
    """Return a document with an element before the last `</body>`; unchanged without a `</body>`."""
    before, end, after = document.rpartition(b"</body>")
    return b"".join((before, tag, end, after)) if end else document
