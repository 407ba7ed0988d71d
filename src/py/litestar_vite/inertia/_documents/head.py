"""Head elements of the document from the server (protocol I65, client 3.5 with `serverHead`).

The page's prop `head` is a list of HTML strings, which these helpers make: values are escaped, and each element has a
`data-inertia` key, by which the client replaces it on the next page, or keeps it if it is unchanged.

    return {"head": [title("Users"), meta(name="description", content="All of them")], "users": users}

With `InertiaConfig.server_head`, the first document contains them too. They are added by the render server or, if the
browser renders the page, by `document_head`, which reads the prop as the client does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final, cast

# HTML's rule for attribute names, a little stricter.
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:.\-]*")
# In a data script, `<` can only occur inside a JSON string, where `\u003c` means the same.
_SCRIPT_ESCAPES: Final = {
    ord("<"): "\\u003c",
    ord(">"): "\\u003e",
    ord("&"): "\\u0026",
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
# The two checks of an element in client 3.7.1 (head.ts): whether it has a key, and which.
_IS_KEYED: Final = re.compile(r"\sdata-inertia(=|\s|>)")
_KEY: Final = re.compile(r""" data-inertia=(["'])[^"']+\1""")
_TAG: Final = re.compile(r"<([a-zA-Z][^\s/>]*)")
# The elements that HTML allows in a head; a browser starts the body at any other element.
_METADATA: Final = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})

Attribute = str | int | bool | None
"""True writes the bare name; False and None leave it out."""


def title(text: str, *, key: str = "title") -> str:
    """Return the document's title."""
    return f"<title{_attributes(key, {})}>{escape(text)}</title>"


def meta(*, key: str | None = None, **attributes: Attribute) -> str:
    """Return a meta element; `http_equiv` writes `http-equiv`. Its key is its name, property or http-equiv, unless
    given.
    """
    named = _named(attributes)
    return f"<meta{_attributes(key or _first(named, 'name', 'property', 'http-equiv', 'charset') or 'meta', named)}>"


def link(*, key: str | None = None, **attributes: Attribute) -> str:
    """Return a link element; `class_` writes `class`. Its key is rel and href, unless given."""
    named = _named(attributes)
    at = key or " ".join(str(named[name]) for name in ("rel", "href") if name in named) or "link"
    return f"<link{_attributes(at, named)}>"


def script(json: str, *, key: str = "ld+json", type: str = "application/ld+json") -> str:  # noqa: A002 - HTML's name
    """Return a data script, such as JSON-LD; `json` is JSON text. Executable scripts do not belong in
    the server head.

    Raises:
        ValueError: Browsers execute scripts of this type.
    """
    if "json" not in type:
        raise ValueError(
            f"head.script(type={type!r}) would run. Give it a JSON type, or put your code into the bundle."
        )
    return f"<script{_attributes(key, {'type': type})}>{json.translate(_SCRIPT_ESCAPES)}</script>"


def server_head(props: Mapping[str, Any], name: str) -> bytes:
    """Return the elements of the head prop for a page's document."""
    return document_head(props[name]) if name in props else b""


def document_head(elements: object) -> bytes:
    """Return a head prop's elements for the document, as the client would render them: one element for each key, the
    last one wins.

    The client finds them by their keys and keeps them. Values other than a list of strings, each with one head
    element, are ignored."""
    if not isinstance(elements, (list, tuple)):
        return b""
    found: dict[str, str] = {}
    for index, element in enumerate(cast("Sequence[object]", elements)):
        html = element.strip() if isinstance(element, str) else ""
        tag = _TAG.match(html)
        if tag is None or tag[1].lower() not in _METADATA:
            continue
        if not _IS_KEYED.search(html):
            html = _TAG.sub(rf'<\1 data-inertia="server-head-{index}"', html, count=1)
        key = _KEY.search(html)
        found["<title" if html.startswith("<title ") else key[0] if key else str(index)] = html
    # NUL marks the place of a nonce in documents. HTML does not allow it, and browsers read it as U+FFFD.
    return "\n".join(found.values()).replace("\0", "\ufffd").encode()


def _named(attributes: dict[str, Attribute]) -> dict[str, Attribute]:
    """Return attributes with their HTML names: Python's `class_` is `class`, `http_equiv` is `http-equiv`."""
    return {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}


def _first(attributes: dict[str, Attribute], *names: str) -> str | None:
    return next((str(attributes[name]) for name in names if attributes.get(name)), None)


def _attributes(key: str, attributes: dict[str, Attribute]) -> str:
    written = [f' data-inertia="{escape(key)}"']
    for name, value in attributes.items():
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a valid HTML attribute name.")
        if value is True:
            written.append(f" {name}")
        elif value is not False and value is not None:
            written.append(f' {name}="{escape(str(value))}"')
    return "".join(written)
