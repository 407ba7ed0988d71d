"""Log in and log out."""

from typing import Annotated

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar_vite.inertia import InertiaBack, InertiaExternalRedirect, InertiaRedirect, clear_history, error, intended
from msgspec import Meta, Struct
from sqlalchemy import select

from backend import tokens
from backend.auth.guards import guest, signed_in
from backend.auth.passwords import Password, is_password
from backend.auth.sessions import UserRequest, cookie_without_session, start_session
from backend.auth.throttle import Throttle
from backend.auth.two_factor import CHALLENGE_COOKIE, CHALLENGE_SECONDS
from backend.database import DB
from backend.models import User
from backend.settings import settings

logins = Throttle("login")


class LoginForm(Struct):
    email: Annotated[str, Meta(min_length=1, max_length=160)]
    password: Password


@get("/login", component="Auth/Login", name="login", guards=[guest])
async def show() -> dict[str, object]:
    return {}


@post("/login", name="login.store", guards=[guest])
async def store(request: Request, db_session: DB, data: JSONBody[LoginForm]) -> Redirect:
    await logins.count(request, data.email)
    user = await db_session.scalar(select(User).where(User.email == data.email.strip().lower()))
    if not await is_password(user and user.password_hash, data.password) or user is None:
        error(request, "email", "This e-mail address and password do not match.")
        return InertiaBack(request)
    await logins.reset(request, data.email)
    if user.has_two_factor:
        challenge = Cookie(
            key=CHALLENGE_COOKIE,
            value=tokens.sign("challenge", user.id),
            max_age=CHALLENGE_SECONDS,
            httponly=True,
            samesite="lax",
            secure=settings.is_https,
        )
        return InertiaRedirect(request, "/two-factor-challenge", cookies=[challenge])
    clear_history(request)
    cookie = start_session(db_session, user)
    return InertiaRedirect(request, intended(request, default="/dashboard"), cookies=[cookie])


@post("/logout", name="logout", guards=[signed_in])
async def logout(request: UserRequest, db_session: DB) -> Redirect:
    await db_session.delete(request.auth)
    clear_history(request)
    # A document, so that nothing of the user stays in the client's memory.
    return InertiaExternalRedirect(request, "/", cookies=[cookie_without_session()])
