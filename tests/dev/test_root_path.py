"""Development under a path prefix: a real Vite behind the app, and a proxy in front of it that strips the prefix."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.dev.conftest import DEADLINE_SECONDS, ssr_text
from tests.prefix_proxy import PrefixProxy

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.dev.conftest import DevApp
    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.dev

LINK = re.compile(r'(?:src|href|from|import)(?:=| ?|\()"(/[^"]+)"')


def get(proxy: PrefixProxy, path: str) -> httpx.Response:
    return httpx.get(f"{proxy.origin}{path}", timeout=DEADLINE_SECONDS, trust_env=False)


@pytest.mark.parametrize("arguments", [(), ("--root-path", "/shop")], ids=["a setting alone", "uvicorn --root-path"])
def test_the_page_its_modules_and_hot_updates_come_through_a_proxy_that_takes_the_prefix_off(
    app: DevApp,
    page: Page,
    complaints: Complaints,
    arguments: tuple[str, ...],
) -> None:
    app.edit("app.py", "ViteConfig(root=HERE,", 'ViteConfig(root=HERE, root_path="/shop",')
    app.started(*arguments)
    with PrefixProxy(app.port, "/shop", strips=True) as proxy:
        app.page_with("component one")
        html = get(proxy, "/shop/").text
        assert "hello" in ssr_text(html)
        links = LINK.findall(html)
        assert len(links) >= 4
        modules = [link for name in links for link in (name, *LINK.findall(get(proxy, name).text))]
        assert len(modules) > len(links)
        for link in modules:
            assert link.startswith("/shop/static/")
            assert get(proxy, link).status_code == 200, link
        assert get(proxy, "/shop/static/mine").text == "a route of the app under Vite's base"

        page.goto(f"{proxy.origin}/shop/")
        page.wait_for_load_state("networkidle")
        page.get_by_role("button").click()
        app.edit("src/Pages/Home.tsx", "component one", "component two")
        expect(page.get_by_role("heading")).to_have_text("component two")
        # Updated in place: the WebSocket works through the proxy, and the page was not reloaded.
        expect(page.get_by_role("button")).to_have_text("1 clicks")
        # Leave the page before the proxy stops, or the page would try to reconnect.
        page.goto("about:blank")
