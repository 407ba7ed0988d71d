"""Serves the built files on a route below `asset_url`.

Files with a content hash in their name are cached for a year. Browsers revalidate all other files by ETag. Compressed
copies are chosen by `Accept-Encoding`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from anyio import to_thread
from litestar import HttpMethod, Router
from litestar.enums import ScopeType
from litestar.exceptions import NotFoundException
from litestar.handlers import route
from litestar.types import ASGIApp, Receive, Scope, Send

from litestar_vite._assets.built_files import BuiltFiles
from litestar_vite._assets.conditional_requests import IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE
from litestar_vite._assets.file_response import FileResponse
from litestar_vite._assets.without_cookies import MARK

if TYPE_CHECKING:
    from litestar.config.csrf import CSRFConfig

_ACCEPT_ENCODING: Final = b"accept-encoding"
_CONDITIONS: Final = frozenset({IF_NONE_MATCH, IF_MODIFIED_SINCE, RANGE, IF_RANGE})


def create_asset_router(
    asset_url: str,
    bundle_dir: Path,
    csrf_config: CSRFConfig | None = None,
    *,
    document: str | None = None,
    service_worker_allowed: str | None = None,
    skipped: Iterable[str] = (),
) -> Router:
    """Return a router for the built files, excluding the manifest, other dot files and the document around the pages.

    Responses omit the CSRF cookie, since a shared cache would serve one visitor's token to others.

    Args:
        document: The name of the built index.html if it is only a shell for pages, which is then not served.
        service_worker_allowed: The Service-Worker-Allowed header of scripts.
        skipped: The `opt` keys that exclude a route from middleware.
    """
    files = BuiltFiles(bundle_dir, service_worker_allowed)

    @route("{file_path:path}", http_method=[HttpMethod.GET, HttpMethod.HEAD], name="litestar_vite._assets")
    async def get_file(scope: Scope) -> ASGIApp:
        name = str(scope["path_params"]["file_path"]).lstrip("/")
        if name == document:  # The document is empty without a page.
            raise NotFoundException
        return await _answer(files, name, scope)

    return Router(
        path=asset_url,
        route_handlers=[get_file],
        middleware=[_with_session],
        include_in_schema=False,
        opt={
            MARK: True,
            **dict.fromkeys(skipped, True),
            "exclude_from_auth": True,
            csrf_config.exclude_from_csrf_key if csrf_config is not None else "exclude_from_csrf": True,
        },
    )


async def _answer(files: BuiltFiles, name: str, scope: Scope) -> ASGIApp:
    accept_encoding = b""
    asked: dict[bytes, bytes] = {}
    for header, value in scope["headers"]:
        if header == _ACCEPT_ENCODING:
            accept_encoding = value if not accept_encoding else accept_encoding + b"," + value
        elif header in _CONDITIONS:
            asked[header] = value
    is_head = scope["type"] == ScopeType.HTTP and scope["method"] == HttpMethod.HEAD
    if (kept := files.in_memory(name, accept_encoding)) is not None:
        return FileResponse(*kept, asked, is_head=is_head)
    if (found := await to_thread.run_sync(files.read, name, accept_encoding)) is not None:
        return FileResponse(*found, asked, is_head=is_head)
    raise NotFoundException


def _with_session(app: ASGIApp) -> ASGIApp:
    """Return an app that sets an empty session for built files, since a guard of the app may read it."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("session", {})
        await app(scope, receive, send)

    return serve
