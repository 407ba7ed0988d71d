"""Sessions on the server: a row for each logged-in browser, and a cookie with its token.

A session starts at login, so visitors do not have one. Deleting a row logs its browser out.
"""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie, State
from litestar.middleware import AbstractAuthenticationMiddleware, AuthenticationResult, DefineMiddleware
from msgspec import Struct
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from backend.database import database
from backend.models import User, UserSession
from backend.settings import settings

COOKIE = "session"
LIFETIME = timedelta(days=30)

# A request behind the guard `signed_in`.
UserRequest: TypeAlias = Request[User, UserSession, State]


class Authentication(AbstractAuthenticationMiddleware):
    """Sets `request.user` and `request.auth`; both are None for visitors. Guards restrict access."""

    async def authenticate_request(self, connection: ASGIConnection) -> AuthenticationResult:
        token = connection.cookies.get(COOKIE)
        if not token:
            return AuthenticationResult(user=None, auth=None)
        # The same database session as in the handler.
        db_session = database.provide_session(connection.app.state, connection.scope)
        found = await db_session.scalar(
            select(UserSession)
            .where(UserSession.token_hash == _hash(token), UserSession.expires_at > datetime.now(UTC))
            .options(joinedload(UserSession.user))
        )
        return AuthenticationResult(user=found and found.user, auth=found)


authentication = DefineMiddleware(Authentication, exclude=["^/static/", "^/avatars/"])


def start_session(db_session: AsyncSession, user: User) -> Cookie:
    """Log the user in with a new session. Add the cookie to the response."""
    token = secrets.token_urlsafe(32)
    db_session.add(UserSession(token_hash=_hash(token), user_id=user.id, expires_at=datetime.now(UTC) + LIFETIME))
    return _cookie(token, int(LIFETIME.total_seconds()))


async def end_sessions(db_session: AsyncSession, user: User, *, keep: UserSession | None = None) -> None:
    """Log the user out everywhere, except in the session to keep."""
    mine = UserSession.user_id == user.id
    await db_session.execute(delete(UserSession).where(mine, UserSession.id != keep.id if keep else mine))


def cookie_without_session() -> Cookie:
    return _cookie("", 0)


def _cookie(value: str, max_age: int) -> Cookie:
    return Cookie(key=COOKIE, value=value, max_age=max_age, httponly=True, samesite="lax", secure=settings.is_https)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class AuthUser(Struct, frozen=True):
    """The user, as sent to pages."""

    name: str
    email: str
    avatar_url: str | None
    is_verified: bool


class Auth(Struct, frozen=True):
    user: AuthUser | None


def shared_auth(request: Request) -> Auth:
    """Return the shared prop `auth`: the user, or None for visitors."""
    user: User | None = request.user
    if user is None:
        return Auth(None)
    avatar_url = f"/avatars/{user.avatar}" if user.avatar else None
    return Auth(AuthUser(user.name, user.email, avatar_url, user.email_verified_at is not None))
