"""Elements of the document's head from the server (protocol I65, client 3.5 with `serverHead`).

The page's prop `head` is a list of HTML strings. These words make them: values are escaped, and each element has a `data-inertia` key, by
which the client replaces it on the next page and leaves it alone when it is the same.

    return {"head": [title("Users"), meta(name="description", content="All of them")], "users": users}
"""

from __future__ import annotations

import re
from html import escape
from typing import Final

__all__ = ("link", "meta", "script", "title")

# HTML's rule for attribute names, a little stricter.
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:.\-]*")
# In a script of data `<` can only stand inside a JSON string, where `\u003c` means the same.
_SCRIPT_ESCAPES: Final = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026", 0x2028: "\\u2028", 0x2029: "\\u2029"}

Attribute = str | int | bool | None
"""True writes the bare name; False and None leave it out."""


def title(text: str, *, key: str = "title") -> str:
    """Return the document's title."""
    return f"<title{_attributes(key, {})}>{escape(text)}</title>"


def meta(*, key: str | None = None, **attributes: Attribute) -> str:
    """Return a meta element; `http_equiv` writes `http-equiv`. Its key is its name, property or http-equiv, unless given."""
    named = _named(attributes)
    return f"<meta{_attributes(key or _first(named, 'name', 'property', 'http-equiv', 'charset') or 'meta', named)}>"


def link(*, key: str | None = None, **attributes: Attribute) -> str:
    """Return a link element; `class_` writes `class`. Its key is rel and href, unless given."""
    named = _named(attributes)
    return f"<link{_attributes(key or ' '.join(str(named[name]) for name in ('rel', 'href') if name in named) or 'link', named)}>"


def script(json: str, *, key: str = "ld+json", type: str = "application/ld+json") -> str:  # noqa: A002 - HTML's name
    """Return a script of data, such as JSON-LD; `json` is JSON text. A script that runs is none of the server head's business.

    Raises:
        ValueError: The type is one that browsers run.
    """
    if "json" not in type:
        msg = f"head.script(type={type!r}) would run. Give it a JSON type, or put your code into the bundle."
        raise ValueError(msg)
    return f"<script{_attributes(key, {'type': type})}>{json.translate(_SCRIPT_ESCAPES)}</script>"


def _named(attributes: dict[str, Attribute]) -> dict[str, Attribute]:
    """Return attributes under HTML's names: Python's `class_` is `class`, `http_equiv` is `http-equiv`."""
    return {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}


def _first(attributes: dict[str, Attribute], *names: str) -> str | None:
    return next((str(attributes[name]) for name in names if attributes.get(name)), None)


def _attributes(key: str, attributes: dict[str, Attribute]) -> str:
    written = [f' data-inertia="{escape(key)}"']
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            msg = f"{name!r} is no name of an HTML attribute."
            raise ValueError(msg)
        if value is True:
            written.append(f" {name}")
        elif value is not False and value is not None:
            written.append(f' {name}="{escape(str(value))}"')
    return "".join(written)
