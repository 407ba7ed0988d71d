"""The bodies of requests and responses as shown in an entry: empty, present with a value, or omitted with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from litestar_vite._devtools.redaction import REDACTED, is_secret, redact

Body = dict[str, Any]

# The limit of the server protocol, in bytes.
MAX_BODY: Final = 256_000
EMPTY: Final[Body] = {"status": "empty"}
_TEXTUAL: Final = ("json", "text/", "xml", "javascript")


def omitted(reason: str) -> Body:
    return {"status": "omitted", "reason": reason}


def present(value: Any) -> Body:
    return {"status": "present", "value": value}


def is_textual(content_type: str) -> bool:
    return any(part in content_type for part in _TEXTUAL)


def request_body(content_type: str, body: bytes, *, is_inertia: bool, is_write: bool, is_cut: bool) -> Body:
    """Return the body of a request. The body of a write is stored only if it is an Inertia request."""
    if is_write and not is_inertia:
        return omitted("non-inertia-request")
    if is_cut:
        return omitted("too-large")
    if not body:
        return EMPTY
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return present(_form(parse_qsl(body.decode("latin-1"), keep_blank_values=True)))
    if kind == "multipart/form-data":
        return _multipart(content_type, body)
    return _text(kind, body)


def response_body(content_type: str, body: bytes) -> Body:
    """Return the body of a response without a page."""
    return EMPTY if not body else _text(content_type, body)


def _text(content_type: str, body: bytes) -> Body:
    if "json" in content_type:
        try:
            return present(redact(msgspec.json.decode(body)))
        except (msgspec.DecodeError, RecursionError):
            pass
    try:
        return present(body.decode())
    except UnicodeDecodeError:
        return omitted("binary")


def _form(pairs: list[tuple[str, Any]]) -> Mapping[str, Any]:
    """Return the fields by name. A repeated name has a list of values."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        shown = REDACTED if any(map(is_secret, name.replace("]", "").split("["))) else value
        if name in found:
            found[name] = [*found[name], shown] if isinstance(found[name], list) else [found[name], shown]
        else:
            found[name] = shown
    return found


def _multipart(content_type: str, body: bytes) -> Body:
    """Return the fields of a form. Files are shown by name, size and type."""
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1")
    message: Any = BytesParser(policy=HTTP).parsebytes(head + body)
    if not message.is_multipart():
        return omitted("unserializable")
    pairs: list[tuple[str, Any]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        file, content = part.get_filename(), part.get_payload(decode=True) or b""
        if file is None:
            pairs.append((str(name), content.decode("utf-8", "replace")))
        else:
            pairs.append((str(name), {"name": file, "size": len(content), "mimeType": part.get_content_type()}))
    return present(_form(pairs))
