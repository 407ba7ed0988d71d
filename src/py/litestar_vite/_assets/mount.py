"""The application element of a document: its tag with all attributes, and the content shown until the page is ready."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape, unescape

from msgspec import Struct

from litestar_vite._assets.tags import fill_nonce

_SCRIPT_END = b"</script>"
# The element that a render server returns, after the script with the page.
_ELEMENT = re.compile(rb"\s*<(\w+)((?:\s[^<>]*)?)>")
_ATTRIBUTE = re.compile(r"""([^\s=]+)(?:=(?:"([^"]*)"|'([^']*)'|(\S+)))?""")


class Mount(Struct, frozen=True):
    """The application element.

    Attributes:
        attributes: Its attributes, including `id`.
        content: The content shown until the page is ready.
        is_plain: The tag is `<div id="…">`, as render servers write it.
    """

    tag: str
    attributes: tuple[tuple[str, str | None], ...]
    content: bytes
    is_plain: bool

    @classmethod
    def of(cls, tag: str, attributes: Iterable[tuple[str, str | None]], content: bytes = b"") -> Mount:
        """Return the element with this tag, attributes and content."""
        attributes = tuple(attributes)
        return cls(tag, attributes, content, is_plain=tag == "div" and [name for name, _ in attributes] == ["id"])

    def in_browser(self, script: bytes, *more: tuple[str, str | None], nonce: str | None = None) -> bytes:
        """Return the element of a page that the browser renders.

        Args:
            script: The script with the page, which precedes the element.
            more: More attributes, for clients that read the page from one.
        """
        return b"".join((script, self._open(more), fill_nonce(self.content, nonce), f"</{self.tag}>".encode()))

    def rendered(self, body: bytes) -> bytes:
        """Return a render server's body with the tag and the attributes of the document's element.

        Attributes of the render server's element stay, and the document's win. Bodies of another form are unchanged.
        """
        if self.is_plain:
            return body
        # The page's JSON escapes "/" or "<", so the first "</script>" is the script's end tag.
        after_script = body.find(_SCRIPT_END) + len(_SCRIPT_END) if body.startswith(b"<script") else 0
        found = _ELEMENT.match(body, after_script)
        if found is None:
            return body
        end = f"</{found[1].decode()}>".encode()
        written = _attributes(found[2].decode())
        content = body[found.end() :].rstrip()
        if not content.endswith(end) or dict(written).get("id") != dict(self.attributes).get("id"):
            return body
        before = body[: found.start(1) - 1]
        opened = self._open(written)
        return b"".join((before, opened, content[: -len(end)], f"</{self.tag}>".encode()))

    def _open(self, more: Iterable[tuple[str, str | None]]) -> bytes:
        own = dict(self.attributes)
        attributes = {**own, **{name: value for name, value in more if name not in own}}
        written = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in attributes.items()
        )
        return f"<{self.tag}{written}>".encode()


def _attributes(text: str) -> list[tuple[str, str | None]]:
    """Return the attributes in the text of a start tag."""
    return [
        (found[1].lower(), next((unescape(value) for value in found.groups()[1:] if value is not None), None))
        for found in _ATTRIBUTE.finditer(text)
    ]
