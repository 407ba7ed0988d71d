"""Finds the pages that routes declare with the opt `prerender`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from litestar import Litestar

from litestar_vite._routes import handlers
from litestar_vite.exceptions import ConfigError

_PARAMETER: Final = re.compile(r"\{(\w+):(\w+)\}")
_BAD_SEGMENTS: Final = frozenset({"", ".", ".."})


async def declared_paths(app: Litestar) -> list[str]:
    """Return the paths of all declared pages, decoded, in the order of the routes.

    Raises:
        ConfigError: A route declares a page that cannot be a file, or its callable does not return path parameters.
    """
    paths: list[str] = []
    for path, handler in handlers(app):
        declared = handler.opt.get("prerender")
        if declared is None or declared is False:
            continue
        if not isinstance(handler.opt.get("component"), str) or "GET" not in handler.http_methods:
            raise ConfigError(
                f"The route {path!r} has prerender={declared!r}, but does not name a component. Add component='...' to "
                "a GET handler."
            )
        paths += [path] if not _PARAMETER.search(path) else await _filled(app, path, declared)
    return list(dict.fromkeys(paths))


def url_path(path: str) -> str:
    """Return a decoded path as it is sent in a request."""
    return quote(path, safe="/:@!$&'()*+,;=-._~")


async def _filled(app: Litestar, path: str, declared: Any) -> list[str]:
    names = [name for name, _ in _PARAMETER.findall(path)]
    if not callable(declared):
        raise ConfigError(
            f"The route {path!r} has path parameters. Set prerender to a function that returns their values, such as "
            f"prerender=lambda: [{{{names[0]!r}: 1}}]."
        )
    found: Any = declared(app) if inspect.signature(declared).parameters else declared()
    values: Iterable[Any] = await found if inspect.isawaitable(found) else found
    return [_fill(path, names, each) for each in values]


def _fill(path: str, names: list[str], given: Any) -> str:
    """Return a path with its parameters. A single parameter may be given without its name."""
    values = given if isinstance(given, Mapping) else {names[0]: given} if len(names) == 1 else {}
    if set(values) != set(names):
        raise ConfigError(
            f"The prerender function of {path!r} returned {given!r}. Return a dict with {', '.join(map(repr, names))}."
        )
    filled = _PARAMETER.sub(lambda found: str(values[found[1]]).lstrip("/" if found[2] == "path" else ""), path)
    segments = filled.split("/")[1:]
    if len(segments) > 1 and segments[-1] == "" and path.endswith("/"):
        segments.pop()
    if (
        not _BAD_SEGMENTS.isdisjoint(segments)
        or any(sign in filled for sign in "\\\0")
        or not _is_whole(path, segments)
    ):
        raise ConfigError(
            f"The prerender function of {path!r} returned {given!r}, which is not part of a path of a file."
        )
    return filled


def _is_whole(path: str, segments: list[str]) -> bool:
    """Return whether no value has added a segment, unless it is a path."""
    return ":path}" in path or len(segments) == len([part for part in path.split("/") if part])
