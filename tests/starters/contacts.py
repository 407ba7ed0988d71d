"""Handlers for a starter, with the types that the page of tests/types uses."""

from typing import Any, Literal

from litestar import Request, Router, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Struct

from litestar_vite.inertia import InertiaBack, defer, flash


class Activity(Struct):
    id: int
    summary: str


class Contact(Struct):
    id: int
    name: str
    email: str | None
    tags: list[str]


class Organisation(Struct):
    id: int
    name: str


class Address(Struct):
    city: str


class ContactForm(Struct):
    name: str
    email: str
    tags: list[str]
    address: Address


class User(Struct):
    name: str


class Auth(Struct):
    user: User | None


class ContactFilters(Struct):
    q: str
    sort: Literal["name", "-name"]


async def auth(request: Request[Any, Any, Any]) -> Auth:
    return Auth(None)


def find() -> Contact:
    return Contact(1, "Ada", None, [])


async def activity() -> list[Activity]:
    return []


@get("/", component="Contacts/Index", name="contacts.index")
async def index(q: FromQuery[str] = "", page: FromQuery[int] = 1) -> dict[str, Any]:
    return {"contacts": [find()], "filters": ContactFilters(q, "name")}


@get("/{contact_id:int}", component="Contacts/Show", name="contacts.show")
async def show(contact_id: FromPath[int]) -> dict[str, Any]:
    return {"contact": find(), "activity": defer(activity)}


@get("/create", component="Contacts/Create")
async def create_page(organisation_id: FromQuery[int | None] = None) -> dict[str, Any]:
    return {"organisations": list[Organisation](), "organisationId": organisation_id}


@post("/", name="contacts.create")
async def create(request: Request[Any, Any, Any], data: JSONBody[ContactForm]) -> InertiaBack:
    flash(request, "Saved.", "success")
    return InertiaBack(request)


@delete("/{contact_id:int}", name="contacts.destroy", status_code=303)
async def destroy(request: Request[Any, Any, Any], contact_id: FromPath[int]) -> InertiaBack:
    return InertiaBack(request)


contacts_router = Router("/contacts", route_handlers=[index, show, create_page, create, destroy])
