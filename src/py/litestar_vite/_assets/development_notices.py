"""Notices shown in development: Vite is starting, Vite has failed, the host is not allowed, or no route matches.

They contain no scripts, so a Content-Security-Policy cannot block them. Those about Vite refresh until the page is
available.
"""

from __future__ import annotations

from html import escape
from typing import Final

_DOCUMENT: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
{refresh}<link rel="icon" href="data:,">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 15vh auto; padding: 0 1.25rem }}
h1 {{ font-size: 1.5rem; margin: 0 0 .5rem }}
p {{ margin: .5rem 0 }}
pre {{ font: 13px/1.5 ui-monospace, monospace; background: #8882; border-radius: 8px; padding: 1rem; overflow: auto;
  max-height: 50vh; white-space: pre-wrap; overflow-wrap: anywhere }}
footer {{ color: GrayText; font-size: .875rem }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


_REFRESH: Final = '<meta http-equiv="refresh" content="{}">\n'


def starting_page() -> bytes:
    """Return the notice shown while Vite starts."""
    body = (
        "<p>The front end's development server is starting. This page reloads automatically.</p>"
        "<footer>The first start takes longer, because Vite prepares dependencies.</footer>"
    )
    return _DOCUMENT.format(refresh=_REFRESH.format(1), title="Vite is starting", body=body).encode()


def failed_page(problem: str, output: str) -> bytes:
    """Return the notice shown when Vite is not running, with its last output if there is any."""
    printed = f"<p>Its last output:</p><pre>{escape(output)}</pre>" if output.strip() else ""
    footer = "<footer>Vite is restarted automatically, and this page reloads every few seconds.</footer>"
    body = f"<p>{escape(problem)}</p>{printed}{footer}"
    return _DOCUMENT.format(refresh=_REFRESH.format(3), title="Vite is not running", body=body).encode()


def refused_host_page(host: str) -> bytes:
    """Return the notice shown for a host name that is not allowed in development."""
    name = escape(host)
    body = (
        f"<p>In development, this app does not answer requests for <code>{name}</code>, since any website "
        "could point its name to your machine. If the name is yours, allow it and restart the server:</p>"
        f"<pre>ViteConfig(allowed_hosts=[&quot;{name}&quot;])</pre>"
        f"<p>Or set the environment variable <code>VITE_ALLOWED_HOSTS={name}</code>.</p>"
    )
    return _DOCUMENT.format(refresh="", title="This host is not allowed", body=body).encode()


def unserved_page(path: str) -> bytes:
    """Return the notice for a page that no route answers, in an app that does not serve pages yet."""
    body = (
        f"<p>No route of the app answers <code>{escape(path)}</code>, and VitePlugin serves no pages with its current "
        "settings. Choose one:</p>"
        "<pre>ViteConfig(spa=True)               index.html for every page, with an API\n"
        "ViteConfig(inertia=InertiaConfig())  handlers with component=&quot;…&quot; return props\n"
        "Litestar(template_config=…)          handlers return templates that call vite()</pre>"
        "<footer>Shown in development only.</footer>"
    )
    return _DOCUMENT.format(refresh="", title="No route answers this page", body=body).encode()
