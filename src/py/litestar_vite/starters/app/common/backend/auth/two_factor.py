"""Two-factor authentication: codes of an authenticator app (TOTP), and recovery codes for when it is lost."""

import hashlib
import secrets
import time
from typing import Annotated

import pyotp
from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar_vite.inertia import InertiaBack, InertiaRedirect, clear_history, error, intended
from msgspec import Meta, Struct

from backend import tokens
from backend.auth.guards import guest
from backend.auth.sessions import start_session
from backend.auth.throttle import Throttle
from backend.database import DB
from backend.models import User

CHALLENGE_COOKIE = "two_factor"
CHALLENGE_SECONDS = 600
STEP_SECONDS = 30

challenges = Throttle("two-factor", by_address=False)


class CodeForm(Struct):
    """A code of six digits, or a recovery code."""

    code: Annotated[str, Meta(min_length=1, max_length=40)]


@get("/two-factor-challenge", component="Auth/TwoFactorChallenge", name="two-factor.challenge", guards=[guest])
async def show(request: Request) -> dict[str, object] | Redirect:
    if challenged_user_id(request) is None:
        return Redirect("/login")
    return {}


@post("/two-factor-challenge", name="two-factor.login", guards=[guest])
async def store(request: Request, db_session: DB, data: JSONBody[CodeForm]) -> Redirect:
    user_id = challenged_user_id(request)
    user = await db_session.get(User, user_id) if user_id else None
    if user is None:
        return InertiaRedirect(request, "/login")
    await challenges.count(request, str(user.id))
    if not (use_code(user, data.code) or use_recovery_code(user, data.code)):
        error(request, "code", "This code is wrong or was used already.")
        return InertiaBack(request)
    await challenges.reset(request, str(user.id))
    clear_history(request)
    cookies = [start_session(db_session, user), Cookie(key=CHALLENGE_COOKIE, value="", max_age=0)]
    return InertiaRedirect(request, intended(request, default="/dashboard"), cookies=cookies)


def challenged_user_id(request: Request) -> int | None:
    """Return the id of the user that has entered the correct password, or None."""
    return tokens.read("challenge", request.cookies.get(CHALLENGE_COOKIE, ""), max_age_seconds=CHALLENGE_SECONDS)


def use_code(user: User, code: str) -> bool:
    """Check a code, which is valid once. Codes of the step before and after are accepted too, since clocks differ."""
    if not user.totp_secret:
        return False
    totp, now = pyotp.TOTP(user.totp_secret), int(time.time()) // STEP_SECONDS
    for step in (now - 1, now, now + 1):
        if step > user.totp_last_step and secrets.compare_digest(totp.generate_otp(step), _digits(code)):
            user.totp_last_step = step
            return True
    return False


def use_recovery_code(user: User, code: str) -> bool:
    hashed = _hash(code)
    if hashed not in user.recovery_codes:
        return False
    # A new list: SQLAlchemy does not see changes inside a JSON column.
    user.recovery_codes = [other for other in user.recovery_codes if other != hashed]
    return True


def new_recovery_codes(user: User) -> list[str]:
    """Replace the user's recovery codes. This is the only time that they can be shown."""
    codes = [f"{secrets.token_hex(3)}-{secrets.token_hex(3)}" for _ in range(8)]
    user.recovery_codes = [_hash(code) for code in codes]
    return codes


def _digits(code: str) -> str:
    return "".join(character for character in code if character in "0123456789")


def _hash(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()
