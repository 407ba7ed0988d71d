"""Pages that stand in for the app while a developer waits, or has to do something. Pure: text in, bytes out.

They hold no script, so that no CSP of the app's can keep them from showing; a refresh brings the page itself as soon as
it is there."""

from __future__ import annotations

from html import escape
from typing import Final

__all__ = ("failed_page", "starting_page")

_DOCUMENT: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="{refresh}">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 15vh auto; padding: 0 1.25rem }}
h1 {{ font-size: 1.5rem; margin: 0 0 .5rem }}
p {{ margin: .5rem 0 }}
pre {{ font: 13px/1.5 ui-monospace, monospace; background: #8882; border-radius: 8px; padding: 1rem; overflow: auto; max-height: 50vh;
  white-space: pre-wrap; overflow-wrap: anywhere }}
footer {{ color: GrayText; font-size: .875rem }}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""


def starting_page() -> bytes:
    """Return the page that is shown while Vite starts."""
    body = (
        "<p>The development server of the front end is on its way. This page comes back by itself.</p>"
        "<footer>The first start takes longer, since packages are prepared once.</footer>"
    )
    return _DOCUMENT.format(refresh=1, title="Vite is starting", body=body).encode()


def failed_page(problem: str, output: str) -> bytes:
    """Return the page that is shown when there is no Vite.

    Args:
        problem: What happened, and what to do.
        output: What Vite printed last; may be empty.
    """
    printed = f"<p>Its last output:</p><pre>{escape(output)}</pre>" if output.strip() else ""
    body = f"<p>{escape(problem)}</p>{printed}<footer>Starting Vite is tried again by itself, and this page comes back every few seconds.</footer>"
    return _DOCUMENT.format(refresh=3, title="Vite is not running", body=body).encode()
