"""The page for errors. Its texts are in src/lib/format.ts."""

from litestar import Request
from litestar.exceptions import PermissionDeniedException
from litestar_vite.inertia import InertiaResponse

# Not part of HTTP; used by Laravel, among others.
PAGE_EXPIRED = 419


async def error_page(_: Request, status: int, exc: Exception) -> InertiaResponse:
    """Return the page for an exception. In development, unexpected exceptions show their traceback instead."""
    if isinstance(exc, PermissionDeniedException) and exc.detail == "CSRF token verification failed":
        # A form that was open for too long, or was sent before the page's scripts had loaded.
        status = PAGE_EXPIRED
    return InertiaResponse({"status": status}, component="Errors/Error", status_code=status)
