"""The pages of organisations: the list, and one with its contacts."""

from typing import Any

from litestar import Router, get
from litestar.exceptions import NotFoundException
from models import Contact, Organisation
from pages import ContactRow, OrganisationDetails
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, undefer


@get("/", component="Organisations/Index")
async def index(db_session: AsyncSession) -> dict[str, Any]:
    rows = await db_session.scalars(
        select(Organisation).options(undefer(Organisation.contact_count)).order_by(Organisation.name)
    )
    return {"organisations": OrganisationDetails.many(rows)}


@get("/{organisation_id:int}", component="Organisations/Show")
async def show(db_session: AsyncSession, organisation_id: int) -> dict[str, Any]:
    organisation = await db_session.get(Organisation, organisation_id, options=[undefer(Organisation.contact_count)])
    if organisation is None:
        raise NotFoundException(f"No organisation {organisation_id}.")
    of_it = select(Contact).where(Contact.organisation_id == organisation_id).options(joinedload(Contact.organisation))
    contacts = await db_session.scalars(of_it.order_by(Contact.name))
    return {"organisation": OrganisationDetails.of(organisation), "contacts": ContactRow.many(contacts)}


organisations_router = Router("/organisations", route_handlers=[index, show])
