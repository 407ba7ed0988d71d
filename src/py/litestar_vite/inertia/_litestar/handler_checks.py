"""Checks of handlers that send pages: at start-up, and in the log."""

from __future__ import annotations

import logging
from typing import Any, Final

from litestar.handlers import HTTPRouteHandler
from litestar.response import File, Redirect, Response
from litestar.types import Empty

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._page.context import InertiaContext

logger = logging.getLogger("litestar_vite.inertia")

_OK: Final = 200
_REDIRECT: Final = 300
# The client follows these responses. It shows any other response that is not a page as an error.
_FOLLOWED: Final = frozenset({"content-disposition", "location", "x-inertia-location", "x-inertia-redirect"})


def refuse_response_class(handler: HTTPRouteHandler) -> None:
    """Reject a response class on a page's handler itself. The one of a layer is for its other handlers."""
    own: Any = handler.response_class
    if own is not None and own is not Empty:
        raise ConfigError(
            f"{handler} has a component and the response_class {own.__name__}, which makes no page. "
            "Let the class inherit from InertiaResponse, or remove one of the two."
        )


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


class ReturnedData:
    """Warns, once for each handler, when it answers an Inertia visit with a Response that is not a page."""

    def __init__(self, handler: HTTPRouteHandler) -> None:
        self._handler = handler
        self._has_warned = False

    def look_at(self, response: Response[Any]) -> None:
        """Check the response to an Inertia visit. Redirects, errors, downloads and empty responses are fine."""
        if self._has_warned or isinstance(response, (File, Redirect)) or not response.content:
            return
        is_success = response.status_code is None or _OK <= response.status_code < _REDIRECT
        if not is_success or not _FOLLOWED.isdisjoint(name.lower() for name in response.headers):
            return
        self._has_warned = True
        logger.warning(
            "%s has a component and returned a %s, which the Inertia client shows as an error. Return the props, or "
            "InertiaResponse(props, status_code=..., headers=...).",
            self._handler,
            type(response).__name__,
        )
