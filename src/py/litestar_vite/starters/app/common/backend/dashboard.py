"""The first page of visitors, and the first page of users."""

from datetime import date

from litestar import get
from litestar_vite.inertia import CachePolicy, defer  # [only: ssr]
from litestar_vite.inertia import defer  # [only: no-ssr]
from msgspec import Struct, convert
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.guards import verified
from backend.auth.sessions import UserRequest
from backend.database import DB
from backend.models import STATUSES, Project, Status, User


class StatusCount(Struct, frozen=True):
    status: Status
    projects: int


class DueProject(Struct, frozen=True):
    id: int
    name: str
    status: Status
    due_on: date


@get("/", component="Welcome", name="welcome", ssr_cache=CachePolicy(60, stale_seconds=3600, by="url"))  # [only: ssr]
@get("/", component="Welcome", name="welcome")  # [only: no-ssr]
async def welcome() -> dict[str, object]:
    """Return the page for visitors, which they share. For users it is rendered separately."""  # [only: ssr]
    """Return the page for visitors."""  # [only: no-ssr]
    return {}


@get("/dashboard", component="Dashboard", name="dashboard", guards=[verified])
async def dashboard(request: UserRequest, db_session: DB) -> dict[str, object]:
    """Return the counts. The browser loads the list afterwards, and shows a placeholder until it arrives."""
    return {
        "counts": await count_by_status(db_session, request.user),
        "due": defer(next_due, db_session, request.user),
    }


async def count_by_status(db_session: AsyncSession, user: User) -> list[StatusCount]:
    rows = await db_session.execute(
        select(Project.status, func.count()).where(Project.user_id == user.id).group_by(Project.status)
    )
    found = dict(rows.all())
    return [StatusCount(status, found.get(status, 0)) for status in STATUSES]


async def next_due(db_session: AsyncSession, user: User) -> list[DueProject]:
    """Return the five projects that are due next."""
    projects = await db_session.scalars(
        select(Project)
        .where(Project.user_id == user.id, Project.due_on.is_not(None), Project.status != "done")
        .order_by(Project.due_on)
        .limit(5)
    )
    return [convert(project, DueProject, from_attributes=True) for project in projects]


@get("/terms", component="Terms", name="terms", hydrate=False, prerender=True)  # [only: ssr]
@get("/terms", component="Terms", name="terms", prerender=True)  # [only: no-ssr]
async def terms() -> dict[str, object]:
    """Return a page without JavaScript: text and links only."""  # [only: ssr]
    """Return a page of text and links."""  # [only: no-ssr]
    return {}
