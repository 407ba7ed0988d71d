"""The scope of a request to an app under a prefix, however the proxy and the server treat the prefix."""

from __future__ import annotations

from typing import Any

import anyio
import pytest

from litestar_vite._root_path import UnderRootPath


def seen(prefix: str, scope: dict[str, Any]) -> dict[str, Any]:
    """Return the scope that reaches an app under a prefix."""
    found: dict[str, Any] = {}

    async def app(scope: Any, _: Any, __: Any) -> None:
        found.update(scope)

    async def ask() -> None:
        request: Any = {"type": "http", **scope}
        nothing: Any = None
        await UnderRootPath(app, prefix)(request, nothing, nothing)

    anyio.run(ask)
    return {name: value for name, value in found.items() if name != "type"}


@pytest.mark.parametrize(
    ("root_path", "path", "raw_path", "expected"),
    [
        # uvicorn --root-path
        ("/shop", "/shop/a b", b"/shop/a%20b", ("/shop/a b", b"/shop/a%20b")),
        # A server that sets root_path and leaves the path unchanged
        ("/shop", "/a b", b"/a%20b", ("/shop/a b", b"/shop/a%20b")),
        ("/shop/", "/a", b"/a", ("/shop/a", b"/shop/a")),
        # A server that keeps the original raw_path
        ("/shop", "/a", b"/shop/a", ("/shop/a", b"/shop/a")),
        # Without root_path
        ("", "/a", b"/a?b=/shop", ("/shop/a", b"/shop/a?b=/shop")),
        ("", "/shop/a", b"/shop/a", ("/shop/a", b"/shop/a")),
        ("/", "/a", b"/a", ("/shop/a", b"/shop/a")),
        # The app's first page
        ("", "/", b"/", ("/shop/", b"/shop/")),
        ("", "/shop", b"/shop?a=1", ("/shop", b"/shop?a=1")),
        # Paths that only look like the prefix
        ("", "/shopping", b"/shopping", ("/shop/shopping", b"/shop/shopping")),
        ("", "/x/shop/y", b"/x/shop/y", ("/shop/x/shop/y", b"/shop/x/shop/y")),
        # A route with the same name as the prefix, which uvicorn distinguishes
        ("/shop", "/shop/shop/a", b"/shop/shop/a", ("/shop/shop/a", b"/shop/shop/a")),
        # No path
        ("", "*", b"*", ("*", b"*")),
        ("", "/a", None, ("/shop/a", None)),
    ],
)
def test_every_request_has_the_prefix_once(
    root_path: str, path: str, raw_path: bytes | None, expected: tuple[str, bytes | None]
) -> None:
    found = seen("/shop", {"root_path": root_path, "path": path, "raw_path": raw_path})
    assert found == {"root_path": "/shop", "path": expected[0], "raw_path": expected[1]}


@pytest.mark.parametrize("path", ["/app/a", "/a"])
def test_an_app_that_is_mounted_in_another_has_the_whole_prefix(path: str) -> None:
    """Frameworks differ in whether they keep their own prefix in the path."""
    found = seen("/shop/app", {"root_path": "/app", "path": path, "raw_path": path.encode()})
    assert found == {"root_path": "/shop/app", "path": "/shop/app/a", "raw_path": b"/shop/app/a"}


def test_a_scope_without_the_optional_keys_will_do() -> None:
    assert seen("/shop", {"path": "/a"}) == {"root_path": "/shop", "path": "/shop/a"}
