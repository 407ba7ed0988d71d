"""Choose a new password with a link that is sent by mail."""

from typing import Annotated

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from litestar.response import Redirect
from litestar_vite.inertia import InertiaBack, InertiaRedirect, error, flash
from msgspec import Meta, Struct
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from backend import tokens
from backend.auth.guards import guest
from backend.auth.passwords import NewPassword, hash_password
from backend.auth.sessions import end_sessions
from backend.auth.throttle import Throttle
from backend.database import DB
from backend.mail import send_mail
from backend.models import User
from backend.settings import settings

reset_mails = Throttle("reset", limit=3, seconds=600)


class ForgotForm(Struct):
    email: Annotated[str, Meta(min_length=1, max_length=160)]


class ResetForm(Struct):
    token: str
    password: NewPassword


@get("/forgot-password", component="Auth/ForgotPassword", name="password.forgot", guards=[guest])
async def forgot() -> dict[str, object]:
    return {}


@post("/forgot-password", name="password.email", guards=[guest])
async def send(request: Request, db_session: DB, data: JSONBody[ForgotForm]) -> Redirect:
    await reset_mails.count(request, data.email)
    user = await db_session.scalar(select(User).where(User.email == data.email.strip().lower()))
    if user is not None:
        link = (
            f"{settings.url}/reset-password/{tokens.sign('reset', [user.id, tokens.fingerprint(user.password_hash)])}"
        )
        await send_mail(
            user.email,
            f"Choose a new password for {settings.name}",
            f"Hello {user.name},\n\nopen this link to choose a new password:\n\n{link}\n\n"
            "The link works once, for an hour. If you did not ask for it, ignore this mail.",
        )
    # The same message for unknown addresses, so that it does not reveal whether an account exists.
    flash(request, "If there is an account with this address, a mail is on its way.", category="success")
    return InertiaBack(request)


@get("/reset-password/{token:str}", component="Auth/ResetPassword", name="password.reset", guards=[guest])
async def show(db_session: DB, token: FromPath[str]) -> dict[str, object]:
    return {"token": token, "is_valid": await find_user(db_session, token) is not None}


@post("/reset-password", name="password.store", guards=[guest])
async def store(request: Request, db_session: DB, data: JSONBody[ResetForm]) -> Redirect:
    user = await find_user(db_session, data.token)
    if user is None:
        error(request, "password", "This link has expired or was used already. Please request a new one.")
        return InertiaBack(request)
    user.password_hash = await hash_password(data.password)
    # Sessions that were opened with the old password end too.
    await end_sessions(db_session, user)
    flash(request, "Your password is changed. Please log in.", category="success")
    return InertiaRedirect(request, "/login")


async def find_user(db_session: AsyncSession, token: str) -> User | None:
    """Return the token's user, as long as the password is the one for which the token was made."""
    match tokens.read("reset", token):
        case [int() as user_id, str() as fingerprint]:
            user = await db_session.get(User, user_id)
            return user if user and tokens.fingerprint(user.password_hash) == fingerprint else None
    return None
