"""The error page for a page without JavaScript that could not be rendered. It needs no front end, and no scripts."""

from __future__ import annotations

from html import escape
from typing import Final

from litestar_vite._ssr.outcome import Failed

_DOCUMENT: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>This page cannot be shown</title>
<style{nonce}>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.25rem }}
h1 {{ font-size: 1.5rem; margin: 0 0 .5rem }}
pre {{ font: 13px/1.5 ui-monospace, monospace; background: #8882; border-radius: 8px; padding: 1rem; overflow: auto;
  white-space: pre-wrap; overflow-wrap: anywhere }}
</style>
</head>
<body>
<main>
<h1>This page cannot be shown right now</h1>
<p>Something went wrong on our side. Please try again in a moment.</p>
<p><a href="">Try again</a> or <a href="/">go to the start page</a></p>
{reason}</main>
</body>
</html>
"""


def unrendered_page(failed: Failed | None, nonce: str | None) -> bytes:
    """Return the error page. `failed` is shown to developers; None for visitors."""
    reason = ""
    if failed is not None:
        lines = [f"{failed.kind}: {failed.message}", failed.source_location, failed.hint]
        text = "\n".join(line for line in lines if line)
        reason = (
            f"<h2>Why</h2>\n<pre>{escape(text)}</pre>\n"
            "<p>The page has hydrate=False, so the browser cannot render it instead. This reason is shown in "
            "development and debug mode only.</p>\n"
        )
    attribute = f' nonce="{escape(nonce, quote=True)}"' if nonce else ""
    return _DOCUMENT.format(nonce=attribute, reason=reason).encode()
