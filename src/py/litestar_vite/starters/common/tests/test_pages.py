"""The pages as the server answers them; neither a browser, nor a build, nor Node is needed."""

from collections.abc import Callable

import pytest
from app import app
from litestar_vite.testing import InertiaTestClient


@pytest.fixture
def client(inertia_client: Callable[..., InertiaTestClient]) -> InertiaTestClient:
    """A client with the habits of the one in the browser; `inertia_client` comes with litestar-vite."""
    return inertia_client(app)


def test_home_answers_before_the_deferred_prop_is_there(client: InertiaTestClient) -> None:
    page = client.open("/")
    page.component("Home").where("framework", "__FRAMEWORK__").missing("activity").has_deferred("activity")
    page.load_deferred().where("activity.entries", lambda entries: entries >= 1)


def test_an_entry_is_stored_and_the_visitor_thanked(client: InertiaTestClient) -> None:
    client.visit("/guestbook")
    page = client.submit("/guestbook", {"name": "Grace", "message": "Hello"})
    page.component("Guestbook/Index").where("entries.0.name", "Grace").has_flash("success", "Thank you, Grace!")
    page = client.submit(f"/guestbook/{page.value('entries.0.id')}", {}, method="DELETE")
    page.has_flash("info", "The entry of Grace is gone.").each(
        "entries", lambda entry: entry.where_not("name", "Grace")
    )


def test_each_field_says_what_is_wrong_with_it(client: InertiaTestClient) -> None:
    client.visit("/guestbook")
    page = client.submit("/guestbook", {"name": " ", "message": "x" * 501})
    page.component("Guestbook/Index").error("name", "Please tell us your name.")
    page.error("message", "A message has at most 500 characters; this one has 501.")


def test_an_unknown_address_is_a_page(client: InertiaTestClient) -> None:
    client.open("/nowhere").status(404).component("Errors/Error").where("status", 404)
