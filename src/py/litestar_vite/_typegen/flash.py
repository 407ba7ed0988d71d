"""The flash data of an app: the keys that its config declares, or those of its calls of `flash` and `flash_data`."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from litestar_vite._typegen.connection_calls import FLASHES, ConnectionCall
from litestar_vite._typegen.reading.functions import Reader
from litestar_vite._typegen.reading.value_shapes import shape_of
from litestar_vite._typegen.shapes import STRING, Field, Fields, Items, Shape, Source, Unknown, either
from litestar_vite._typegen.type_shapes import Describer
from litestar_vite.config import InertiaConfig
from litestar_vite.inertia._share_and_flash import flash

_MESSAGES: Final = Items(STRING)
# The package flashes an error for rejected forms and expired tokens.
OWN_KEY: Final = "error"


def flash_data_of(
    reader: Reader, describer: Describer, calls: Iterable[ConnectionCall], config: InertiaConfig
) -> Fields:
    """Return the flash keys with their types. All are optional, since most pages are sent without flash data."""
    found: dict[str, Field] = {OWN_KEY: Field(OWN_KEY, _MESSAGES, is_optional=True)}
    is_open = False
    for call in calls:
        if call.fn not in FLASHES:
            continue
        name = category_of(call)
        if name is None:
            is_open = True
            continue
        shape, known = _shape(reader, describer, call), found.get(name)
        if known is None or known.source is None:
            found[name] = Field(name, shape, is_optional=True, source=call.source)
        elif shape != known.shape:
            found[name] = Field(name, either(known.shape, shape), is_optional=True, source=known.source)
    if config.flash_keys is not None:
        found, is_open = _declared(describer, config, found), False
    return Fields(tuple(found[name] for name in sorted(found)), is_open)


class UndeclaredFlash(Struct, frozen=True):
    """A call that sets a key which `InertiaConfig.flash_keys` does not contain."""

    key: str
    nearest: str
    source: Source

    def text(self, root: Path) -> str:
        """Return the problem, with the file relative to a folder."""
        hint = f" Did you mean {self.nearest!r}?" if self.nearest else ""
        return f"InertiaConfig.flash_keys does not contain {self.key!r} ({self.source.where(root)}).{hint}"


def undeclared_flashes(calls: Iterable[ConnectionCall], config: InertiaConfig) -> list[UndeclaredFlash]:
    """Return the calls of `flash` and `flash_data` whose key is not declared."""
    if config.flash_keys is None:
        return []
    keys = [*config.flash_keys, OWN_KEY]
    found = [(category_of(call), call.source) for call in calls if call.fn in FLASHES]
    return [
        UndeclaredFlash(key, next(iter(difflib.get_close_matches(key, keys, 1)), ""), source)
        for key, source in found
        if key is not None and key not in keys
    ]


def category_of(call: ConnectionCall) -> str | None:
    """Return the key that a call of `flash` or `flash_data` sets, or None if it is computed."""
    given = call.argument("category", 2) if call.fn is flash else call.argument("key", 1)
    if given is None:
        return "info" if call.fn is flash else None
    return given.value if isinstance(given, ast.Constant) and isinstance(given.value, str) else None


def _shape(reader: Reader, describer: Describer, call: ConnectionCall) -> Shape:
    if call.fn is flash:
        return _MESSAGES
    given = call.argument("value", 2)
    if given is None:
        return Unknown("set by flash_data()")
    return shape_of(reader, describer, reader.widened(call.value_of(reader, given)))


def _declared(describer: Describer, config: InertiaConfig, found: Mapping[str, Field]) -> dict[str, Field]:
    """Return the declared keys. Without a declared type, a key has the type of the calls that set it."""
    keys = config.flash_keys or ()
    types = keys if isinstance(keys, Mapping) else {}
    declared = {OWN_KEY: found[OWN_KEY]}
    for name in keys:
        known = found.get(name, Field(name, _MESSAGES, is_optional=True))
        shape = describer.describe(types[name]) if name in types else known.shape
        declared[name] = Field(name, shape, is_optional=True, source=known.source)
    return declared
