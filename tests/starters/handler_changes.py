"""Changes of the app kit's handlers. Each breaks a component that was not changed with it.

The types are generated again, and the framework's compiler must report the component that still uses the old ones."""

from __future__ import annotations

from typing import Final, NamedTuple


class Change(NamedTuple):
    """An edit of the backend.

    Attributes:
        name: The changed part.
        file: The module, below `backend`.
        old: Text of the module, which occurs once.
        new: The replacement.
        where: The names of components. At least one must be reported.
        message: A part of the error.
    """

    name: str
    file: str
    old: str
    new: str
    where: str
    message: str


CHANGES: Final = [
    # Props
    Change("field of a row", "projects.py", "    updated_at: datetime\n", "    changed_at: datetime\n", "ProjectTable", "updated_at"),
    Change("field that may be null", "projects.py", "    id: int\n    name: str\n    description", "    id: int\n    name: str | None\n    description", "ProjectMenu DeleteProject ProjectTable ProjectModal", "null"),
    Change("prop of a page", "projects.py", '"pages": live(', '"page_count": live(', "Projects/Index", "pages"),
    Change("field of a nested prop", "projects.py", "    search: str\n", "    q: str\n", "ProjectFilters", "search"),
    Change("field in a list", "dashboard.py", "    projects: int\n", "    number: int\n", "Dashboard", "projects"),
    Change("field of a deferred prop", "dashboard.py", "    due_on: date\n", "    day: date\n", "Dashboard", "due_on"),
    Change("deferred prop that is sent at once", "dashboard.py", "defer(next_due, db_session, request.user)", "await next_due(db_session, request.user)", "Dashboard", "due"),
    Change("value of an enumeration", "models.py", '"paused", "done"]', '"paused", "done", "blocked"]', "statuses StatusBadge", "blocked"),
    Change("key of a dict", "auth/password_reset.py", '"is_valid": await', '"valid": await', "ResetPassword", "is_valid"),
    Change("only key of a dict", "auth/registration.py", '{"email": request.user.email}', '{"address": request.user.email}', "VerifyEmail", "email"),
    Change("prop of the error page", "errors.py", '{"status": status}', '{"code": status}', "Errors/Error", "status"),
    Change("field of a page that is a Struct", "account/security.py", "    recovery_codes_left: int\n", "    codes_left: int\n", "TwoFactor", "recovery_codes_left"),
    Change("field of an optional prop", "account/security.py", "    qr_code: str\n", "    image: str\n", "TwoFactor TwoFactorSetup", "qr_code"),
    # Shared props
    Change("shared prop", "../app.py", '{"site": settings.name', '{"title": settings.name', "AppLayout Brand GuestLayout", "site"),
    Change("field of a shared prop", "auth/sessions.py", "    avatar_url: str | None\n", "    picture: str | None\n", "AvatarForm UserMenu", "avatar_url"),
    # Forms
    Change("field of a form", "auth/login.py", "    email: Annotated[str", "    login: Annotated[str", "Auth/Login", "email"),
    Change("field of a form with one field", "auth/password_reset.py", "    email: Annotated[str", "    address: Annotated[str", "ForgotPassword", "email"),
    Change("field of a form of a page with props", "auth/password_reset.py", "    password: NewPassword\n", "    new_password: NewPassword\n", "ResetPassword", "password"),
    Change("field of a form in a dialog", "projects.py", "    description: Annotated[str, Meta(max_length=2000)]", "    notes: Annotated[str, Meta(max_length=2000)]", "ProjectModal", "description"),
    Change("field of the profile", "account/profile.py", "    name: Name\n", "    display_name: Name\n", "Settings/Profile", "name"),
    Change("field with an error bag", "account/security.py", "    current_password: Password\n", "    old_password: Password\n", "Settings/Security", "current_password"),
    Change("field of two forms", "auth/two_factor.py", "    code: Annotated[str", "    digits: Annotated[str", "TwoFactorChallenge TwoFactor TwoFactorSetup", "code"),
    # Routes
    Change("name of a page's route", "projects.py", 'name="projects.index"', 'name="projects.list"', "Dashboard AppLayout Sidebar", "projectsIndex"),
    Change("name of an action's route", "account/profile.py", 'name="avatar.destroy"', 'name="avatar.remove"', "AvatarForm", "avatarDestroy"),
    Change("name of a route with a hyphen", "account/security.py", 'name="security.two-factor.stop"', 'name="security.two-factor.off"', "TwoFactor", "securityTwoFactorStop"),
    Change("parameter of a route", "projects.py", '@delete("/{project_id:int}", name="projects.destroy", status_code=303)\nasync def destroy(request: UserRequest, db_session: DB, project_id: FromPath[int])', '@delete("/{key:int}", name="projects.destroy", status_code=303)\nasync def destroy(request: UserRequest, db_session: DB, key: FromPath[int])', "DeleteProject", "project_id"),
]  # fmt: skip
