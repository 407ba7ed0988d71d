"""Builds the document of a page, which is rendered on the server, from a cache or in the browser.

How it works:
1. Routes and paths that leave rendering to the browser, and apps without a render server, get the document that the
   browser renders.
2. A cached page is sent without waiting: hash, look up, send. So is a stale one, which is then refreshed.
3. Any other page is rendered, or fetched from the store. If that fails, the browser renders it.
4. The result is inserted into the shell from start-up, Vite's shell in development, or the root template."""

from __future__ import annotations

import functools
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import msgspec

from litestar_vite._ssr.cache import CachedPage
from litestar_vite._ssr.outcome import Failed, Rendered
from litestar_vite.inertia._documents.cache_key import PRERENDER_KEY, TAGS_KEY, find_key, may_be_outdated, may_keep
from litestar_vite.inertia._documents.html import client_side_document, full_document, pieces_of
from litestar_vite.inertia._documents.root_template import render_template
from litestar_vite.inertia._page.request import InertiaRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from ssl import SSLContext

    import httpx

    from litestar_vite._ssr.gateway import Gateway
    from litestar_vite._ssr.outcome import Outcome
    from litestar_vite.inertia._page.recipe import Recipe


_NO_TAGS: Final[Sequence[str]] = ()


async def _render_inertia_ssr(
    page: Mapping[str, Any] | bytes,
    url: str,
    timeout_seconds: float,
    client: httpx.AsyncClient | None = None,
    *,
    gateway: Gateway | None = None,
    component: str = "",
    ssl_context: SSLContext | None = None,
) -> Outcome:
    """Render one page on the render server. Raises only when cancelled.

    Args:
        page: The page object, or its JSON.
        url: The full URL of the render endpoint, for example "http://127.0.0.1:13714/render".
        timeout_seconds: Total time, including the connection.
        client: The app's shared client. Without one (the plugin was not started), a client is opened for this call,
            which is slow.
        gateway: The app's gateway, with its own client, URL and timeout. Raises SSRError if the app asks for
            it.
        component: The page component, for the gateway's log.
        ssl_context: The TLS context for https://, if a client is opened for this call.
    """
    page_json = page if isinstance(page, bytes) else msgspec.json.encode(page)
    if gateway is not None:
        return await gateway.render(page_json, component)
    from litestar_vite._ssr.render_request import render

    if client is not None:
        return await render(client, url, page_json, timeout_seconds)
    from litestar_vite._ssr.client import open_client

    async with open_client(url, ssl_context=ssl_context) as fallback:
        return await render(fallback, url, page_json, timeout_seconds)


async def render(
    recipe: Recipe,
    component: str,
    page_json: bytes,
    scope: Any,
    headers: Mapping[bytes, bytes],
    *,
    is_private: bool,
    is_needed: bool = False,
) -> Outcome | CachedPage | None:
    """Return the rendered page, from a cache if it may be cached; None if the browser renders the page.

    `is_needed`: the browser cannot render the page, so that `SSRConfig.exclude` does not apply.

    Raises:
        SSRError: Rendering failed, and `SSRConfig.raise_on_error` is on.
    """
    context, ssr = recipe.context, recipe.ssr
    rendering = context.rendering
    gateway = rendering.gateway
    if ssr is None or (gateway is None and not rendering.url):
        return None
    if not is_needed and context.is_excluded is not None and context.is_excluded(scope["path"]):
        return None
    cache, policy = rendering.cache, recipe.cache_policy
    key, is_outdated = None, False
    if cache is not None and policy is not None and may_keep(policy, scope, headers, is_private=is_private):
        is_plain = policy.by == "page" and not policy.tags and TAGS_KEY not in scope
        if is_plain:
            key, tags = cache.key(page_json), _NO_TAGS
        else:
            key, tags = await find_key(recipe, component, page_json, scope, cache)
        if is_needed:
            # With a policy by URL, a hydrated page of the same URL must not get the mark for the CSRF token.
            key = sha256(key + b"scriptless").digest()
        if (cached := cache.fresh(key)) is not None:
            return cached
        is_outdated = may_be_outdated(tags, scope, cache)
    if gateway is not None and key is None:
        return await gateway.render(page_json, component)
    ask = functools.partial(
        _render_inertia_ssr,
        page_json,
        rendering.url or "",
        ssr.timeout_seconds,
        rendering.client,
        gateway=gateway,
        component=component,
        ssl_context=ssr.ssl_context,
    )
    if key is None:
        return await ask()
    return await cache.render(key, policy, ask, is_outdated=is_outdated)  # type: ignore[union-attr,arg-type]


async def document(  # noqa: PLR0913 - the parts of a document
    recipe: Recipe,
    component: str,
    page_json: bytes,
    scope: Any,
    headers: Mapping[bytes, bytes],
    *,
    is_private: bool = False,
    server_head: bytes = b"",
    ssr: bool = True,
    template: str | None = None,
    view_data: Mapping[str, Any] | None = None,
) -> bytes:
    """Return the document of a page.

    Args:
        is_private: The page shows data for a single visitor.
        server_head: The page's own head elements, for a page that the browser renders.
        ssr: The response may be rendered on the server.
        template: The name of the root template; None for the shell.
        view_data: Values for the root template.
    """
    context = recipe.context
    outcome = await context.render(recipe, component, page_json, scope, headers, is_private=is_private) if ssr else None
    is_plain = template is None and context.has_plain_documents
    if PRERENDER_KEY in scope:
        scope[PRERENDER_KEY]["outcome"] = outcome
    if type(outcome) is CachedPage:
        if is_plain:
            if outcome.document is None:
                outcome.document = full_document(context, component, page_json, outcome.rendered)
            return outcome.document
        outcome = outcome.rendered
    rendered = outcome if type(outcome) is Rendered else None
    # The render server already added the head.
    head = b"" if rendered is not None else server_head
    if is_plain:
        if rendered is None and not head:
            return client_side_document(context, component, page_json)
        return full_document(context, component, page_json, rendered, head=head)
    inertia, dev = InertiaRequest.of_scope(scope), context.assets.dev
    nonce = context.assets.nonce(inertia.connection) if context.assets.nonce is not None else None
    shell = await dev.shell(context.config.root_element_id) if dev is not None and template is None else None
    if dev is not None and rendered is not None:
        rendered = msgspec.structs.replace(rendered, head=dev.local(rendered.head))
    elif dev is not None and type(outcome) is Failed and outcome.is_page_error:
        # Failures outside the page (Vite is down, a timeout) are only logged.
        head += dev.overlay(outcome.message, outcome.source_location, outcome.hint, nonce)
    if template is None:
        return full_document(context, component, page_json, rendered, head=head, nonce=nonce, shell=shell)
    head, element = pieces_of(context, page_json, rendered, head, nonce, context.plain_mount)
    return render_template(inertia, template, component, head, element, view_data or {}, nonce)
