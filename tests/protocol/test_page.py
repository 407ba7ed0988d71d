"""The page's JSON inside a document, byte by byte (protocol A2 to A4)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litestar_vite.inertia._protocol.page import escape_json, page_script

pytestmark = pytest.mark.protocol("A2", "A3", "A4")


@pytest.mark.parametrize(
    ("raw", "escaped"),
    [
        (b'{"a":"plain"}', b'{"a":"plain"}'),
        (b'"<"', b'"\\u003c"'),
        (b'">"', b'"\\u003e"'),
        (b'"&"', b'"\\u0026"'),
        ("\u2028\u2029".encode(), b"\\u2028\\u2029"),
        ("â€ \u2027\u202a".encode(), "â€ \u2027\u202a".encode()),
        (b'"</script><!--<script>"', b'"\\u003c/script\\u003e\\u003c!--\\u003cscript\\u003e"'),
    ],
)
def test_what_may_not_stand_in_a_script_is_escaped(raw: bytes, escaped: bytes) -> None:
    assert escape_json(raw) == escaped


@given(st.text())
def test_the_escaped_json_is_the_same_value(text: str) -> None:
    encoded = json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass")
    escaped = escape_json(encoded)
    assert json.loads(escaped.decode("utf-8", "surrogatepass")) == text
    assert not {b"<", b">", b"&"} & {escaped[at : at + 1] for at in range(len(escaped))}


def test_the_script_has_the_id() -> None:
    assert page_script(b"{}", b"root") == b'<script data-page="root" type="application/json">{}</script>'
