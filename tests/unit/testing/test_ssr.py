"""Assertions about server-side rendering, against a render server that is up, down or broken."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from litestar import Litestar, get

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig
from litestar_vite.testing import AsyncInertiaTestClient, InertiaTestClient, assert_inertia
from tests.render_server import RenderServer
from tests.unit.testing.conftest import answer, failure_of, make_app

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


async def test_a_page_that_the_render_server_rendered_is_server_rendered(tmp_path: Path) -> None:
    async with RenderServer() as server:
        app = make_app(tmp_path, InertiaConfig(ssr=SSRConfig(url=server.url)))
        async with AsyncInertiaTestClient(app, ssr=True) as client:
            page = await client.open("/form")
            page.server_rendered().component("Form")
            message = failure_of(page.client_rendered)
    assert message == "The page was rendered on the server; expected client-side rendering."


def test_a_page_that_fell_back_reports_the_reason(tmp_path: Path) -> None:
    # Nothing listens on port 1.
    app = make_app(tmp_path, InertiaConfig(ssr=SSRConfig(url="http://127.0.0.1:1")))
    with InertiaTestClient(app, ssr=True) as client:
        page = client.open("/form").client_rendered().client_rendered(because="connection")
        assert failure_of(page.server_rendered).startswith(
            "The page was not rendered on the server: rendering failed (connection): "
        )
        assert "The reason for client-side rendering is not 'timeout': rendering failed (connection)" in failure_of(
            lambda: page.client_rendered(because="timeout")
        )
        error_page = client.open("/nothing").status(404).client_rendered()
        assert "no request was sent to a render server" in failure_of(error_page.server_rendered)


def test_without_ssr_true_the_render_server_receives_no_requests(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(tmp_path, InertiaConfig(ssr=SSRConfig(url="http://127.0.0.1:1")))
    with InertiaTestClient(app) as client:
        page = client.open("/form").client_rendered()
        assert "In tests, SSR needs InertiaTestClient(app, ssr=True)" in failure_of(page.server_rendered)
    assert "failed" not in caplog.text
    with InertiaTestClient(app, ssr=True) as client:
        client.open("/form").client_rendered(because="connection")


async def test_an_inert_app_starts_no_worker(tmp_path: Path) -> None:
    plugin = VitePlugin(ViteConfig(root=tmp_path, inert=True, inertia=InertiaConfig(ssr=SSRConfig())))
    async with Litestar([], plugins=[plugin]).lifespan():
        assert plugin.workers is None
        assert plugin.inertia is not None
        assert plugin.inertia._ssr_client is None


def test_an_inert_app_in_dev_mode_needs_no_dev_server(tmp_path: Path) -> None:
    @get("/", component="Home")
    async def home() -> dict[str, int]:
        return {"a": 1}

    plugin = VitePlugin(
        ViteConfig(root=tmp_path, dev_mode=True, entry="src/app.tsx", inertia=InertiaConfig(ssr=SSRConfig()))
    )
    with InertiaTestClient(Litestar([home], plugins=[plugin])) as client:
        client.open("/").status(200).where("a", 1).client_rendered()
        client.visit("/").where("a", 1)


@pytest.mark.parametrize(
    ("element", "rendered"),
    [
        ('<div id="app"></div>', False),
        ('<div id="app">\n</div>', False),
        ('<div data-server-rendered="true" id="app"><h1>Hi</h1></div>', True),
        ('<div id="app">text</div>', True),
    ],
)
def test_a_document_is_server_rendered_when_something_is_in_the_application_element(
    element: str, rendered: bool
) -> None:
    script = '<script data-page="app" type="application/json">{"component":"A","props":{},"url":"/"}</script>'
    page = assert_inertia(answer(f"<!doctype html><body>{script}{element}</body>", {"content-type": "text/html"}))
    page.server_rendered() if rendered else page.client_rendered()
