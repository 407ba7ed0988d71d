"""Random types of every kind that a page can send, each with a factory for its values."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import decimal
import enum
import typing
import uuid
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, NewType, TypeVar

import attrs
import msgspec
import pydantic
import typing_extensions
from msgspec import UNSET, Struct, UnsetType

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

T = TypeVar("T")


class Kind(typing.NamedTuple):
    """A type and a factory for its values."""

    annotation: Any
    make: Callable[[], Any]


class Colour(enum.Enum):
    RED = "red"
    QUOTED = 'it\'s "red"'


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Mixed(enum.Enum):
    TEXT = "text"
    NUMBER = 3


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Node(Struct, omit_defaults=True):
    """Recursive."""

    name: str
    children: list[Node] = []
    parent: Node | None = None


class Left(Struct, tag="left", rename="camel"):
    some_value: int
    right: Right | None = None


class Right(Struct, tag="right", tag_field="kind"):
    left: Left | None = None


class Box(Struct, Generic[T]):
    content: T
    others: list[T] = []


class IntBox(Box[int]):
    label: str = "box"


@dataclasses.dataclass
class Crate(Generic[T]):
    content: T
    size: int = dataclasses.field(init=False, default=3)
    made: list[int] = dataclasses.field(init=False, default_factory=list)
    weight: dataclasses.InitVar[int] = 0
    shelf: typing.ClassVar[str] = "A"


@attrs.define
class Tool:
    name: str = attrs.field(alias="title")
    _secret: str = "hidden"
    size: int = attrs.field(default="3", converter=int)


class Page(pydantic.BaseModel, Generic[T]):
    items: list[T]
    total: int = 0


class Account(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(use_enum_values=True)

    email: str = pydantic.Field("a@b.c", serialization_alias="eMail")
    password: str = pydantic.Field("x", exclude=True)
    token: pydantic.SecretStr = pydantic.SecretStr("x")
    site: pydantic.HttpUrl = pydantic.HttpUrl("https://a.example")
    colour: Colour = Colour.RED
    data: pydantic.Json[list[int]] = pydantic.Field("[1]", validate_default=True)
    when: dt.datetime = dt.datetime(2026, 1, 1)  # noqa: DTZ001
    wait: dt.timedelta = dt.timedelta(seconds=3)
    price: decimal.Decimal = decimal.Decimal("1.5")

    @pydantic.computed_field
    @property
    def domain(self) -> str:
        return self.email.partition("@")[2]

    @pydantic.field_serializer("when")
    def _when(self, value: dt.datetime) -> int:
        return int(value.timestamp())


class Scores(pydantic.RootModel[dict[str, int]]):
    pass


class Loose(pydantic.BaseModel, extra="allow"):
    known: int = 1


class Point(typing.NamedTuple):
    x: int
    y: float = 0.5


UserId = NewType("UserId", int)
Json = typing_extensions.TypeAliasType("Json", "str | int | list[Json] | dict[str, Json] | None")
Pair = typing_extensions.TypeAliasType("Pair", tuple[T, T], type_params=(T,))


class Random:
    """Makes types.

    Attributes:
        r: The source of randomness.
    """

    def __init__(self, chance: random.Random) -> None:
        self.r = chance
        self._number = 0

    def kind(self, depth: int = 0) -> Kind:
        """Return a random type."""
        if depth > 2 or self.r.random() < 0.25:
            return self.scalar()
        make = self.r.choice(
            [
                self.special, self.special, self.a_list, self.a_dict, self.optional, self.union, self.a_tuple,
                self.struct, self.struct, self.dataclass, self.attrs_class, self.pydantic_model, self.typed_dict,
                self.named_tuple, self.generic, self.wrapped,
            ]
        )  # fmt: skip
        return make(depth + 1)

    def name(self, prefix: str) -> str:
        self._number += 1
        # Each name is used twice, as two modules may do.
        return f"{prefix}{self._number // 2}"

    def scalar(self) -> Kind:
        r = self.r
        return r.choice(
            [
                Kind(str, lambda: r.choice(["", "a", 'it\'s "x" */ </script>\n\u2028'])),
                Kind(int, lambda: r.choice([0, -1, 2**53 + 1])),
                Kind(float, lambda: r.choice([0.5, 1.0, 1e300])),
                Kind(bool, lambda: r.random() < 0.5),
                Kind(None, lambda: None),
                Kind(bytes, lambda: b"\x00a"),
                Kind(uuid.UUID, uuid.uuid4),
                Kind(dt.datetime, lambda: dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
                Kind(dt.date, lambda: dt.date(2026, 1, 2)),
                Kind(dt.time, lambda: dt.time(1, 2)),
                Kind(dt.timedelta, lambda: dt.timedelta(1, 2)),
                Kind(decimal.Decimal, lambda: decimal.Decimal("1.10")),
                self.an_enum(),
                self.literal(),
            ]
        )

    def an_enum(self) -> Kind:
        kind: Any = self.r.choice([Colour, Level, Mixed])
        return Kind(kind, lambda: self.r.choice(list(kind)))

    def literal(self) -> Kind:
        values = self.r.sample(["a", "it's", 'say "x"', 1, 0, True, None, Colour.RED], 3)
        return Kind(Literal[tuple(values)], lambda: self.r.choice(values))

    def special(self, _: int) -> Kind:
        r = self.r
        return r.choice(
            [
                Kind(Node, lambda: Node("a", [Node("b", parent=Node("c"))])),
                Kind(Left | Right, lambda: r.choice([Left(1, Right(Left(2))), Right()])),
                Kind(IntBox, lambda: IntBox(1, [2])),
                Kind(Account, Account),
                Kind(Scores, lambda: Scores({"a": 1})),
                Kind(Loose, lambda: Loose.model_validate({"known": 2, "other": "x"})),
                Kind(Tool, lambda: Tool(title="x")),  # type: ignore[call-arg]
                Kind(Access, lambda: Access.READ | Access.WRITE),
                Kind(Point, lambda: Point(1)),
                Kind(Json, lambda: [1, "a", {"b": [None]}]),
                Kind(Pair[int], lambda: (1, 2)),
                Kind(UserId, lambda: UserId(7)),
            ]
        )

    def items(self, make: Callable[[], Any], most: int = 3) -> list[Any]:
        return [make() for _ in range(self.r.randint(0, most))]

    def a_list(self, depth: int) -> Kind:
        if self.r.random() < 0.3:
            inner = self.hashable()
            kind: Any = self.r.choice([set, frozenset])
            return Kind(kind[inner.annotation], lambda: kind(self.items(inner.make)))
        inner = self.kind(depth)
        annotation: Any = self.r.choice(
            [list[inner.annotation], collections.deque[inner.annotation], typing.Sequence[inner.annotation]]
        )
        made: Any = collections.deque if "deque" in repr(annotation) else list
        return Kind(annotation, lambda: made(self.items(inner.make)))

    def hashable(self) -> Kind:
        return self.r.choice(
            [Kind(str, lambda: "a"), Kind(int, lambda: 1), Kind(uuid.UUID, uuid.uuid4), self.an_enum()]
        )

    def a_dict(self, depth: int) -> Kind:
        inner = self.kind(depth)
        key = self.r.choice(
            [
                Kind(str, lambda: self.r.choice(["a", "__proto__", "it's"])),
                Kind(int, lambda: 1),
                Kind(uuid.UUID, uuid.uuid4),
                Kind(dt.date, lambda: dt.date(2026, 1, 2)),
                Kind(Colour, lambda: Colour.RED),
                Kind(Level, lambda: Level.LOW),
                Kind(Literal["x", "y"], lambda: "x"),
            ]
        )
        return Kind(dict[key.annotation, inner.annotation], lambda: {key.make(): inner.make() for _ in range(2)})

    def optional(self, depth: int) -> Kind:
        inner = self.kind(depth)
        return Kind(typing.Optional[inner.annotation], lambda: inner.make() if self.r.random() < 0.5 else None)  # noqa: UP045

    def union(self, depth: int) -> Kind:
        options = [self.kind(depth) for _ in range(self.r.randint(2, 3))]
        annotation = typing.Union[tuple(option.annotation for option in options)]  # noqa: UP007
        return Kind(annotation, lambda: self.r.choice(options).make())

    def a_tuple(self, depth: int) -> Kind:
        if self.r.random() < 0.3:
            inner = self.kind(depth)
            return Kind(tuple[inner.annotation, ...], lambda: tuple(self.items(inner.make)))
        inner_kinds = [self.kind(depth) for _ in range(self.r.randint(0, 3))]
        annotation = tuple[tuple(each.annotation for each in inner_kinds)] if inner_kinds else tuple[()]
        return Kind(annotation, lambda: tuple(each.make() for each in inner_kinds))

    def wrapped(self, depth: int) -> Kind:
        inner = self.kind(depth)
        if inner.annotation is None:
            return inner
        return Kind(Annotated[inner.annotation, "a note"], inner.make)

    def generic(self, depth: int) -> Kind:
        inner = self.kind(depth)
        if inner.annotation is None:
            return inner
        choice = self.r.randint(0, 2)
        if choice == 0:
            return Kind(Box[inner.annotation], lambda: Box(inner.make(), self.items(inner.make)))
        if choice == 1:
            return Kind(Crate[inner.annotation], lambda: Crate(inner.make()))
        plain = self.scalar()
        if plain.annotation is None:
            return plain
        return Kind(Page[plain.annotation], lambda: Page[plain.annotation](items=self.items(plain.make)))

    def fields(self, depth: int) -> list[tuple[str, Kind]]:
        names = ["user_name", "id", "class_", "is_active", "zip1", "länge"]
        return [(name, self.kind(depth)) for name in self.r.sample(names, self.r.randint(0, 4))]

    def struct(self, depth: int) -> Kind:
        fields = self.fields(depth)
        array_like = self.r.random() < 0.2
        options: dict[str, Any] = {"kw_only": True, "array_like": array_like}
        options["rename"] = self.r.choice(
            [None, "camel", "pascal", "kebab", "lower", "upper", lambda name: f"{name}'s"]
        )
        if self.r.random() < 0.4 and not array_like:
            options["omit_defaults"] = True
        if self.r.random() < 0.3:
            options |= {"tag": self.r.choice([True, 3, "it's"]), "tag_field": self.r.choice(["type", "kind-of"])}
        defined: list[Any] = []
        for index, (name, kind) in enumerate(fields):
            default = self.r.random()
            if default < 0.2 and not array_like:
                defined.append((name, typing.Union[kind.annotation, UnsetType], UNSET))  # noqa: UP007
            elif default < 0.5:
                defined.append((name, typing.Optional[kind.annotation], None))  # noqa: UP045
            elif default < 0.6:
                defined.append((name, kind.annotation, msgspec.field(name=f"renamed {index}")))
            else:
                defined.append((name, kind.annotation))
        cls: Any = msgspec.defstruct(self.name("Struct"), defined, **options)
        if self.r.random() < 0.2:
            extra = self.scalar()
            base, keyed = cls, fields
            cls = msgspec.defstruct(self.name("Child"), [("extra", extra.annotation)], bases=(base,), kw_only=True)
            fields = [*keyed, ("extra", extra)]
        has_default = {each[0] for each in defined if len(each) > 2 and not hasattr(each[2], "name")}

        def make() -> Any:
            leaves_out = {name for name in has_default if self.r.random() < 0.5}
            return cls(**{name: kind.make() for name, kind in fields if name not in leaves_out})

        return Kind(cls, make)

    def dataclass(self, depth: int) -> Kind:
        fields = self.fields(depth)
        defined = [(name, kind.annotation) for name, kind in fields]
        cls = dataclasses.make_dataclass(
            self.name("Data"), defined, slots=self.r.random() < 0.5, kw_only=self.r.random() < 0.5
        )
        return Kind(cls, lambda: cls(**{name: kind.make() for name, kind in fields}))

    def attrs_class(self, depth: int) -> Kind:
        fields = self.fields(depth)
        defined = {name: attrs.field(type=kind.annotation, alias=f"given_{name}") for name, kind in fields}
        cls = attrs.make_class(self.name("Attrs"), defined, slots=self.r.random() < 0.5)
        return Kind(cls, lambda: cls(**{f"given_{name}": kind.make() for name, kind in fields}))

    def pydantic_model(self, _: int) -> Kind:
        fields = [(name, self.scalar()) for name in ("user_name", "id", "note")]
        defined: dict[str, Any] = {
            name: (kind.annotation, pydantic.Field(..., serialization_alias=f"{name}!", exclude=name == "note"))
            for name, kind in fields
        }
        cls = pydantic.create_model(self.name("Model"), **defined)
        return Kind(cls, lambda: cls.model_construct(**{name: kind.make() for name, kind in fields}))

    def typed_dict(self, depth: int) -> Kind:
        fields = self.fields(depth)
        marks = {name: self.r.choice(["", "NotRequired", "Required", "ReadOnly"]) for name, _ in fields}
        total = self.r.random() < 0.7
        annotations = {
            name: getattr(typing_extensions, marks[name])[kind.annotation] if marks[name] else kind.annotation
            for name, kind in fields
        }
        cls = typing_extensions.TypedDict(self.name("Dict"), annotations, total=total)  # type: ignore[operator]

        def make() -> Any:
            return {
                name: kind.make()
                for name, kind in fields
                if marks[name] == "Required" or (total and marks[name] != "NotRequired") or self.r.random() < 0.5
            }

        return Kind(cls, make)

    def named_tuple(self, depth: int) -> Kind:
        fields = self.fields(depth)
        if not fields:
            return self.scalar()
        cls: Any = typing.NamedTuple(self.name("Named"), [(name, kind.annotation) for name, kind in fields])
        return Kind(cls, lambda: cls(*(kind.make() for _, kind in fields)))
