"""The password and two-factor authentication."""

from datetime import UTC, datetime

import pyotp
import segno
from litestar import delete, get, post, put
from litestar.params import JSONBody
from litestar_vite.inertia import InertiaBack, error, flash, flash_data
from msgspec import Struct

from backend.account.profile import PasswordForm
from backend.auth.passwords import NewPassword, Password, hash_password, is_password
from backend.auth.sessions import UserRequest, end_sessions
from backend.auth.throttle import Throttle
from backend.auth.two_factor import CodeForm, new_recovery_codes, use_code
from backend.database import DB
from backend.models import User
from backend.settings import settings

password_checks = Throttle("password")


class ChangePasswordForm(Struct):
    current_password: Password
    password: NewPassword


class Setup(Struct, frozen=True):
    """The secret for an authenticator app, shown until the first code confirms the setup."""

    secret: str
    qr_code: str


class SecurityPage(Struct, frozen=True):
    has_two_factor: bool
    recovery_codes_left: int
    setup: Setup | None


@get("/security", component="Settings/Security", name="security")
async def show(request: UserRequest) -> SecurityPage:
    user = request.user
    setup = None if user.has_two_factor or not user.totp_secret else setup_of(user, user.totp_secret)
    return SecurityPage(user.has_two_factor, len(user.recovery_codes), setup)


@put("/password", name="security.password")
async def change_password(request: UserRequest, db_session: DB, data: JSONBody[ChangePasswordForm]) -> InertiaBack:
    if not await knows_password(request, data.current_password, "current_password"):
        return InertiaBack(request)
    request.user.password_hash = await hash_password(data.password)
    await end_sessions(db_session, request.user, keep=request.auth)
    flash(request, "Password changed. Your other devices are logged out.", category="success")
    return InertiaBack(request)


@post("/two-factor", name="security.two-factor.start")
async def start_two_factor(request: UserRequest, data: JSONBody[PasswordForm]) -> InertiaBack:
    if await knows_password(request, data.password) and not request.user.has_two_factor:
        request.user.totp_secret = pyotp.random_base32()
    return InertiaBack(request)


@post("/two-factor/confirm", name="security.two-factor.confirm")
async def confirm_two_factor(request: UserRequest, data: JSONBody[CodeForm]) -> InertiaBack:
    user = request.user
    if user.has_two_factor or not use_code(user, data.code):
        error(request, "code", "This code is wrong. Please check the clock of your device.")
        return InertiaBack(request)
    user.totp_confirmed_at = datetime.now(UTC)
    flash_data(request, "recovery_codes", new_recovery_codes(user))
    flash(request, "Two-factor authentication is on.", category="success")
    return InertiaBack(request)


@post("/two-factor/recovery-codes", name="security.recovery-codes")
async def renew_recovery_codes(request: UserRequest, data: JSONBody[PasswordForm]) -> InertiaBack:
    if await knows_password(request, data.password) and request.user.has_two_factor:
        flash_data(request, "recovery_codes", new_recovery_codes(request.user))
    return InertiaBack(request)


@delete("/two-factor", name="security.two-factor.stop", status_code=303)
async def stop_two_factor(request: UserRequest, data: JSONBody[PasswordForm]) -> InertiaBack:
    user = request.user
    if await knows_password(request, data.password):
        user.totp_secret, user.totp_confirmed_at, user.recovery_codes = None, None, []
        flash(request, "Two-factor authentication is off.", category="success")
    return InertiaBack(request)


async def knows_password(request: UserRequest, password: str, field: str = "password") -> bool:
    """Return whether this is the user's password. If not, the field gets an error."""
    await password_checks.count(request, str(request.user.id))
    if not await is_password(request.user.password_hash, password):
        error(request, field, "This password is wrong.")
        return False
    await password_checks.reset(request, str(request.user.id))
    return True


def setup_of(user: User, secret: str) -> Setup:
    address = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=settings.name)
    return Setup(secret, segno.make(address, micro=False).svg_data_uri(scale=5, border=2, light="white"))
