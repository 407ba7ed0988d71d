"""The tables. After a change, run `litestar database make-migrations` and `litestar database upgrade`."""

from datetime import date, datetime
from typing import Literal, get_args

from advanced_alchemy.base import BigIntAuditBase
from advanced_alchemy.types import DateTimeUTC
from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

Status = Literal["planned", "active", "paused", "done"]
STATUSES: tuple[Status, ...] = get_args(Status)


class User(BigIntAuditBase):
    """A user account. `created_at` and `updated_at` are columns of the base class."""

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(160), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    email_verified_at: Mapped[datetime | None] = mapped_column(DateTimeUTC)
    avatar: Mapped[str | None] = mapped_column(String(80))
    # Two-factor authentication. The secret is in use once it is confirmed; recovery codes are stored as hashes.
    totp_secret: Mapped[str | None] = mapped_column(String(64))
    totp_confirmed_at: Mapped[datetime | None] = mapped_column(DateTimeUTC)
    totp_last_step: Mapped[int] = mapped_column(default=0)
    recovery_codes: Mapped[list[str]] = mapped_column(JSON, default=list)

    @property
    def has_two_factor(self) -> bool:
        return self.totp_confirmed_at is not None


class UserSession(BigIntAuditBase):
    """A browser that is logged in. Its cookie holds the token; the database holds the token's hash."""

    __tablename__ = "user_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(DateTimeUTC)
    user: Mapped[User] = relationship(lazy="raise")


class Project(BigIntAuditBase):
    __tablename__ = "projects"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[Status] = mapped_column(String(12), default="planned", index=True)
    due_on: Mapped[date | None]
