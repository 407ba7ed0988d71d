"""The tables: organisations, their contacts, and the activities of each contact."""

from datetime import datetime
from typing import Literal, get_args

from advanced_alchemy.base import BigIntAuditBase
from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import ForeignKey, String, Text, func, select
from sqlalchemy.orm import Mapped, column_property, mapped_column, relationship

Status = Literal["lead", "active", "customer", "archived"]
ActivityKind = Literal["call", "email", "meeting", "note"]

STATUSES: tuple[Status, ...] = get_args(Status)


class Organisation(BigIntAuditBase):
    __tablename__ = "organisation"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    industry: Mapped[str] = mapped_column(String(60))
    city: Mapped[str] = mapped_column(String(60))
    country: Mapped[str] = mapped_column(String(60))
    website: Mapped[str] = mapped_column(String(120))

    contacts: Mapped[list["Contact"]] = relationship(back_populates="organisation", lazy="raise")


class Contact(BigIntAuditBase):
    __tablename__ = "contact"

    first_name: Mapped[str] = mapped_column(String(60))
    last_name: Mapped[str] = mapped_column(String(60))
    email: Mapped[str] = mapped_column(String(160), unique=True)
    phone: Mapped[str] = mapped_column(String(40), default="")
    role: Mapped[str] = mapped_column(String(80), default="")
    status: Mapped[Status] = mapped_column(String(12), default="lead", index=True)
    notes: Mapped[str] = mapped_column(Text, default="")
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)

    # Part of every SELECT, so that a search for "Ada Lindqvist" matches across both parts.
    name: Mapped[str] = column_property(first_name + " " + last_name)
    organisation: Mapped[Organisation | None] = relationship(back_populates="contacts", lazy="raise")


# Loaded only with undefer(Organisation.contact_count), since lists of contacts do not need it.
Organisation.contact_count = column_property(
    select(func.count(Contact.id))
    .where(Contact.organisation_id == Organisation.id)
    .correlate_except(Contact)
    .scalar_subquery(),
    deferred=True,
)


class Activity(BigIntAuditBase):
    __tablename__ = "activity"

    contact_id: Mapped[int] = mapped_column(ForeignKey("contact.id", ondelete="CASCADE"), index=True)
    kind: Mapped[ActivityKind] = mapped_column(String(12))
    summary: Mapped[str] = mapped_column(String(200))
    happened_at: Mapped[datetime] = mapped_column(DateTimeUTC)
