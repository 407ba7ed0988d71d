"""The pages of contacts: list, detail with deferred panels, create, edit, delete."""

from typing import Annotated, Any

from advanced_alchemy.exceptions import DuplicateKeyError
from advanced_alchemy.filters import LimitOffset
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from litestar import Request, Response, Router, delete, get, post, put
from litestar.exceptions import NotFoundException
from models import STATUSES, Activity, Contact, Organisation, Status
from msgspec import Meta, Struct, structs
from pages import ActivityItem, ContactDetails, ContactRow, ContactsPage, OrganisationRef
from sqlalchemy import delete as sql_delete
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload

from litestar_vite.inertia import (
    CachePolicy,
    InertiaBack,
    InertiaRedirect,
    defer,
    error,
    flash,
    invalidate,
    live,
    publish,
)

PAGE_SIZE = 20
# The demo has one user, so a contact is the same page for everyone. A real app would cache its public pages like this.
RENDERED = CachePolicy(60, stale_seconds=3600, by="url", tags=["contact:{contact_id}"])
SORTS = {
    "name": Contact.name,
    "organisation": Organisation.name,
    "status": Contact.status,
    "created": Contact.created_at,
}


class ContactRepository(SQLAlchemyAsyncRepository[Contact]):
    model_type = Contact


class ContactForm(Struct, rename="camel"):
    """The fields of the form. It shows an error next to each invalid field."""

    first_name: Annotated[str, Meta(pattern=r"\S", max_length=60)]
    last_name: Annotated[str, Meta(pattern=r"\S", max_length=60)]
    email: Annotated[str, Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=160)]
    status: Status
    phone: Annotated[str, Meta(pattern=r"^[+\d ()/.-]*$", max_length=40)] = ""
    role: Annotated[str, Meta(max_length=80)] = ""
    organisation_id: int | None = None
    notes: Annotated[str, Meta(max_length=2000)] = ""

    def __post_init__(self) -> None:
        self.email = self.email.lower()


@get("/", component="Contacts/Index")
async def index(
    db_session: AsyncSession, q: str = "", status: str = "", sort: str = "name", page: int = 1
) -> dict[str, Any]:
    """Search, filter, sort and paginate in the database. Unknown query values fall back to the defaults."""
    status = status if status in STATUSES else ""
    sort = sort if sort.removeprefix("-") in SORTS else "name"
    page = max(page, 1)
    rows, total = await ContactRepository(session=db_session).list_and_count(
        *matching(q, status),
        LimitOffset(PAGE_SIZE, (page - 1) * PAGE_SIZE),
        statement=select(Contact).outerjoin(Contact.organisation).options(contains_eager(Contact.organisation)),
        order_by=[order_of(sort), Contact.id.asc()],
    )
    contacts = ContactsPage(ContactRow.many(rows), page, pages=-(-total // PAGE_SIZE), total=total)
    return {"contacts": contacts, "filters": {"q": q, "status": status, "sort": sort}}


@get("/{contact_id:int}", component="Contacts/Show", ssr_cache=RENDERED)
async def show(db_session: AsyncSession, contact_id: int) -> dict[str, Any]:
    """Return the contact. The panels are loaded together by a second request, which has its own database session.

    Colleagues that are known to load quickly are sent with the page, since a second request would take longer.

    When another user saves the contact, it changes in all open pages.
    """
    contact = await contact_or_404(db_session, contact_id)
    return {
        "contact": live(ContactDetails.of(contact), channel=f"contact.{contact_id}"),
        "activity": defer(load_activity, db_session, contact, group="activity", rescue=True),
        "colleagues": defer(load_colleagues, db_session, contact, group="activity", rescue=True, inline_within_ms=50),
    }


@get("/new", component="Contacts/Create")
async def new(db_session: AsyncSession, organisation: int | None = None) -> dict[str, Any]:
    return {"organisations": await organisation_choices(db_session), "organisationId": organisation}


@get("/{contact_id:int}/edit", component="Contacts/Edit")
async def edit(db_session: AsyncSession, contact_id: int) -> dict[str, Any]:
    contact = await contact_or_404(db_session, contact_id)
    return {"contact": ContactDetails.of(contact), "organisations": await organisation_choices(db_session)}


@post("/")
async def create(request: Request, db_session: AsyncSession, data: ContactForm) -> Response:
    contact = Contact(**structs.asdict(data))
    if not await saved(request, db_session, contact):
        return InertiaBack(request)
    flash(request, f"{data.first_name} {data.last_name} was added.", category="success")
    return InertiaRedirect(request, f"/contacts/{contact.id}")


@put("/{contact_id:int}")
async def update(request: Request, db_session: AsyncSession, contact_id: int, data: ContactForm) -> Response:
    contact = await contact_or_404(db_session, contact_id)
    for name, value in structs.asdict(data).items():
        setattr(contact, name, value)
    if not await saved(request, db_session, contact):
        return InertiaBack(request)
    publish(request, f"contact.{contact_id}")
    flash(request, "Changes saved.", category="success")
    return InertiaRedirect(request, f"/contacts/{contact_id}")


@delete("/{contact_id:int}", status_code=303)
async def destroy(request: Request, db_session: AsyncSession, contact_id: int) -> Response:
    """Delete a contact, unless it is a customer, and redirect to the list. The list passes its query string, so that
    the visitor returns to the same place.
    """
    contact = await contact_or_404(db_session, contact_id)
    if contact.status == "customer":
        flash(request, f"{contact.name} is a customer. Archive customers instead of deleting them.", category="error")
    else:
        await db_session.execute(sql_delete(Activity).where(Activity.contact_id == contact_id))
        await ContactRepository(session=db_session).delete(contact_id, auto_commit=True)
        await invalidate(request, f"contact:{contact_id}", "contacts")
        flash(request, f"{contact.name} was deleted.", category="success")
    query = request.scope["query_string"].decode()
    return InertiaRedirect(request, f"/contacts?{query}" if query else "/contacts")


contacts_router = Router("/contacts", route_handlers=[index, show, new, edit, create, update, destroy])


def matching(q: str, status: str) -> list[Any]:
    """Return the conditions of a search: every word must be found in name, e-mail, role or organisation."""
    columns = Contact.name, Contact.email, Contact.role, Organisation.name
    conditions = [or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in q.split()]
    return [*conditions, Contact.status == status] if status else conditions


def order_of(sort: str) -> Any:
    """Turn "name" or "-name" into an ORDER BY. Contacts without an organisation come last in both directions."""
    column = SORTS[sort.removeprefix("-")]
    return (column.desc() if sort.startswith("-") else column.asc()).nulls_last()


async def contact_or_404(session: AsyncSession, contact_id: int) -> Contact:
    contact = await session.get(Contact, contact_id, options=[joinedload(Contact.organisation)])
    if contact is None:
        raise NotFoundException(f"No contact {contact_id}.")
    return contact


async def saved(request: Request, session: AsyncSession, contact: Contact) -> bool:
    """Store a contact, or report a duplicate e-mail, which only the database can detect without a race."""
    try:
        await ContactRepository(session=session).add(contact, auto_commit=True)
    except DuplicateKeyError:
        error(request, "email", "Another contact has this e-mail address.")
        return False
    await invalidate(request, f"contact:{contact.id}", "contacts")
    return True


async def organisation_choices(session: AsyncSession) -> list[OrganisationRef]:
    return OrganisationRef.many(
        await session.execute(select(Organisation.id, Organisation.name).order_by(Organisation.name))
    )


async def load_activity(session: AsyncSession, contact: Contact) -> list[ActivityItem]:
    recent = select(Activity).where(Activity.contact_id == contact.id).order_by(Activity.happened_at.desc()).limit(8)
    return ActivityItem.many(await session.scalars(recent))


async def load_colleagues(session: AsyncSession, contact: Contact) -> list[ContactRow]:
    """Return up to six other contacts of the same organisation."""
    if contact.organisation_id is None:
        return []
    others = Contact.organisation_id == contact.organisation_id, Contact.id != contact.id
    colleagues = (
        select(Contact).where(*others).options(joinedload(Contact.organisation)).order_by(Contact.name).limit(6)
    )
    return ContactRow.many(await session.scalars(colleagues))
