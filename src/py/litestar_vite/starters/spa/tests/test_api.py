"""Tests of the API and the page. They need no browser, build or Node."""

from collections.abc import Iterator

import pytest
from app import app
from litestar import Litestar
from litestar.testing import TestClient
from litestar_vite.testing import inert

HTML = {"Accept": "text/html"}


@pytest.fixture
def client() -> Iterator[TestClient[Litestar]]:
    with TestClient(inert(app)) as client:
        yield client


def test_a_task_is_created_and_deleted(client: TestClient[Litestar]) -> None:
    # The page sets the CSRF cookie.
    client.get("/", headers=HTML)
    headers = {"x-csrftoken": client.cookies["csrftoken"]}
    task = client.post("/api/tasks", json={"title": "Sleep"}, headers=headers).json()
    assert task["title"] == "Sleep"
    assert task in client.get("/api/tasks").json()
    assert client.delete(f"/api/tasks/{task['id']}", headers=headers).status_code == 204
    assert task not in client.get("/api/tasks").json()


def test_an_empty_title_is_refused(client: TestClient[Litestar]) -> None:
    client.get("/", headers=HTML)
    answer = client.post("/api/tasks", json={"title": ""}, headers={"x-csrftoken": client.cookies["csrftoken"]})
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/", "/about", "/no/such/page"])
def test_the_browser_gets_the_front_end(client: TestClient[Litestar], path: str) -> None:
    assert '<div id="root">' in client.get(path, headers=HTML).text


def test_a_wrong_api_path_is_not_found(client: TestClient[Litestar]) -> None:
    assert client.get("/api/nothing", headers=HTML).status_code == 404
