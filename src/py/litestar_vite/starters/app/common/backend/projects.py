"""Projects: a table with search, sorting and pages; create, edit and delete. A template for your own resources."""

from datetime import date, datetime
from typing import Annotated, Any

from litestar import Router, delete, get, post, put
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery, JSONBody
from litestar_vite.inertia import InertiaBack, InertiaRedirect, flash, live, publish
from msgspec import Meta, Struct, convert, structs
from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from backend.auth.guards import verified
from backend.auth.sessions import UserRequest
from backend.database import DB
from backend.live import projects_of
from backend.models import STATUSES, Project, Status, User

PAGE_SIZE = 10
SORTS: dict[str, Any] = {
    "name": func.lower(Project.name),
    "status": Project.status,
    "due_on": Project.due_on,
    "updated_at": Project.updated_at,
}


class ProjectRow(Struct, frozen=True):
    id: int
    name: str
    description: str
    status: Status
    due_on: date | None
    updated_at: datetime


class Filters(Struct, frozen=True):
    """The query string of the list. Unknown values fall back to the defaults."""

    search: str
    status: Status | None
    sort: str
    page: int


class ProjectForm(Struct):
    name: Annotated[str, Meta(pattern=r"\S", max_length=80)]
    status: Status = "planned"
    description: Annotated[str, Meta(max_length=2000)] = ""
    due_on: date | None = None


@get("/", component="Projects/Index", name="projects.index")
async def index(
    request: UserRequest,
    db_session: DB,
    search: FromQuery[str] = "",
    status: FromQuery[str] = "",
    sort: FromQuery[str] = "-updated_at",
    page: FromQuery[int] = 1,
) -> dict[str, object]:
    """Return a page of the list. It is live: open pages reload it when a handler below publishes a change."""
    filters = Filters(
        search=search,
        status=next((known for known in STATUSES if known == status), None),
        sort=sort if sort.removeprefix("-") in SORTS else "-updated_at",
        page=max(page, 1),
    )
    matching = select(Project).where(Project.user_id == request.user.id, *conditions(filters))
    total: int = await db_session.scalar(select(func.count()).select_from(matching.subquery())) or 0
    rows = await db_session.scalars(
        matching.order_by(order(filters.sort), Project.id).limit(PAGE_SIZE).offset((filters.page - 1) * PAGE_SIZE)
    )
    projects = [convert(row, ProjectRow, from_attributes=True) for row in rows]
    channel = projects_of(request.user)
    return {
        "projects": live(projects, channel=channel),
        "total": live(total, channel=channel),
        "pages": live(max(-(-total // PAGE_SIZE), 1), channel=channel),
        "filters": filters,
    }


@post("/", name="projects.store")
async def store(request: UserRequest, db_session: DB, data: JSONBody[ProjectForm]) -> InertiaBack:
    db_session.add(Project(user_id=request.user.id, **structs.asdict(data)))
    publish(request, projects_of(request.user))
    flash(request, f"{data.name} was created.", category="success")
    return InertiaBack(request)


@put("/{project_id:int}", name="projects.update")
async def update(
    request: UserRequest, db_session: DB, project_id: FromPath[int], data: JSONBody[ProjectForm]
) -> InertiaBack:
    project = await project_of(db_session, request.user, project_id)
    for name, value in structs.asdict(data).items():
        setattr(project, name, value)
    publish(request, projects_of(request.user))
    flash(request, f"{data.name} was saved.", category="success")
    return InertiaBack(request)


@delete("/{project_id:int}", name="projects.destroy", status_code=303)
async def destroy(request: UserRequest, db_session: DB, project_id: FromPath[int]) -> InertiaRedirect:
    project = await project_of(db_session, request.user, project_id)
    await db_session.delete(project)
    publish(request, projects_of(request.user))
    flash(request, f"{project.name} was deleted.", category="success")
    # Back to the same search and page, which the link passed along.
    query = request.url.query
    return InertiaRedirect(request, f"/projects?{query}" if query else "/projects")


projects_router = Router("/projects", route_handlers=[index, store, update, destroy], guards=[verified])


def conditions(filters: Filters) -> list[Any]:
    """Every word must be in the name or the description."""
    found: list[Any] = [
        or_(Project.name.icontains(word, autoescape=True), Project.description.icontains(word, autoescape=True))
        for word in filters.search.split()
    ]
    return [*found, Project.status == filters.status] if filters.status else found


def order(sort: str) -> Any:
    """Turn "name" or "-name" into an ORDER BY. Projects without a value come last."""
    column = SORTS[sort.removeprefix("-")]
    return (column.desc() if sort.startswith("-") else column.asc()).nulls_last()


async def project_of(db_session: AsyncSession, user: User, project_id: int) -> Project:
    """Return the user's project. Other users' projects are treated as not found."""
    project = await db_session.scalar(select(Project).where(Project.id == project_id, Project.user_id == user.id))
    if project is None:
        raise NotFoundException
    return project
