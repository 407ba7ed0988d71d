"""Create an account, and verify its e-mail address."""

from datetime import UTC, datetime
from typing import Annotated

from litestar import Request, get, post
from litestar.params import JSONBody, FromPath
from litestar.response import Redirect
from litestar_vite.inertia import InertiaBack, InertiaRedirect, clear_history, error, flash
from msgspec import Meta, Struct
from sqlalchemy.exc import IntegrityError

from backend import tokens
from backend.auth.guards import guest, signed_in
from backend.auth.passwords import NewPassword, hash_password
from backend.auth.sessions import UserRequest, start_session
from backend.auth.throttle import Throttle
from backend.database import DB
from backend.mail import send_mail
from backend.models import User
from backend.settings import settings

Name = Annotated[str, Meta(pattern=r"\S", max_length=80)]
Email = Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=160)]

registrations = Throttle("register", limit=10, seconds=600)
verification_mails = Throttle("verification", limit=3, seconds=600)


class RegisterForm(Struct):
    name: Name
    email: Email
    password: NewPassword


@get("/register", component="Auth/Register", name="register", guards=[guest])
async def show() -> dict[str, object]:
    return {}


@post("/register", name="register.store", guards=[guest])
async def store(request: Request, db_session: DB, data: JSONBody[RegisterForm]) -> Redirect:
    await registrations.count(request, "")
    user = User(
        name=data.name.strip(),
        email=data.email.lower(),
        password_hash=await hash_password(data.password),
        recovery_codes=[],
    )
    db_session.add(user)
    try:
        await db_session.flush()
    except IntegrityError:
        await db_session.rollback()
        error(request, "email", "There is an account with this e-mail address already.")
        return InertiaBack(request)
    await send_verification_mail(user)
    clear_history(request)
    cookie = start_session(db_session, user)
    return InertiaRedirect(request, "/verify-email", cookies=[cookie])


@get("/verify-email", component="Auth/VerifyEmail", name="verification.notice", guards=[signed_in])
async def notice(request: UserRequest) -> dict[str, object]:
    return {"email": request.user.email}


@post("/verify-email", name="verification.send", guards=[signed_in])
async def send(request: UserRequest) -> Redirect:
    if request.user.email_verified_at is not None:
        return InertiaRedirect(request, "/dashboard")
    await verification_mails.count(request, request.user.email)
    await send_verification_mail(request.user)
    flash(request, "We sent you a new link.", category="success")
    return InertiaBack(request)


@get("/verify-email/{token:str}", name="verification.verify", guards=[signed_in])
async def verify(request: UserRequest, token: FromPath[str]) -> Redirect:
    user = request.user
    if tokens.read("verify", token, max_age_seconds=24 * tokens.HOUR) != [user.id, user.email]:
        flash(request, "This link has expired or belongs to another account.", category="error")
        return InertiaRedirect(request, "/verify-email")
    user.email_verified_at = user.email_verified_at or datetime.now(UTC)
    flash(request, "Your e-mail address is verified.", category="success")
    return InertiaRedirect(request, "/dashboard")


async def send_verification_mail(user: User) -> None:
    link = f"{settings.url}/verify-email/{tokens.sign('verify', [user.id, user.email])}"
    await send_mail(
        user.email,
        f"Verify your e-mail address for {settings.name}",
        f"Hello {user.name},\n\nplease open this link to verify your e-mail address:\n\n{link}\n\n"
        "The link works for 24 hours. If you did not create an account, ignore this mail.",
    )
