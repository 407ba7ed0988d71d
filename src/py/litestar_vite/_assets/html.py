"""The HTML document around a page, split once into byte segments. A response joins them.

How it works:
1. The source is the index.html from the build, the user's index.html with the tags of the manifest, or a small built-in
   document.
2. A parser finds `</head>`, the application element, the title and the entry's module script.
3. The application element keeps its tag, attributes and content around the page. The title is omitted if the render
   server returns one.
4. With a CSP nonce, scripts, styles and their links get a slot that each request fills.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from litestar_vite._assets.document_marks import Edit, Marks
from litestar_vite._assets.mount import Mount
from litestar_vite._assets.tags import NONCE_META, NONCE_SLOT, fill_nonce
from litestar_vite.exceptions import ConfigError

DEFAULT_SHELL: Final = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n</head>\n<body>\n'
    '<div id="app"></div>\n</body>\n</html>\n'
)
_SLOT: Final = NONCE_SLOT.decode()


class HTMLShell(Struct, frozen=True):
    """A document in five segments around its application element. `title` is omitted if the page has its own title, and
    with `has_slots`, each response fills nonce slots in the segments.
    """

    before_title: bytes
    title: bytes
    before_head_end: bytes
    before_element: bytes
    after_element: bytes
    mount: Mount
    has_slots: bool = False

    def render(self, head: Sequence[bytes], element: bytes, nonce: str | None = None) -> bytes:
        """Insert a page into the document.

        Args:
            head: HTML for the end of `<head>`: preloads, then the render server's head.
            element: The page script and the application element, made by `mount`.
            nonce: The value for the nonce slots in the document's tags; None removes them.
        """
        shell = self._with_nonce(nonce) if self.has_slots else self
        head_html = b"".join(head)
        return b"".join(
            (
                shell.before_title,
                # `in` costs twice as much: bytes first tries a number.
                b"" if head_html.find(b"<title") >= 0 else shell.title,
                shell.before_head_end,
                head_html,
                shell.before_element,
                element,
                shell.after_element,
            )
        )

    def _with_nonce(self, nonce: str | None) -> HTMLShell:
        return msgspec.structs.replace(
            self,
            before_title=fill_nonce(self.before_title, nonce),
            before_head_end=fill_nonce(self.before_head_end, nonce),
            # Scripts in the body have slots too.
            before_element=fill_nonce(self.before_element, nonce),
            after_element=fill_nonce(self.after_element, nonce),
        )


def entry_of(source: str) -> str | None:
    """Return the path of a document's first local module script ("src/app.tsx"), or None."""
    return Marks.of(source).entry_path


def has_module(source: str) -> bool:
    """Return whether a document contains a local or inline module script."""
    return Marks.of(source).has_module


def parse_shell(
    source: str, tags: bytes, *, element_id: str, origin: str, keeps_entry: bool = False, nonce: bool = False
) -> HTMLShell:
    """Split a document into an HTMLShell.

    Args:
        tags: The tags that load the entry. They replace the document's module script, at the end of `<head>`.
        element_id: The id of the application element. If missing, an element is added at the end of `<body>`.
        origin: The document's name, for messages.
        keeps_entry: Keep the document's module script.
        nonce: Add nonce slots to scripts, styles and their links, and Vite's `<meta property="csp-nonce">`.

    Raises:
        ConfigError: The document lacks `</head>`, or the application element precedes it or is not closed.
    """
    # NUL marks the nonce slots. It cannot occur in a document otherwise, since browsers replace it with U+FFFD.
    marks = Marks.of(source, element_id, _SLOT if nonce else "")
    head_end = _head_end(marks, element_id, origin)
    element = marks.element
    element_start, element_end = (element.start, element.end) if element else (marks.body_end or len(source),) * 2
    title = marks.title or (head_end, head_end)
    edits = list(marks.nonces)
    moved = ""
    if marks.entry is not None:
        start, end = marks.entry
        is_inside = element is not None and element.content <= start < element.content_end
        if is_inside or not keeps_entry:
            edits = [edit for edit in edits if not start <= edit.start < end]
            # A rendered page replaces the element's content, and must not take the script with it.
            moved = _edited(source, start, end, marks.nonces) if is_inside and keeps_entry else ""
            edits.append(Edit(start, end, ""))

    def piece(start: int, end: int) -> bytes:
        return _edited(source, start, end, edits).encode()

    if element is None:
        mount = Mount.of("div", [("id", element_id)])
    else:
        mount = Mount.of(element.tag, element.attributes, piece(element.content, element.content_end))
    meta = NONCE_META if nonce and not marks.has_nonce_meta else b""
    return HTMLShell(
        before_title=piece(0, title[0]),
        title=piece(*title),
        before_head_end=piece(title[1], head_end) + meta + tags,
        before_element=piece(head_end, element_start),
        after_element=moved.encode() + piece(element_end, len(source)),
        mount=mount,
        has_slots=nonce or NONCE_SLOT in tags or _SLOT in source,
    )


def _head_end(marks: Marks, element_id: str, origin: str) -> int:
    """Return the offset of `</head>`, and reject documents that cannot be split."""
    if marks.head_end is None:
        raise ConfigError(
            f"{origin!r} has no </head>. The page's title, styles and scripts belong there. Add <head></head>."
        )
    if marks.has_open_element:
        raise ConfigError(f"{origin!r} has the element #{element_id} without an end tag. Close the element.")
    if marks.element is not None and marks.element.start < marks.head_end:
        raise ConfigError(f"{origin!r} has the element #{element_id} before </head>. Move it into <body>.")
    return marks.head_end


def _edited(source: str, start: int, end: int, edits: Iterable[Edit]) -> str:
    """Return a piece of the source with the edits in its range applied."""
    parts: list[str] = []
    for edit in sorted(edits, key=lambda edit: edit.start):
        if start <= edit.start and edit.end <= end:
            parts += (source[start : edit.start], edit.text)
            start = edit.end
    return "".join((*parts, source[start:end]))
