"""Return DTOs: the type of a page has the fields that its DTO sends, and the sent page matches the type."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

import msgspec
import pydantic
import pytest
from advanced_alchemy.extensions.litestar import SQLAlchemyDTO, SQLAlchemyDTOConfig
from litestar import get
from litestar.dto import DataclassDTO, DTOConfig, MsgspecDTO
from litestar.plugins.pydantic import PydanticDTO
from litestar.testing import TestClient
from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from litestar_vite._typegen.page_guard import compare
from litestar_vite._typegen.shapes import Fields, Named
from tests.unit.typegen.test_pages import app_of, text_of, types_of

T = TypeVar("T")
INERTIA = {"X-Inertia": "true"}
numbers = itertools.count()


class City(msgspec.Struct):
    zip_code: str
    mayor: str


class Person(msgspec.Struct):
    full_name: str
    password: str
    home: City
    others: list[City]
    work: City | None = None


@dataclasses.dataclass
class Account:
    full_name: str
    password: str
    size: Annotated[int, pydantic.Field(gt=0), {"not": "hashable"}] = 1


class Model(pydantic.BaseModel):
    full_name: str
    password: str


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    nick: Mapped[str | None]
    books: Mapped[list[Book]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    author: Mapped[Author] = relationship(back_populates="books")


@dataclasses.dataclass
class Wrapped(Generic[T]):
    items: list[T]
    total: int


def person() -> Person:
    return Person("Ada", "s3cret", City("1", "x"), [City("2", "y")])


def row() -> Author:
    return Author(id=1, nick=None, books=[Book(id=2, title="Notes", author_id=1)])


CAMEL = DTOConfig(exclude={"password", "home.mayor"}, rename_strategy="camel")
NO_AUTHOR = SQLAlchemyDTOConfig(exclude={"books.author"}, max_nested_depth=1)
CASES: dict[str, tuple[Any, Any, Any, str]] = {
    "excluded, renamed and nested": (
        Person, MsgspecDTO[Annotated[Person, CAMEL]], person,
        "{ fullName: string; home: SentCity; others: TestDtoSentCity[]; work: TestDtoSentCity | null }",
    ),
    "partial": (
        Person, MsgspecDTO[Annotated[Person, DTOConfig(partial=True, include={"full_name"})]], person,
        "{ full_name?: string }",
    ),
    "without nested models": (
        Person, MsgspecDTO[Annotated[Person, DTOConfig(max_nested_depth=0)]], person,
        "{ full_name: string; password: string }",
    ),
    "dataclass": (
        Account, DataclassDTO[Annotated[Account, DTOConfig(rename_fields={"full_name": "userName"})]],
        lambda: Account("Ada", "s3cret"), "{ userName: string; password: string; size: number }",
    ),
    "pydantic": (
        Model, PydanticDTO[Annotated[Model, DTOConfig(exclude={"password"})]],
        lambda: Model(full_name="Ada", password="s3cret"), "{ full_name: string }",
    ),
    "rows of a database": (
        Author, SQLAlchemyDTO[Annotated[Author, NO_AUTHOR]], row, "{ id: number; books: Book[]; nick: string | null }",
    ),
    "in a wrapper": (
        Wrapped[Person], MsgspecDTO[Annotated[Person, CAMEL]], lambda: Wrapped([person()], 1),
        "{ items: Person[]; total: number }",
    ),
}  # fmt: skip


def handler_of(annotation: Any, dto: Any, make: Any, path: str = "/", component: str = "Page") -> Any:
    def page() -> Any:
        return make()

    page.__annotations__["return"] = annotation
    # Litestar looks up a DTO by the handler's name and a sum of addresses, which two apps may share.
    page.__qualname__ = f"page_{next(numbers)}"
    return get(path, component=component, return_dto=dto, sync_to_thread=False)(page)


@pytest.mark.parametrize(("annotation", "dto", "make", "expected"), CASES.values(), ids=CASES)
def test_the_type_of_a_page_is_what_its_dto_sends(annotation: Any, dto: Any, make: Any, expected: str) -> None:
    handler = handler_of(annotation, dto, make)
    shape = types_of(handler).pages["Page"].shape
    assert isinstance(shape, Named)
    assert text_of(shape.declaration.shape) == expected
    with TestClient(app_of(handler)) as client:
        props = client.get("/", headers=INERTIA).json()["props"]
    assert compare(props, shape, "") is None
    assert isinstance(shape.declaration.shape, Fields)
    assert {field.name for field in shape.declaration.shape.fields} == set(props) - {"errors"}


def test_copies_with_the_same_fields_are_one_type_and_lead_to_the_model() -> None:
    dto = MsgspecDTO[Annotated[Person, CAMEL]]
    types = types_of(*(handler_of(Person, dto, person, f"/{name}", name) for name in ("One", "Two")))
    assert types.pages["One"].shape == types.pages["Two"].shape
    shape = types.pages["One"].shape
    assert isinstance(shape, Named)
    assert isinstance(shape.declaration.shape, Fields)
    source = shape.declaration.shape.fields[0].source
    assert source is not None
    lines = Path(__file__).read_text("utf-8").splitlines()
    first = lines.index("class Person(msgspec.Struct):")
    assert (source.file, source.line) == (__file__, first + 2)
