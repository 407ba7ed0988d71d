"""Tests of the server's pages. They need no browser, build or Node."""

from collections.abc import Callable

import pytest
from app import app
from litestar_vite.testing import InertiaTestClient


@pytest.fixture
def client(inertia_client: Callable[..., InertiaTestClient]) -> InertiaTestClient:
    """A client that behaves like the Inertia client. The fixture `inertia_client` is part of litestar-vite."""
    return inertia_client(app)


def test_home_page_loads_its_deferred_prop_later(client: InertiaTestClient) -> None:
    page = client.open("/")
    page.component("Home").where("framework", "__FRAMEWORK__").missing("activity").has_deferred("activity")
    page.load_deferred().where("activity.entries", lambda entries: entries >= 1)


def test_an_entry_can_be_added_and_removed(client: InertiaTestClient) -> None:
    client.visit("/guestbook")
    page = client.submit("/guestbook", {"name": "Grace", "message": "Hello"})
    page.component("Guestbook/Index").where("entries.0.name", "Grace").has_flash("success", "Thank you, Grace!")
    page = client.submit(f"/guestbook/{page.value('entries.0.id')}", {}, method="DELETE")
    page.has_flash("info", "The entry of Grace is gone.").each(
        "entries", lambda entry: entry.where_not("name", "Grace")
    )


def test_each_invalid_field_has_an_error(client: InertiaTestClient) -> None:
    client.visit("/guestbook")
    page = client.submit("/guestbook", {"name": " ", "message": "x" * 501})
    page.component("Guestbook/Index").error("name", "Please tell us your name.")
    page.error("message", "A message has at most 500 characters; this one has 501.")


def test_an_unknown_url_shows_the_error_page(client: InertiaTestClient) -> None:
    client.open("/nowhere").status(404).component("Errors/Error").where("status", 404)
