"""Tests of the pages and fragments. They need no browser, build or Node."""

from collections.abc import Iterator

import pytest
from app import app
from litestar import Litestar
from litestar.testing import TestClient
from litestar_vite.testing import inert


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(inert(app)) as client:
        yield client


def htmx(client: TestClient[Litestar]) -> dict[str, str]:
    """Return the headers of a request by HTMX; the page sets the CSRF cookie."""
    client.get("/")
    return {"HX-Request": "true", "x-csrftoken": client.cookies["csrftoken"]}


def test_htmx_gets_the_list_alone(client: TestClient[Litestar]) -> None:
    answer = client.post("/tasks", data={"title": "Sleep"}, headers=htmx(client))
    assert "Sleep" in answer.text
    assert "<html" not in answer.text


def test_a_browser_without_javascript_gets_the_page(client: TestClient[Litestar]) -> None:
    client.get("/")
    answer = client.post("/tasks", data={"title": "Read", "_csrf_token": client.cookies["csrftoken"]})
    assert "Read" in answer.text
    assert "<html" in answer.text


def test_an_empty_task_has_a_message(client: TestClient[Litestar]) -> None:
    assert "Please write something." in client.post("/tasks", data={"title": " "}, headers=htmx(client)).text


def test_a_task_is_deleted(client: TestClient[Litestar]) -> None:
    assert "Water the plants" in client.get("/").text
    assert "Water the plants" not in client.delete("/tasks/1", headers=htmx(client)).text


def test_without_the_token_nothing_is_written(client: TestClient[Litestar]) -> None:
    assert client.post("/tasks", data={"title": "Sleep"}, headers={"HX-Request": "true"}).status_code == 403
