"""Guards restrict access to handlers. Use them as `guards=[...]` of a handler, controller or router."""

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException, NotAuthorizedException
from litestar.handlers import BaseRouteHandler


def signed_in(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    """Redirect visitors to the login page, and back afterwards."""
    if connection.user is None:
        raise NotAuthorizedException("Please log in.")


def verified(connection: ASGIConnection, handler: BaseRouteHandler) -> None:
    """Require a user with a verified e-mail address."""
    signed_in(connection, handler)
    if connection.user.email_verified_at is None:
        raise HTTPException(status_code=303, headers={"Location": "/verify-email"})


def guest(connection: ASGIConnection, _: BaseRouteHandler) -> None:
    """Redirect users away from pages for visitors."""
    if connection.user is not None:
        raise HTTPException(status_code=303, headers={"Location": "/dashboard"})
