"""Checks routes with `hydrate=False` at start-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler

    from litestar_vite.inertia._page.context import InertiaContext


def note_scriptless(context: InertiaContext, handler: HTTPRouteHandler) -> None:
    """Note that the app has pages without JavaScript, if this handler sends such pages.

    Raises:
        ConfigError: The page cannot be rendered on the server.
    """
    if handler.opt.get("hydrate") is not False:
        return
    context.has_scriptless_pages = True
    if "component" not in handler.opt:
        return
    if not context.config.ssr:
        raise ConfigError(
            f"{handler} has hydrate=False, and a page without JavaScript can only be rendered on the server. "
            "Set InertiaConfig(ssr=True), or remove hydrate=False."
        )
    if handler.opt.get("ssr") is False:
        raise ConfigError(
            f"{handler} has hydrate=False and ssr=False, so neither the server nor the browser would render its page. "
            "Remove one of the two."
        )
    if context.ssr is None:
        context.warn_once(
            "Server-side rendering is turned off (SSRConfig.enabled, VITE_SSR_ENABLED): the browser renders the pages "
            "with hydrate=False too, with JavaScript."
        )
