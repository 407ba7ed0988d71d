"""Litestar's CSRF protection under the names that the Inertia client uses (protocol J67, J68).

How it works:
1. The client reads the cookie `XSRF-TOKEN` and sends it as `X-XSRF-TOKEN`. A CSRFConfig with Litestar's own names gets
   these; one with custom names keeps them, and the log says what to change.
2. A request with a wrong token goes back with a flash message. The cookie is deleted, so that the next page sets a
   new one: a token that was signed with another secret would be refused forever.
3. Litestar sets the cookie when it is missing. With `Cache-Control: public` it is removed again: a shared cache
   would give one visitor's token to all.
"""

from __future__ import annotations

import logging
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final

from litestar import Request, Response
from litestar.exceptions import PermissionDeniedException

from litestar_vite.inertia._forms.native import is_native_form
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._redirects import InertiaBack
from litestar_vite.inertia._share_and_flash import flash

if TYPE_CHECKING:
    from litestar.config.csrf import CSRFConfig

logger = logging.getLogger("litestar_vite.inertia")

COOKIE: Final = "XSRF-TOKEN"
HEADER: Final = "X-XSRF-TOKEN"
# Litestar's middleware raises a PermissionDeniedException with this detail, not a type for it.
_DETAIL: Final = "CSRF token verification failed"


def with_inertias_names(config: CSRFConfig) -> CSRFConfig:
    """Return the configuration with the client's names instead of Litestar's defaults; custom names are kept and
    warned of.
    """
    defaults = {field.name: field.default for field in fields(config)}
    if (config.cookie_name, config.header_name) == (defaults["cookie_name"], defaults["header_name"]):
        config = replace(config, cookie_name=COOKIE, header_name=HEADER)
    if (config.cookie_name, config.header_name.lower()) != (COOKIE, HEADER.lower()):
        logger.warning(
            "CSRFConfig(cookie_name=%r, header_name=%r): the Inertia client uses %r and %r, so its forms will be "
            "refused. Leave both names out, or configure the client: "
            "createInertiaApp({ http: { xsrfCookieName: %r, xsrfHeaderName: %r } }).",
            config.cookie_name,
            config.header_name,
            COOKIE,
            HEADER,
            config.cookie_name,
            config.header_name,
        )
    if config.cookie_httponly:
        logger.warning(
            "CSRFConfig(cookie_httponly=True): the Inertia client cannot read the cookie, so its forms will "
            "be refused. Set it to False."
        )
    return config


def csrf_answer(request: Request[Any, Any, Any], exc: Exception) -> Response[Any] | None:
    """Return the redirect back for an Inertia request or a native form with a wrong CSRF token; None for any other."""
    if not isinstance(exc, PermissionDeniedException) or exc.detail != _DETAIL:
        return None
    inertia = InertiaRequest.of(request)
    config = request.app.csrf_config
    is_answered = inertia.visit.is_inertia or is_native_form(inertia)
    if not is_answered or inertia.visit.is_precognition or config is None:
        return None
    # The session's middleware has already finished, so changes to the session would not be stored.
    inertia.carry.avoids_session = True
    flash(request, inertia.context.config.csrf_message, "error")
    answer = InertiaBack(request)
    answer.delete_cookie(config.cookie_name, path=config.cookie_path, domain=config.cookie_domain)
    return answer
