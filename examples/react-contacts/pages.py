"""The props of the pages. Their TypeScript types are in src/generated."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from models import ActivityKind, Status
from msgspec import Struct, convert


class PageData(Struct, frozen=True, rename="camel"):
    """A value sent to a page. `created_at` in Python is `createdAt` in the browser."""

    @classmethod
    def of(cls, row: Any) -> Self:
        """Create a value from a database row. Relations that are fields must be loaded."""
        return convert(row, cls, from_attributes=True)

    @classmethod
    def many(cls, rows: Iterable[Any]) -> list[Self]:
        return [cls.of(row) for row in rows]


class OrganisationRef(PageData, frozen=True):
    id: int
    name: str


class OrganisationDetails(OrganisationRef, frozen=True):
    industry: str
    city: str
    country: str
    website: str
    contact_count: int


class ContactRow(PageData, frozen=True):
    id: int
    name: str
    email: str
    role: str
    status: Status
    organisation: OrganisationRef | None
    created_at: datetime


class ContactDetails(ContactRow, frozen=True):
    first_name: str
    last_name: str
    phone: str
    notes: str
    updated_at: datetime


class ActivityItem(PageData, frozen=True):
    id: int
    kind: ActivityKind
    summary: str
    happened_at: datetime


class ContactsPage(PageData, frozen=True):
    items: list[ContactRow]
    page: int
    pages: int
    total: int
