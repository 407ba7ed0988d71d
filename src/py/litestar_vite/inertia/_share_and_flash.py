"""The helpers with which a handler adds to the next page: shared props, flash messages and history marks.

The functions take the connection first, as Litestar's own do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from litestar.connection import ASGIConnection

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._carry import Carry
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia.helpers import once


def share(connection: ASGIConnection[Any, Any, Any, Any], key: str, value: Any) -> None:
    """Share a prop with the page of this request. A page prop of the same name takes precedence.

    Args:
        connection: The request.
        key: Name of the prop; dots nest, "auth.user".
        value: A value, callable or prop kind.
    """
    inertia = InertiaRequest.of(connection)
    inertia.shared = {**inertia.shared, key: value}
    if inertia.context.note_share is not None:
        inertia.context.note_share(inertia.scope, key)


def share_once(
    connection: ASGIConnection[Any, Any, Any, Any],
    key: str,
    value: Any,
    *,
    until: datetime | timedelta | float | None = None,
    fresh: bool = False,
) -> None:
    """Share a prop that the client keeps over later visits. A callable is then not called again.

    Args:
        connection: The request.
        key: Name of the prop; dots nest, "auth.user". The client stores it under this name on every page.
        value: A value, callable or prop kind.
        until: How long the client may keep it: a timedelta or seconds from now, or a point in time. None means until it
            reloads.
        fresh: Send it even if the client has it.
    """
    share(connection, key, once(value, key=key, until=until, fresh=fresh))


def flash(connection: ASGIConnection[Any, Any, Any, Any], message: str, category: str = "info") -> None:
    """Show a message once on the next page, this one or the one after a redirect: page key `flash: {category: [message,
    …]}`.

    Raises:
        ConfigError: In development, if `InertiaConfig.flash_keys` does not contain the category.
    """
    carry = _carry_of(connection, category)
    current: dict[str, Any] = dict(carry.get("flash") or {})
    messages: Any = current.get(category)
    current[category] = [*messages, message] if isinstance(messages, list) else [message]
    carry.put("flash", current, added=(category, message))


def flash_data(connection: ASGIConnection[Any, Any, Any, Any], key: str, value: Any) -> None:
    """Put any JSON value under `flash[key]` of the next page, once.

    Raises:
        ConfigError: In development, if `InertiaConfig.flash_keys` does not contain the key.
    """
    carry = _carry_of(connection, key)
    carry.put("flash", {**(carry.get("flash") or {}), key: value}, added={key: value})


def _carry_of(connection: ASGIConnection[Any, Any, Any, Any], key: str) -> Carry:
    """Return what carries flash data to the next page. In development, check that the key is declared."""
    inertia = InertiaRequest.of(connection)
    keys = inertia.context.config.flash_keys
    is_declared = keys is None or key in keys or key == "error"
    # In production, a message under a wrong key is better than a failed request.
    if not is_declared and (inertia.context.is_development or connection.app.debug):
        known = ", ".join(map(repr, keys or ()))
        raise ConfigError(f"InertiaConfig.flash_keys does not contain {key!r}. Add it, or use one of: {known}.")
    return inertia.carry


def clear_history(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Let the client drop its encrypted history and its once-props with the next page: for logins and logouts."""
    InertiaRequest.of(connection).carry.put("clear", value=True)


def preserve_fragment(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Let the client keep the URL fragment of its visit over the redirect that follows."""
    InertiaRequest.of(connection).carry.put("fragment", value=True)
