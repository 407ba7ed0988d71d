"""Finds the places in an HTML document that a page fills, and the URLs that it loads."""

from __future__ import annotations

from html import escape
from html.parser import HTMLParser
from typing import Final, Self

from msgspec import Struct
from typing_extensions import override

_NONCE_LINKS: Final = frozenset({"stylesheet", "modulepreload", "preload"})


class Edit(Struct, frozen=True):
    """A piece of the source to replace. `text` may hold the nonce slot."""

    start: int
    end: int
    text: str


class Element(Struct, frozen=True):
    """The application element: the offsets of its start tag, content and end tag."""

    start: int
    content: int
    content_end: int
    end: int
    tag: str
    attributes: tuple[tuple[str, str | None], ...]


class DocumentParser(HTMLParser):
    """Reads a document, and knows at which offset each tag starts."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = source
        # HTMLParser only counts "\n" as a line break.
        self._lines = [0, *(i + 1 for i, character in enumerate(source) if character == "\n")]

    def read(self) -> Self:
        """Read the whole document."""
        self.feed(self.source)
        self.close()
        return self

    def tag_start(self) -> int:
        """Return the offset of the current tag."""
        line, column = self.getpos()
        return self._lines[line - 1] + column


class Marks(DocumentParser):
    """The offsets of the relevant elements in a document.

    Attributes:
        head: The end of the start tag `<head>`.
        head_end: The start of `</head>`.
        body_end: The start of `</body>`.
        entry: The first local module script with a `src`.
        entry_path: Its path ("src/app.tsx").
        has_module: The document contains a local or inline module script.
        cors_styles: The URLs of the style sheets that are fetched in CORS mode (`crossorigin`), as Vite's are.
        nonces: The edits that give scripts, styles and their links the nonce.
        has_nonce_meta: The document contains `<meta property="csp-nonce">`.
    """

    def __init__(self, source: str, element_id: str, nonce_slot: str = "") -> None:
        super().__init__(source)
        self._element_id = element_id
        self._nonce_slot = nonce_slot
        self._open_title: int | None = None
        self._open_entry: int | None = None
        self._open_element: Element | None = None
        self._depth = 0
        self.head: int | None = None
        self.head_end: int | None = None
        self.body_end: int | None = None
        self.title: tuple[int, int] | None = None
        self.entry: tuple[int, int] | None = None
        self.entry_path: str | None = None
        self.has_module = False
        self.element: Element | None = None
        self.linked: set[str] = set()
        self.cors_styles: set[str] = set()
        self.nonces: list[Edit] = []
        self.has_nonce_meta = False

    @classmethod
    def of(cls, source: str, element_id: str = "", nonce_slot: str = "") -> Marks:
        """Parse a document. With `nonce_slot`, `nonces` are collected."""
        return cls(source, element_id, nonce_slot).read()

    @property
    def has_open_element(self) -> bool:
        """True if the end tag of the application element is missing."""
        return self._open_element is not None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        offset, attributes = self.tag_start(), dict(attrs)
        text = self.get_starttag_text() or ""
        self._note_link(tag, attributes)
        if self._nonce_slot:
            self._note_nonce(tag, attrs, offset, text)
        if self._open_element is not None:
            self._depth += tag == self._open_element.tag
        elif self._element_id and attributes.get("id") == self._element_id and self.element is None:
            content = offset + len(text)
            self._open_element = Element(offset, content, content, content, tag, tuple(attrs))
            self._depth = 1
        elif tag == "head":
            self.head = self.head or offset + len(text)
        elif tag == "title" and self.title is None and self.head_end is None:
            self._open_title = offset
        if tag == "script" and (attributes.get("type") or "").lower() == "module":
            self._note_module(attributes.get("src"), offset)

    def _note_module(self, src: str | None, offset: int) -> None:
        if src is None:
            self.has_module = True
        elif src and "//" not in src:
            self.has_module = True
            if self.entry_path is None:
                self.entry_path = src.lstrip("/").removeprefix("./")
                self._open_entry = offset

    def _note_link(self, tag: str, attributes: dict[str, str | None]) -> None:
        url = None
        if tag == "script":
            url = attributes.get("src")
        elif tag == "link" and _rels(attributes) & {"stylesheet", "modulepreload"}:
            url = attributes.get("href")
        if url:
            self.linked.add(url)
            if "stylesheet" in _rels(attributes) and attributes.get("crossorigin", "-") in {None, "", "anonymous"}:
                self.cors_styles.add(url)

    def _note_nonce(self, tag: str, attrs: list[tuple[str, str | None]], offset: int, text: str) -> None:
        attributes = dict(attrs)
        is_meta = tag == "meta" and (attributes.get("property") or "").lower() == "csp-nonce"
        self.has_nonce_meta = self.has_nonce_meta or is_meta
        is_link = tag == "link" and bool(_rels(attributes) & _NONCE_LINKS)
        if not (is_meta or is_link or tag in {"script", "style"}):
            return
        name_end = offset + 1 + len(tag)
        slot = f' nonce="{self._nonce_slot}"'
        if "nonce" not in attributes:
            self.nonces.append(Edit(name_end, name_end, slot))
            return
        # The user's `html.cspNonce` has set a value. The tag is rewritten, since HTMLParser gives no offsets of values.
        rest = "".join(
            f" {name}" if value is None else f' {name}="{escape(value)}"' for name, value in attrs if name != "nonce"
        )
        self.nonces.append(Edit(name_end, offset + len(text), f"{slot}{rest}>"))

    @override
    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Browsers ignore the slash in `<div id="app"/>`, but the author meant an empty element.
        self.handle_starttag(tag, attrs)
        end = self.tag_start() + len(self.get_starttag_text() or "")
        self._end(tag, end, end)

    @override
    def handle_endtag(self, tag: str) -> None:
        # "</div >" is a valid end tag.
        self._end(tag, self.tag_start(), self.source.find(">", self.tag_start()) + 1)

    def _end(self, tag: str, start: int, end: int) -> None:
        if tag == "script" and self._open_entry is not None:
            self.entry, self._open_entry = (self._open_entry, end), None
        opened = self._open_element
        if opened is not None:
            self._depth -= tag == opened.tag
            if self._depth == 0:
                self.element = Element(opened.start, opened.content, start, end, opened.tag, opened.attributes)
                self._open_element = None
        elif tag == "head":
            self.head_end = self.head_end or start
        elif tag == "body":
            self.body_end = start
        elif tag == "title" and self._open_title is not None:
            self.title, self._open_title = (self._open_title, end), None


def _rels(attributes: dict[str, str | None]) -> set[str]:
    return set((attributes.get("rel") or "").lower().split())
