"""Assertions about the validation of forms before they are sent (Precognition), and about scroll props."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, get
from litestar.pagination import OffsetPagination
from litestar.params import FromQuery

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, defer, scroll
from litestar_vite.testing import AsyncInertiaTestClient, InertiaTestClient, ValidationAssertions
from tests.unit.testing.conftest import answer, failure_of

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.anyio


def test_a_form_is_validated_without_being_submitted(client: InertiaTestClient) -> None:
    client.open("/form")
    wrong = client.validate("/form", {"name": "Grace"}).fails("age").fails("age", "This field is required.")
    assert list(wrong.errors) == ["age"]
    client.validate("/form", {"name": "Grace"}, only="name").passes()
    client.validate("/form", {"name": "Grace", "age": 36}).passes()
    client.visit("/users").missing_flash()


def test_a_failed_validation_assertion_names_the_errors(client: InertiaTestClient) -> None:
    wrong = client.validate("/form", {"name": "Grace"})
    found = 'The validation of POST /form found errors: {"age": ["This field is required."]}.'
    assert failure_of(wrong.passes) == found
    assert "found no error for 'agee'. The nearest field is 'age'." in failure_of(lambda: wrong.fails("agee"))
    assert "for 'age'; expected \"Too young.\"" in failure_of(lambda: wrong.fails("age", "Too young."))


def test_a_response_without_precognition_is_rejected() -> None:
    assert "has no Precognition header: the route does not support it, and the handler may have run" in failure_of(
        lambda: ValidationAssertions(answer("{}"))
    )
    refused = ValidationAssertions(answer("{}", {"Precognition": "true"}, 403))
    assert "has the status 403; expected 204 or 422." in failure_of(refused.passes)


async def test_the_async_client_validates_too(app: Litestar) -> None:
    async with AsyncInertiaTestClient(app) as client:
        (await client.validate("/form", {"name": "Grace"})).fails("age")


def app_with(handler: Any, root: Path) -> Litestar:
    return Litestar([handler], plugins=[VitePlugin(ViteConfig(root=root, inertia=InertiaConfig()))])


def test_the_position_of_a_scroll_prop(tmp_path: Path) -> None:
    @get("/rows", component="Rows")
    async def rows(page: FromQuery[int] = 1) -> dict[str, object]:
        return {"rows": scroll(OffsetPagination(items=[page], limit=1, offset=page - 1, total=3))}

    with InertiaTestClient(app_with(rows, tmp_path)) as client:
        client.visit("/rows").has_scroll("rows", page_name="page", current=1, previous=None, next=2, reset=False)
        client.visit("/rows?page=3").has_scroll("rows", current=3, previous=2, next=None)
        page = client.reload("rows", reset="rows").has_scroll("rows", reset=True)
        assert "The nextPage of scroll prop 'rows' is null; expected 4." in failure_of(
            lambda: page.has_scroll("rows", next=4)
        )


def test_an_announced_deferred_prop_that_is_not_sent_fails(tmp_path: Path) -> None:
    @get("/", component="Home")
    async def home(request: Request[Any, Any, Any]) -> dict[str, object]:
        return {} if "x-inertia-partial-data" in request.headers else {"stats": defer(lambda: 1)}

    with InertiaTestClient(app_with(home, tmp_path)) as client:
        page = client.visit("/")
        assert failure_of(page.load_deferred) == "The deferred prop 'stats' of group 'default' was not sent."
