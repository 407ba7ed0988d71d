"""Renders public pages to files: all of them, or those with a tag."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
from litestar import Litestar
from msgspec import Struct

from litestar_vite._prerender.declared import declared_paths
from litestar_vite._prerender.folder import PageFiles, PagesFolder
from litestar_vite._prerender.reply import Reply, is_for_browsers_only, refusal, request_document, request_page
from litestar_vite.exceptions import ConfigError, LitestarViteError
from litestar_vite.inertia._page.context import InertiaContext


class _Version(Struct):
    version: str | None = None


class Prerendered(Struct, frozen=True):
    """The result of a run.

    Attributes:
        written: The pages that were written, and the sizes of their two files in bytes.
        refused: The reason for each page that must not be a file.
        gone: Pages that were removed, since the app does not have them any more.
    """

    written: dict[str, tuple[int, int]]
    refused: dict[str, str]
    gone: list[str]


async def prerender(app: Litestar, folder: Path, origin: str | None = None, tags: Iterable[str] = ()) -> Prerendered:
    """Write the declared pages of a running app, or with `tags`, those that have one of them.

    `origin` is the scheme and host of the requests; None for the last run's.

    If one of all pages is refused, nothing is written. With `tags`, the files of a refused page are removed, since they
    show what is not public any more.

    Raises:
        ConfigError: The app's settings do not allow files, a route declares no page, or the folder is not ours.
    """
    _check(app)
    pages, wanted = PagesFolder(folder), list(tags)
    index = pages.read()
    origin = origin or index.origin
    paths = index.tagged(wanted) if wanted else await declared_paths(app)
    made: dict[str, PageFiles] = {}
    refused: dict[str, str] = {}
    gone: list[str] = []
    for path in paths:
        page = await render_page(app, path, origin)
        if isinstance(page, PageFiles):
            made[path] = page
        elif page is None and wanted:
            gone.append(path)
        else:
            refused[path] = page or "has the status 404"
    if wanted:
        pages.replace({path: made.get(path) for path in paths})
    elif not refused:
        pages.replace_all(made, origin)
    written = {path: (len(page.document), len(page.page_json or b"")) for path, page in made.items()}
    return Prerendered(written if wanted or not refused else {}, refused, gone)


async def prerender_once(
    app: Litestar, folder: Path, origin: str | None = None, tags: Iterable[str] = ()
) -> Prerendered:
    """Start an app, write its pages as `prerender` does, and stop it."""
    failed: LitestarViteError
    async with app.lifespan():
        try:
            return await prerender(app, folder, origin, tags)
        except LitestarViteError as error:
            # Raised below, since Litestar's event emitter would put it into an exception group.
            failed = error
    raise failed


async def render_page(app: Litestar, path: str, origin: str) -> PageFiles | str | None:
    """Return the files of a page, the reason why it must not have any, or None if the app does not have it."""
    document = await request_document(app, path, origin)
    if document.status in (404, 410):
        return None
    if (reason := refusal(document)) is not None:
        return reason
    page = await request_page(app, path, origin)
    if _is_html(document) and is_for_browsers_only(page, path):
        return PageFiles(document.body, None, InertiaContext.of(app).version or "", document.tags)
    if (reason := refusal(page)) is not None:
        return f"{reason}, as an Inertia visit"
    if page.header(b"x-inertia") is None or not _is_html(document):
        return "is not a page"
    version = msgspec.json.decode(page.body, type=_Version).version
    return PageFiles(document.body, page.body, version or "", sorted({*document.tags, *page.tags}))


def _is_html(reply: Reply) -> bool:
    return (reply.header(b"content-type") or b"").startswith(b"text/html")


def _check(app: Litestar) -> None:
    context = InertiaContext.of(app)
    if context.is_development:
        raise ConfigError(
            "Pages are prerendered from a build, and the app is in development. Set VITE_DEV_MODE=0, and build first."
        )
    if context.assets.problem is not None:
        raise context.assets.problem
    if context.assets.nonce is not None:
        raise ConfigError("ViteConfig.csp_nonce makes a nonce for each request, which a file cannot contain.")
    if context.root_path:
        raise ConfigError("Pages of an app with ViteConfig.root_path cannot be prerendered.")
