"""Converts the return value of a handler to a mapping of props. Only the top level is inspected; values are taken as
they are.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final, cast

import msgspec
from litestar import Litestar
from msgspec.structs import FieldInfo

from litestar_vite.exceptions import PropError
from litestar_vite.inertia._page.encode import missing_await
from litestar_vite.inertia._protocol.props import Prop

_EMPTY: Final = (list, dict, set)


def props_of(content: Any, app: Litestar) -> Mapping[str, Any]:
    """Return the props by the names that are sent.

    Args:
        content: A mapping, None (no props), or an object with fields: msgspec Struct, dataclass, pydantic or attrs
            model.
        app: The app; its pydantic plugin decides about aliases.

    Raises:
        PropError: The content is something else, for example a list.
    """
    if isinstance(content, Mapping):
        mapping = cast("Mapping[str, Any]", content)
        return mapping if isinstance(content, dict) else dict(mapping)  # The JSON encoder only supports dicts.
    if content is None:
        return {}
    if isinstance(content, msgspec.Struct):
        return _struct_props(content)
    kind = type(content)
    if dataclasses.is_dataclass(kind):
        return {field.name: getattr(content, field.name) for field in dataclasses.fields(kind)}
    pydantic_fields: Mapping[str, Any] | None = getattr(kind, "__pydantic_fields__", None)
    if pydantic_fields is not None:
        return _model_props(content, pydantic_fields, app)
    attrs_fields: Any = getattr(kind, "__attrs_attrs__", None)
    if attrs_fields is not None:
        # As msgspec does with models inside a page: private fields are left out.
        names = (field.name for field in attrs_fields if not field.name.startswith("_"))
        return {name: getattr(content, name) for name in names}
    if (reason := missing_await(content)) is not None:
        raise PropError(f"A page's props cannot be read: {reason}")
    raise PropError(
        f"A page's props must be a mapping or an object with fields, not {kind.__name__}. "
        "Return a dict from names to props, for example {'items': [...]}."
    )


def _struct_props(struct: msgspec.Struct) -> dict[str, Any]:
    config = struct.__struct_config__
    tag = {config.tag_field: config.tag} if config.tag_field is not None else {}
    props = dict(tag)
    for field in msgspec.structs.fields(struct):
        value = getattr(struct, field.name)
        if value is not msgspec.UNSET and not (config.omit_defaults and _is_default(value, field)):
            props[field.encode_name] = value
    return props


def _is_default(value: Any, field: FieldInfo) -> bool:
    """Return whether `omit_defaults` omits a value, by msgspec's rule: the default itself, or an empty collection of a
    factory.
    """
    factory = field.default_factory
    return value is field.default or (factory in _EMPTY and type(value) is factory and not value)


def _model_props(model: Any, fields: Mapping[str, Any], app: Litestar) -> dict[str, Any]:
    """Return the fields that pydantic shows: without `exclude`, with computed and extra ones; prop types as they
    are.
    """
    # Litestar encodes the models inside a page by this setting of its pydantic plugin; the page itself follows.
    by_alias = any(getattr(plugin, "prefer_alias", False) for plugin in app.plugins)
    prop_types = {name: value for name in fields if isinstance(value := getattr(model, name), Prop)}
    # Prop types are in fields of other types, about which pydantic would warn.
    shown: dict[str, Any] = model.model_dump(by_alias=by_alias, exclude=set(prop_types), warnings=False)
    if not prop_types:
        return shown
    ordered: dict[str, Any] = {}
    for name, field in fields.items():
        shown_as = (by_alias and field.serialization_alias) or name
        if name in prop_types and not field.exclude:
            ordered[shown_as] = prop_types[name]
        elif shown_as in shown:
            ordered[shown_as] = shown[shown_as]
    return {**ordered, **shown}  # Computed and extra fields come last.
