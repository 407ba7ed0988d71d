"""`litestar assets prerender`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from urllib.parse import urlsplit

from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.project import Project
from litestar_vite._cli.terminal import Terminal
from litestar_vite._prerender.render import prerender_once


def prerender_pages(terminal: Terminal, project: Project, origin: str | None, tags: Sequence[str]) -> None:
    """Write the declared pages to files.

    Raises:
        CommandError: The app is missing, or a page must not be a file.
        ConfigError: The app's settings do not allow files.
    """
    if project.app is None or project.config.inertia is None:
        raise CommandError(
            "Prerendering needs an app with Inertia. Run this in the app's folder, or use: litestar --app module:name"
        )
    if origin is not None and not (urlsplit(origin).scheme in ("http", "https") and urlsplit(origin).netloc):
        raise CommandError(f"--origin is {origin!r}. Use scheme and host, such as https://example.org")
    folder = project.config.prerender_dir
    result = asyncio.run(prerender_once(project.app, folder, origin, tags))
    for path, (document, page_json) in result.written.items():
        terminal.done(path, f"{document / 1024:.0f} kB HTML, {page_json / 1024:.0f} kB JSON")
    for path in result.gone:
        terminal.warn(path, "removed, since the app does not have it any more")
    for path, reason in result.refused.items():
        terminal.bad(path, reason)
    where = os.path.relpath(folder)
    if result.refused:
        done = "Their files are removed, and the app serves them." if tags else "No file was written."
        raise CommandError(
            f"{len(result.refused)} declared pages must not be files. {done} Make them public, or remove 'prerender' "
            "from their routes."
        )
    if not result.written and not result.gone:
        what = "No prerendered page has this tag." if tags else "No route has prerender=True."
        terminal.note(what)
        return
    terminal.note(f"{len(result.written)} pages in '{where}'")
