"""The pages of organisations: the list, and one with its contacts."""

from typing import Any

from advanced_alchemy.extensions.litestar import SQLAlchemyPlugin
from litestar import Litestar, Request, Router, get
from litestar.exceptions import NotFoundException
from models import Contact, Organisation
from pages import ContactRow, OrganisationDetails
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, undefer

from litestar_vite.inertia import tag_page


@get("/", component="Organisations/Index", prerender=True)
async def index(request: Request, db_session: AsyncSession) -> dict[str, Any]:
    tag_page(request, "contacts")
    rows = await db_session.scalars(
        select(Organisation).options(undefer(Organisation.contact_count)).order_by(Organisation.name)
    )
    return {"organisations": OrganisationDetails.many(rows)}


async def organisation_ids(app: Litestar) -> list[int]:
    """Return the ids for the pages that `litestar assets prerender` writes to files: all organisations."""
    database = app.plugins.get(SQLAlchemyPlugin).config[0]
    async with database.get_session() as session:
        return list(await session.scalars(select(Organisation.id)))


@get("/{organisation_id:int}", component="Organisations/Show", prerender=organisation_ids)
async def show(request: Request, db_session: AsyncSession, organisation_id: int) -> dict[str, Any]:
    tag_page(request, "contacts")
    organisation = await db_session.get(Organisation, organisation_id, options=[undefer(Organisation.contact_count)])
    if organisation is None:
        raise NotFoundException(f"No organisation {organisation_id}.")
    of_it = select(Contact).where(Contact.organisation_id == organisation_id).options(joinedload(Contact.organisation))
    contacts = await db_session.scalars(of_it.order_by(Contact.name))
    return {"organisation": OrganisationDetails.of(organisation), "contacts": ContactRow.many(contacts)}


organisations_router = Router("/organisations", route_handlers=[index, show])
