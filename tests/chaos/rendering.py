"""The correct render response, shared by all servers here: the bytes of the page, escaped, and a heading that names
its user.
"""

from __future__ import annotations

import msgspec

__all__ = ("SECRET", "page_of", "render_error", "rendered")

SECRET = "UPSTREAM-SECRET"
"""Marks the text of faulty responses."""


class _Props(msgspec.Struct):
    user: str = ""


class Page(msgspec.Struct):
    """The parts of a page that the servers read."""

    component: str = ""
    props: _Props = msgspec.field(default_factory=_Props)


page_of = msgspec.json.Decoder(Page).decode


def rendered(page: Page, page_json: bytes) -> bytes:
    """Return the official response for a page."""
    script = page_json.decode().replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    user = page.props.user
    body = (
        f'<script data-page="app" type="application/json">{script}</script>'
        f'<div id="app" data-server-rendered="true"><h1 data-ssr="{user}">Hello {user}</h1></div>'
    )
    return msgspec.json.encode({"head": [f"<title>{user}</title>"], "body": body})


def render_error(page: Page) -> bytes:
    """Return the official response for a component that throws."""
    return msgspec.json.encode(
        {
            "error": f"{SECRET} boom",
            "type": "render",
            "component": page.component,
            "hint": f"{SECRET} hint",
            "stack": SECRET,
            "timestamp": "now",
        }
    )
