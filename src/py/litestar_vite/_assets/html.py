"""The HTML document around a page, split once into byte segments. A response joins them.

How it works:
1. The source is the user's index.html, or a small built-in document.
2. A parser finds `</head>`, the application element, the title and the entry's module script.
3. The entry's script is replaced by the built tags, and the application element by a slot. The title is omitted if the
   render server returns one.
"""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from typing_extensions import override

from litestar_vite._assets.tags import fill_nonce
from litestar_vite.exceptions import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence


DEFAULT_SHELL: Final = (
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n</head>\n<body>\n'
    '<div id="app"></div>\n</body>\n</html>\n'
)


class HTMLShell(Struct, frozen=True):
    """A document in five segments. `title` is omitted if the page has its own title."""

    before_title: bytes
    title: bytes
    before_head_end: bytes
    before_element: bytes
    after_element: bytes

    def render(self, head: Sequence[bytes], element: bytes, nonce: str | None = None) -> bytes:
        """Insert a page into the document.

        Args:
            head: HTML for the end of `<head>`: preloads, then the render server's head.
            element: The page script and the application element, or the render server's body.
            nonce: The value for the nonce slots in the document's tags; None removes them.
        """
        head_html = b"".join(head)
        has_title = head_html.find(b"<title") >= 0
        before_title, title, before_head_end = self.before_title, self.title, self.before_head_end
        before_element, after_element = self.before_element, self.after_element
        before_title, before_head_end = fill_nonce(before_title, nonce), fill_nonce(before_head_end, nonce)
        # In development, scripts in the body have slots too.
        before_element, after_element = fill_nonce(before_element, nonce), fill_nonce(after_element, nonce)
        return b"".join(
            (
                before_title,
                b"" if has_title else title,
                before_head_end,
                head_html,
                before_element,
                element,
                after_element,
            )
        )


def entry_of(source: str) -> str | None:
    """Return the path of a document's first local module script ("src/app.tsx"), or None."""
    marks = _Marks.of(source, "")
    return marks.entry_path


def parse_shell(source: str, tags: bytes, *, element_id: str, origin: str, keeps_entry: bool = False) -> HTMLShell:
    """Split a document into an HTMLShell.

    Args:
        source: The document.
        tags: The tags that load the entry. They replace the document's module script, at the end of `<head>`.
        element_id: The id of the application element. If missing, an element is added at the end of `<body>`.
        origin: The document's name, for messages.
        keeps_entry: Keep the document's module script.

    Raises:
        ConfigError: The document lacks `</head>`, or the application element precedes it or is not closed.
    """
    marks = _Marks.of(source, element_id)
    if marks.head_end is None:
        msg = f"{origin!r} has no </head>. The page's title, styles and scripts belong there. Add <head></head>."
        raise ConfigError(msg)
    if marks.has_open_element:
        msg = f"{origin!r} has the element #{element_id} without an end tag. Close the element."
        raise ConfigError(msg)
    element = marks.element or (marks.body_end or len(source),) * 2
    if element[0] < marks.head_end:
        msg = f"{origin!r} has the element #{element_id} before </head>. Move it into <body>."
        raise ConfigError(msg)
    title = marks.title or (marks.head_end, marks.head_end)
    cut = [marks.entry] if marks.entry and not keeps_entry else []

    def piece(start: int, end: int) -> bytes:
        for cut_start, cut_end in cut:
            if start <= cut_start and cut_end <= end:
                return (source[start:cut_start] + source[cut_end:end]).encode()
        return source[start:end].encode()

    return HTMLShell(
        before_title=piece(0, title[0]),
        title=piece(*title),
        before_head_end=piece(title[1], marks.head_end) + tags,
        before_element=piece(marks.head_end, element[0]),
        after_element=piece(element[1], len(source)),
    )


class _Marks(HTMLParser):
    """Finds the offsets of the relevant elements in a document."""

    def __init__(self, source: str, element_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self._source = source
        # HTMLParser only counts "\n" as a line break.
        self._lines = [0, *(i + 1 for i, character in enumerate(source) if character == "\n")]
        self._element_id = element_id
        self._open_title: int | None = None
        self._open_entry: int | None = None
        self._open_element: tuple[int, str, int] | None = None
        self.head_end: int | None = None
        self.body_end: int | None = None
        self.title: tuple[int, int] | None = None
        self.entry: tuple[int, int] | None = None
        self.entry_path: str | None = None
        self.element: tuple[int, int] | None = None

    @classmethod
    def of(cls, source: str, element_id: str) -> _Marks:
        marks = cls(source, element_id)
        marks.feed(source)
        marks.close()
        return marks

    @property
    def has_open_element(self) -> bool:
        return self._open_element is not None

    def _offset(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        offset, attributes = self._offset(), dict(attrs)
        if self._open_element is not None:
            start, name, depth = self._open_element
            if tag == name:
                self._open_element = (start, name, depth + 1)
        elif self._element_id and attributes.get("id") == self._element_id and self.element is None:
            self._open_element = (offset, tag, 1)
        elif tag == "title" and self.title is None and self.head_end is None:
            self._open_title = offset
        elif tag == "script" and (attributes.get("type") or "").lower() == "module" and self.entry_path is None:
            src = attributes.get("src") or ""
            if src and "//" not in src:
                self.entry_path = src.lstrip("/").removeprefix("./")
                self._open_entry = offset

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Browsers ignore the slash in `<div id="app"/>`, but the author meant an empty element.
        self.handle_starttag(tag, attrs)
        self._end(tag, self._offset() + len(self.get_starttag_text() or ""))

    @override
    def handle_endtag(self, tag: str) -> None:
        self._end(tag, self._source.find(">", self._offset()) + 1)  # "</div >" is a valid end tag.

    def _end(self, tag: str, end: int) -> None:
        if self._open_element is not None:
            start, name, depth = self._open_element
            if tag == name:
                self._open_element = (start, name, depth - 1) if depth > 1 else None
                if depth == 1:
                    self.element = (start, end)
        elif tag == "head":
            self.head_end = self.head_end or self._offset()
        elif tag == "body":
            self.body_end = self._offset()
        elif tag == "title" and self._open_title is not None:
            self.title, self._open_title = (self._open_title, end), None
        elif tag == "script" and self._open_entry is not None:
            self.entry, self._open_entry = (self._open_entry, end), None
