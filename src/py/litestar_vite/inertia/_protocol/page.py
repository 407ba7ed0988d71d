"""The page object's JSON inside an HTML document."""

from __future__ import annotations

from html import escape
from typing import Final

# Both end lines in old JavaScript parsers. They share their first byte, and a search for one byte is many times faster
# than for three.
_LINE_SEPARATORS: Final = (("\u2028".encode(), b"\\u2028"), ("\u2029".encode(), b"\\u2029"))
_SEPARATOR_LEAD: Final = 0xE2


def escape_json(page_json: bytes) -> bytes:
    r"""Return JSON bytes that are safe inside a script element and parse to the same value (protocol A4).

    All five characters can stand only inside JSON strings, where `\uXXXX` means the same.
    """
    # Order does not matter: no replacement holds a character that another one looks for. `<` guards against `</script>`
    # and `<!--<script>`, `&` against XHTML entities. Bytes without a match come back uncopied; `bytes in bytes` would
    # cost three times as much.
    page_json = page_json.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
    if _SEPARATOR_LEAD in page_json:
        for separator, replacement in _LINE_SEPARATORS:
            page_json = page_json.replace(separator, replacement)
    return page_json


def script_element(page_json: bytes, element_id: bytes, nonce: bytes | None = None) -> bytes:
    """Return the script and the empty application element, which the 3.x client boots from (protocol A2)."""
    nonce_attribute = b'" nonce="' + nonce if nonce else b""
    return b"".join(
        (
            b'<script data-page="',
            element_id,
            nonce_attribute,
            b'" type="application/json">',
            escape_json(page_json),
            b'</script><div id="',
            element_id,
            b'"></div>',
        )
    )


def attribute_element(page_json: bytes, element_id: bytes) -> bytes:
    """Return the application element with the page in an attribute, for clients 1.x and 2.x."""
    attribute = escape(page_json.decode(), quote=True).encode()
    return b'<div id="' + element_id + b'" data-page="' + attribute + b'"></div>'
