"""The channels that pages may listen to: names with parameters, and their guards."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from inspect import isawaitable
from typing import Any, Final, Literal

from litestar import Request
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException

from litestar_vite.config._live import ChannelGuard
from litestar_vite.exceptions import ConfigError

# Redis, Postgres and the event stream take these characters as they are.
_LONGEST: Final = 128
_NAME: Final = re.compile(rf"[A-Za-z0-9_.:\-]{{1,{_LONGEST}}}").fullmatch
_PARAMETER: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class _Pattern:
    __slots__ = ("guard", "match", "name")

    def __init__(self, name: str, guard: ChannelGuard | None) -> None:
        literals = _PARAMETER.split(name)[::2]
        if not _NAME(_PARAMETER.sub("x", name)) or any(set(part) & set("{}") for part in literals):
            raise ConfigError(
                f"LiveConfig.channels has {name!r}. A channel's name consists of letters, digits, '_', '-', ':' and "
                "'.', and parameters such as 'orders.{order_id}'."
            )
        self.name = name
        self.guard = guard
        expression = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^.]+)", re.escape(name))
        self.match = re.compile(expression).fullmatch


class LiveChannels:
    """The configured channels.

    Raises:
        ConfigError: A name contains other characters, or the list is empty.
    """

    def __init__(self, configured: Mapping[str, ChannelGuard | None] | Collection[str]) -> None:
        guards: Any = configured if hasattr(configured, "items") else dict.fromkeys(configured)
        if isinstance(configured, str) or not guards:
            raise ConfigError(
                f"LiveConfig.channels is {configured!r}. List the channels: LiveConfig(channels=['orders'])."
            )
        self._patterns = [_Pattern(name, guard) for name, guard in guards.items()]
        self._longest = _LONGEST

    @property
    def all_names(self) -> list[str]:
        """The names as configured, with their parameters."""
        return [pattern.name for pattern in self._patterns]

    def limit_names(self, longest: int | None) -> None:
        """Apply the limit of the channels backend to the names, in characters; None if it has none.

        Raises:
            ConfigError: A configured name without parameters is longer.
        """
        self._longest = longest or _LONGEST
        for name in self.all_names:
            if not _PARAMETER.search(name):
                self._check_length(name)

    def type_of(self, name: str) -> Literal["public", "private"]:
        """Return the type of a channel, as pages name it.

        Raises:
            ConfigError: `LiveConfig.channels` does not contain the channel.
        """
        return "public" if self._get(name)[0].guard is None else "private"

    def check(self, name: str) -> None:
        """Reject a channel to which no page can listen.

        Raises:
            ConfigError: `LiveConfig.channels` does not contain the channel.
        """
        self._get(name)

    async def allows(self, request: Request[Any, Any, Any], name: str) -> bool:
        """Return whether a request may listen to a channel."""
        found = self._find(name)
        if found is None:
            return False
        pattern, parameters = found
        if pattern.guard is None:
            return True
        try:
            allowed: Any = pattern.guard(request, parameters)
            return bool(await allowed if isawaitable(allowed) else allowed)
        except (NotAuthorizedException, PermissionDeniedException):
            return False

    def _get(self, name: str) -> tuple[_Pattern, dict[str, str]]:
        if (found := self._find(name)) is not None:
            return found
        self._check_length(name)
        known = ", ".join(repr(pattern.name) for pattern in self._patterns)
        raise ConfigError(
            f"No live channel {name!r}: LiveConfig.channels has {known}. A parameter matches letters, digits, '_', "
            "'-' and ':'."
        )

    def _check_length(self, name: str) -> None:
        if len(name) > self._longest:
            msg = (
                f"The name of the live channel {name!r} has {len(name)} characters, and the channels backend allows "
                f"{self._longest}. Use an id as the parameter, or a shorter name."
            )
            raise ConfigError(msg)

    def _find(self, name: str) -> tuple[_Pattern, dict[str, str]] | None:
        if not _NAME(name) or len(name) > self._longest:
            return None
        return next(((each, match.groupdict()) for each in self._patterns if (match := each.match(name))), None)
