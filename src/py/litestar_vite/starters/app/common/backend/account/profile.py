"""Name, e-mail address, picture; deleting the account."""

from litestar import delete, get, post, put
from litestar.datastructures import UploadFile
from litestar.params import JSONBody, MultipartBody
from litestar.response import Redirect
from litestar_vite.inertia import InertiaBack, InertiaExternalRedirect, clear_history, error, flash
from msgspec import Struct
from sqlalchemy import select

from backend.auth.passwords import Password, is_password
from backend.auth.registration import Email, Name, send_verification_mail
from backend.auth.sessions import UserRequest, cookie_without_session
from backend.database import DB
from backend.models import User
from backend.uploads import UploadError, delete_picture, save_picture


class ProfileForm(Struct):
    name: Name
    email: Email


class AvatarForm(Struct):
    avatar: UploadFile


class PasswordForm(Struct):
    """The user's password, before a step that cannot be undone."""

    password: Password


@get("/profile", component="Settings/Profile", name="profile")
async def show() -> dict[str, object]:
    """Return nothing: the page shows the shared prop `auth`."""
    return {}


@put("/profile", name="profile.update")
async def update(request: UserRequest, db_session: DB, data: JSONBody[ProfileForm]) -> InertiaBack:
    user, email = request.user, data.email.lower()
    if await db_session.scalar(select(User.id).where(User.email == email, User.id != user.id)):
        error(request, "email", "There is an account with this e-mail address already.")
        return InertiaBack(request)
    user.name = data.name.strip()
    if email != user.email:
        user.email, user.email_verified_at = email, None
        await send_verification_mail(user)
        flash(request, "Profile saved. Please verify your new address.", category="success")
    else:
        flash(request, "Profile saved.", category="success")
    return InertiaBack(request)


@post("/avatar", name="avatar.store")
async def upload_avatar(request: UserRequest, data: MultipartBody[AvatarForm]) -> InertiaBack:
    try:
        name = await save_picture(data.avatar)
    except UploadError as problem:
        error(request, "avatar", str(problem))
        return InertiaBack(request)
    delete_picture(request.user.avatar)
    request.user.avatar = name
    flash(request, "Picture saved.", category="success")
    return InertiaBack(request)


@delete("/avatar", name="avatar.destroy", status_code=303)
async def remove_avatar(request: UserRequest) -> InertiaBack:
    delete_picture(request.user.avatar)
    request.user.avatar = None
    flash(request, "Picture removed.", category="success")
    return InertiaBack(request)


@delete("/account", name="account.destroy", status_code=303)
async def destroy(request: UserRequest, db_session: DB, data: JSONBody[PasswordForm]) -> Redirect:
    if not await is_password(request.user.password_hash, data.password):
        error(request, "password", "This password is wrong.")
        return InertiaBack(request)
    delete_picture(request.user.avatar)
    # The database deletes sessions and projects with their user.
    await db_session.delete(request.user)
    clear_history(request)
    return InertiaExternalRedirect(request, "/", cookies=[cookie_without_session()])


@get("/appearance", component="Settings/Appearance", name="appearance")
async def appearance() -> dict[str, object]:
    return {}
