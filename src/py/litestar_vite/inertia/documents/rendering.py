"""The document of a plain page that a render server renders: no template, no nonce, nothing that differs between
visits.

How it works:
1. Paths and routes that leave rendering to the browser get the document that it renders.
2. A page that is kept is sent as it is, without waiting for anything: hash, look up, send.
3. Any other is rendered, or fetched from where it is kept, and put into its document; when that fails the browser
renders it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar_vite.inertia.documents.cache_policy import is_one_visitors
from litestar_vite.inertia.documents.html import client_side_document
from litestar_vite.inertia.litestar.outgoing import render_of
from litestar_vite.ssr.outcome import Rendered

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar_vite.config.ssr import CachePolicy, SSRConfig
    from litestar_vite.inertia.context import InertiaContext
    from litestar_vite.ssr.outcome import Outcome

__all__ = ("document_of", "kept_document", "ssr_document")


def kept_document(
    context: InertiaContext,
    component: str,
    page_json: bytes,
    policy: CachePolicy,
    scope: Any,
    headers: Mapping[bytes, bytes],
) -> bytes | None:
    """Return the document of a page that is kept in this process, None when it is not."""
    cache = context.cache
    if cache is None or (context.is_excluded is not None and context.is_excluded(scope["path"])):
        return None
    if not policy.private and is_one_visitors(scope, headers):
        return None
    if (cached := cache.fresh(cache.key(page_json))) is None:
        return None
    if cached.document is None:
        cached.document = document_of(context, component, page_json, cached.rendered)
    return cached.document


async def ssr_document(
    context: InertiaContext,
    ssr: SSRConfig,
    component: str,
    page_json: bytes,
    policy: CachePolicy | None,
    scope: Any,
    headers: Mapping[bytes, bytes],
) -> bytes:
    """Return the document of a page that is not kept in this process.

    Args:
        context: The app's services; its documents are plain.
        ssr: The app's settings of server-side rendering.
        component: The page component.
        page_json: The page object, which shows neither flash nor errors.
        policy: How long the rendered page is kept, None for never.
        scope: The request's ASGI scope.
        headers: The request's headers by lower-case name.

    Raises:
        SSRError: Rendering failed, and `SSRConfig.raise_on_error` is on.
    """
    cache = context.cache
    is_excluded = context.is_excluded is not None and context.is_excluded(scope["path"])
    if is_excluded or not (context.gateway or context.ssr_url):
        return client_side_document(context, component, page_json)
    render = render_of(context, ssr, page_json, component)
    if policy is None or cache is None or (not policy.private and is_one_visitors(scope, headers)):
        outcome = await render()
    else:
        outcome = await cache.render(cache.key(page_json), policy, render)
    return document_of(context, component, page_json, outcome)


def document_of(context: InertiaContext, component: str, page_json: bytes, outcome: Outcome) -> bytes:
    """Return the document of a render's outcome; what failed the browser renders."""
    if not isinstance(outcome, Rendered):
        return client_side_document(context, component, page_json)
    assets = context.assets
    return context.shell.render((assets.page_tags(component), outcome.head), outcome.body + assets.notice)
