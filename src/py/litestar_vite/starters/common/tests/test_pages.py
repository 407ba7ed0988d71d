"""The pages as the server answers them; neither a browser nor Node is needed."""

from collections.abc import Iterator
from typing import Any

import pytest
from app import app, vite
from litestar import Litestar
from litestar.testing import TestClient

# What the Inertia client in the browser sends along.
INERTIA = {"X-Inertia": "true", "X-Inertia-Version": vite.assets.version or ""}


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(app, raise_server_exceptions=False) as client:
        client.get("/")  # Brings the cookie that forms send back.
        yield client


def page(client: TestClient[Litestar], path: str, **headers: str) -> dict[str, Any]:
    """Return the page object: component, props, url, …."""
    return client.get(path, headers=INERTIA | headers).json()


def submit(client: TestClient[Litestar], path: str, data: dict[str, str], method: str = "POST") -> None:
    """Send a form as the page at /guestbook does."""
    headers = INERTIA | {"X-XSRF-TOKEN": client.cookies["XSRF-TOKEN"], "Referer": f"{client.base_url}/guestbook"}
    response = client.request(method, path, json=data, headers=headers, follow_redirects=False)
    assert (response.status_code, response.headers["Location"]) == (303, "/guestbook")


def test_home_answers_before_the_deferred_prop_is_there(client: TestClient[Litestar]) -> None:
    home = page(client, "/")
    assert home["component"] == "Home"
    assert home["props"]["framework"] == "__FRAMEWORK__"
    assert "activity" not in home["props"]
    follow_up = page(client, "/", **{"X-Inertia-Partial-Component": "Home", "X-Inertia-Partial-Data": "activity"})
    assert follow_up["props"]["activity"]["entries"] >= 1


def test_an_entry_is_stored_and_the_visitor_thanked(client: TestClient[Litestar]) -> None:
    submit(client, "/guestbook", {"name": "Grace", "message": "Hello"})
    guestbook = page(client, "/guestbook")
    assert guestbook["props"]["entries"][0]["name"] == "Grace"
    assert guestbook["flash"] == {"success": ["Thank you, Grace!"]}
    submit(client, f"/guestbook/{guestbook['props']['entries'][0]['id']}", {}, "DELETE")
    assert all(entry["name"] != "Grace" for entry in page(client, "/guestbook")["props"]["entries"])


def test_each_field_says_what_is_wrong_with_it(client: TestClient[Litestar]) -> None:
    submit(client, "/guestbook", {"name": " ", "message": "x" * 501})
    assert page(client, "/guestbook")["props"]["errors"] == {
        "name": "Please tell us your name.",
        "message": "A message has at most 500 characters; this one has 501.",
    }


def test_an_unknown_address_is_a_page(client: TestClient[Litestar]) -> None:
    response = client.get("/nowhere", headers=INERTIA)
    assert response.status_code == 404
    assert response.json()["component"] == "Errors/Error"
