"""Converts Python types to shapes, which describe how the JSON encoder encodes their values."""

from __future__ import annotations

import collections
import datetime
import decimal
import enum
import ipaddress
import pathlib
import re
import types
import typing
import uuid
from collections import abc
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, ForwardRef, Literal, TypeVar, get_args, get_origin

import msgspec
import typing_extensions
from litestar.datastructures import UploadFile

from litestar_vite._typegen.annotations import (
    ALIASES,
    Unresolved,
    bound_of,
    resolve,
    returned_by,
    substitute,
    variables_of,
)
from litestar_vite._typegen.model_fields import MARKS, is_model, model_shape
from litestar_vite._typegen.shapes import (
    BIGINT,
    BOOLEAN,
    NEVER,
    NULL,
    NUMBER,
    STRING,
    Declaration,
    Dictionary,
    Fixed,
    Items,
    Named,
    Shape,
    Unknown,
    Word,
    constant,
    either,
)
from litestar_vite._typegen.sources import Sources
from litestar_vite.inertia._protocol.props import Prop

_LISTS: Final = frozenset({list, set, frozenset, collections.deque}) | {
    abc.Sequence, abc.MutableSequence, abc.Set, abc.MutableSet, abc.Iterable, abc.Collection, abc.Iterator,
    abc.Generator, abc.ValuesView, abc.KeysView,
}  # fmt: skip
_DICTIONARIES: Final = frozenset({
    dict, collections.defaultdict, collections.OrderedDict, collections.Counter, abc.Mapping, abc.MutableMapping,
})  # fmt: skip
_STRINGS: Final = (
    str, bytes, bytearray, memoryview, uuid.UUID, datetime.date, datetime.time, datetime.timedelta, decimal.Decimal,
    pathlib.PurePath, re.Pattern, ipaddress.IPv4Address, ipaddress.IPv6Address, ipaddress.IPv4Network,
    ipaddress.IPv6Network, ipaddress.IPv4Interface, ipaddress.IPv6Interface,
)  # fmt: skip
_WRAPPERS: Final = MARKS | {Final, ClassVar}
_LITERALS: Final = frozenset({Literal, typing_extensions.Literal})
_UNIONS: Final = frozenset({typing.Union, types.UnionType})
_INPUT_ENDINGS: Final = ("Form", "Input", "Data")
_ANYTHING: Final = frozenset({Any, typing_extensions.Any, object})


class Describer:
    """Converts types to shapes, and collects the named ones.

    Attributes:
        encoders: The type encoders of the layer, for types that msgspec does not support.
        by_alias: The pydantic plugin encodes fields by alias.
        is_input: Describe the data that a form sends instead of the props that a page receives.
        has_big_integers: The client reads integers beyond 2^53 as BigInt, and sends them so.
    """

    def __init__(
        self,
        sources: Sources,
        encoders: Mapping[Any, Callable[[Any], Any]] | None = None,
        *,
        by_alias: bool = False,
        is_input: bool = False,
        has_big_integers: bool = False,
        declarations: dict[Any, Declaration] | None = None,
    ) -> None:
        self.sources = sources
        self.encoders = encoders or {}
        self.by_alias = by_alias
        self.is_input = is_input
        self.declarations: dict[Any, Declaration] = {} if declarations is None else declarations
        self._integer = either(NUMBER, BIGINT) if has_big_integers else NUMBER
        # A type encoder may differ between layers, and so may the shapes of types that contain its type.
        self._layer = (
            is_input,
            has_big_integers,
            frozenset(each for each in self.encoders if not _is_known_encoder(self.encoders[each])),
        )

    def describe(self, annotation: Any) -> Shape:
        """Return the shape of the values of a type."""
        if annotation is None or annotation is type(None):
            return NULL
        while get_origin(annotation) in _WRAPPERS:  # Their arguments may not be hashable.
            annotation = get_args(annotation)[0]
        if isinstance(annotation, Unresolved):
            return Unknown(annotation.reason)
        if annotation in _ANYTHING:
            return Unknown(f"annotated as {getattr(annotation, '__name__', annotation)}")
        if isinstance(annotation, ForwardRef):
            return self._unknown(annotation)
        if isinstance(annotation, (TypeVar, typing_extensions.TypeVar)):
            return self.describe(bound_of(annotation))
        if isinstance(annotation, typing.NewType):
            return self.describe(annotation.__supertype__)
        if annotation is msgspec.UnsetType:
            return NEVER
        if isinstance(annotation, ALIASES):
            return self._alias(annotation, annotation)
        origin = get_origin(annotation)
        if origin is not None:
            return self._generic(annotation, origin, get_args(annotation))
        if isinstance(annotation, type):
            return self._class(annotation)
        return self._unknown(annotation)

    def declare(self, key: Any, title: str, module: str, make: Callable[[], Shape], kind: Any = None) -> Shape:
        """Return the named type for a key, and describe it if it is new. Types may refer to themselves."""
        is_enum = isinstance(key, type) and issubclass(key, enum.Enum)
        layered = (key, None if is_enum else self._layer)
        if self.is_input and not is_enum and not title.endswith(_INPUT_ENDINGS):
            title += "Input"
        declaration = self.declarations.get(layered)
        if declaration is None:
            source = self.sources.of_class(kind) if isinstance(kind, type) else None
            declaration = self.declarations[layered] = Declaration(title, module, source)
            declaration.shape = make()
        return Named(declaration)

    def describe_key(self, annotation: Any) -> tuple[str, ...] | None:
        """Return the keys that a dictionary's key type allows, or None if it allows any."""
        while get_origin(annotation) in _WRAPPERS:
            annotation = get_args(annotation)[0]
        if get_origin(annotation) in _LITERALS:
            return tuple(_key_text(each) for each in get_args(annotation))
        if isinstance(annotation, type) and issubclass(annotation, enum.Enum) and not issubclass(annotation, enum.Flag):
            return tuple(_key_text(member.value) for member in annotation)
        return None

    def value(self, value: Any) -> Shape:
        """Return the shape of a value without a declared type. Strings and numbers are widened to their types."""
        if value is None or isinstance(value, bool):
            return NULL if value is None else BOOLEAN
        if isinstance(value, (list, tuple, set, frozenset)) and not hasattr(value, "_fields"):
            return Items(either(*(self.value(each) for each in value)))
        return self.describe(type(value))

    def _alias(self, alias: Any, key: Any, arguments: tuple[Any, ...] = ()) -> Shape:
        module = getattr(alias, "__module__", None) or ""

        def make() -> Shape:
            variables = dict(zip(alias.__type_params__, arguments, strict=False))
            return self.describe(resolve(alias.__value__, module, variables))

        return self.declare(key, alias.__name__ + "".join(map(self._title, arguments)), module, make)

    def _generic(self, annotation: Any, origin: Any, arguments: tuple[Any, ...]) -> Shape:
        if origin in _UNIONS:
            return either(*map(self.describe, arguments))
        if origin in _LITERALS:
            return either(*map(self._literal, arguments))
        if isinstance(origin, ALIASES):
            return self._alias(origin, annotation, arguments)
        if origin is tuple:
            if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004 - tuple[int, ...]
                return Items(self.describe(arguments[0]))
            return Fixed(tuple(map(self.describe, arguments)))
        if origin in _LISTS:
            return Items(self.describe(arguments[0]))
        if origin is collections.Counter:
            return Dictionary(self._integer, self.describe_key(arguments[0]))
        if origin in _DICTIONARIES:
            return Dictionary(self.describe(arguments[1]), self.describe_key(arguments[0]))
        if origin is type:
            return self._unknown(annotation)
        if isinstance(origin, type):
            if issubclass(origin, Prop):
                return self.describe(arguments[0])
            if is_model(origin):
                return self._model(annotation, origin)
            for base in origin.__mro__:
                if base in _LISTS or base in _DICTIONARIES or base is tuple:
                    return self._subclass(annotation, origin, base)
            return self._class(origin)
        return self._unknown(annotation)

    def _subclass(self, annotation: Any, origin: type, base: Any) -> Shape:
        """Describe a generic subclass of a list or dict by the arguments of its base."""
        variables = variables_of(annotation)
        for parent in getattr(origin, "__orig_bases__", ()):
            if get_origin(parent) is base:
                return self.describe(substitute(parent, variables))
        return self._class(base)

    def _literal(self, value: Any) -> Shape:
        if value is None:
            return NULL
        if isinstance(value, enum.Enum):
            return self._member(value)
        return STRING if isinstance(value, bytes) else constant(value)

    def _member(self, member: enum.Enum) -> Shape:
        value = member.value
        return constant(value) if isinstance(value, (str, int)) else self.value(value)

    def _class(self, kind: Any) -> Shape:
        if issubclass(kind, enum.Enum):
            return self._enum(kind)
        if is_model(kind):
            return self._model(kind, kind)
        if issubclass(kind, bool):
            return BOOLEAN
        if issubclass(kind, int):
            return self._integer
        if issubclass(kind, float):
            return NUMBER
        if issubclass(kind, _STRINGS):
            return STRING
        if issubclass(kind, tuple):
            names: tuple[str, ...] | None = getattr(kind, "_fields", None)
            if names is None:
                return Items(Unknown("a tuple without type arguments"))
            return Fixed((Unknown("an item of a namedtuple without types"),) * len(names))
        for base in kind.__mro__:
            for kinds in (_LISTS, _DICTIONARIES):
                for parent in getattr(base, "__orig_bases__", ()):
                    if get_origin(parent) in kinds:
                        return self.describe(parent)
            if base in _LISTS:
                return Items(Unknown(f"{kind.__name__} without type arguments"))
            if base in _DICTIONARIES:
                return Dictionary(Unknown(f"{kind.__name__} without type arguments"))
        return self._encoded(kind)

    def _enum(self, kind: type[enum.Enum]) -> Shape:
        if issubclass(kind, enum.Flag):
            return NUMBER
        return self.declare(kind, kind.__name__, kind.__module__, lambda: either(*map(self._member, kind)), kind)

    def _model(self, annotation: Any, kind: type) -> Shape:
        title = self._title(annotation)
        model = self.sources.copied.get(kind, kind)
        if model is kind and self.sources.copied.keys().isdisjoint(get_args(annotation)):
            return self.declare(annotation, title, kind.__module__, lambda: model_shape(self, annotation, kind), kind)
        # Each handler has its own copies of a DTO's models. Those with the same fields are one type.
        shape = model_shape(self, annotation, kind)
        return self.declare((model, shape), title, f"{model.__module__}.sent", lambda: shape, kind)

    def _encoded(self, kind: type) -> Shape:
        """Describe a type that msgspec does not support, using the return annotation of its type encoder."""
        if self.is_input and issubclass(kind, UploadFile):
            return Word("File")
        for base in kind.__mro__[:-1]:
            if (encoder := self.encoders.get(base)) is not None:
                if encoder is str or kind.__module__.split(".", 1)[0] == "pydantic":
                    return STRING
                if isinstance(encoder, type):
                    return self.describe(encoder)
                returned = returned_by(encoder)
                if returned is encoder or getattr(returned, "__name__", "") == "_empty":
                    return Unknown(f"the type encoder of {base.__qualname__} lacks a return annotation")
                return self.describe(returned)
        if kind.__module__.startswith("pydantic") or kind.__name__ in {"SecretString", "SecretBytes"}:
            return STRING
        if hasattr(kind, "__mapper__"):
            return Unknown(f"{kind.__qualname__} is a database row: send a Struct, or use a DTO")
        return Unknown(f"{kind.__qualname__} has neither fields nor a type encoder")

    def _title(self, annotation: Any) -> str:
        """Return a name for a type, such as `PageUser` for `Page[User]`."""
        origin = get_origin(annotation)
        if origin in _UNIONS or origin in _LITERALS:
            return "Or".join(map(self._title, get_args(annotation)))
        named = origin or annotation
        name = getattr(self.sources.copied.get(named, named), "__name__", None) or str(annotation)
        if annotation is type(None) or annotation is None:
            name = "Null"
        first, *words = re.findall(r"\w+", name) or ["Type"]
        text: str = first + "".join(word[:1].upper() + word[1:] for word in words)
        arguments = [each for each in get_args(annotation) if each is not Ellipsis] if origin is not None else []
        return text + "".join(title[:1].upper() + title[1:] for title in map(self._title, arguments))

    @staticmethod
    def _unknown(annotation: Any) -> Unknown:
        return Unknown(f"the JSON encoder does not support the type {annotation!r}")


def _key_text(key: Any) -> str:
    return str(int(key)) if isinstance(key, bool) else str(key)


def _is_known_encoder(encoder: Any) -> bool:
    module = getattr(encoder, "__module__", "") or ""
    return module.startswith(("litestar.", "litestar_vite.", "builtins", "advanced_alchemy."))
