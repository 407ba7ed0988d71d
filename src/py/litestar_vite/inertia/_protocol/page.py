"""The page object's JSON inside an HTML document."""

from __future__ import annotations

from typing import Final

# Both end lines in old JavaScript parsers. They share the first byte, and a search for one byte is many times faster
# than for three.
_LINE_SEPARATORS: Final = (("\u2028".encode(), b"\\u2028"), ("\u2029".encode(), b"\\u2029"))
_SEPARATOR_LEAD: Final = 0xE2


def escape_json(page_json: bytes) -> bytes:
    r"""Return JSON bytes that are safe inside a script element and parse to the same value (protocol A4).

    All five characters can only occur inside JSON strings, where `\uXXXX` means the same.
    """
    # The order does not matter: no replacement contains a character that another one replaces. `<` guards against
    # `</script>` and `<!--<script>`, `&` against XHTML entities. Bytes without a match come back uncopied; `bytes in
    # bytes` would cost three times as much.
    page_json = page_json.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    if _SEPARATOR_LEAD in page_json:
        for separator, replacement in _LINE_SEPARATORS:
            page_json = page_json.replace(separator, replacement)
    return page_json


def page_script(page_json: bytes, element_id: bytes) -> bytes:
    """Return the script that the 3.x client reads, in front of the application element (protocol A2)."""
    return b"".join(
        (b'<script data-page="', element_id, b'" type="application/json">', escape_json(page_json), b"</script>")
    )
