"""An SSR build while an app is running: new workers take over in debug mode only."""

from __future__ import annotations

import logging
import os
import re
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
import pytest
from litestar import get

from litestar_vite._ssr.workers.shared_workers import SharedWorkers
from litestar_vite.inertia import InertiaConfig, SSRConfig
from tests.support import make_app, plugin_of
from tests.unit.ssr.servers import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from litestar import Litestar

pytestmark = pytest.mark.anyio

START_SECONDS = 60.0


@pytest.fixture
def bundle(site: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("litestar_vite._assets.watch._POLL_SECONDS", 0.05)
    (site / "dist" / "ssr").mkdir()
    return site / "dist" / "ssr" / "app.mjs"


def write(bundle: Path, text: str | None) -> None:
    """Write a bundle that renders a text, or one that cannot render."""
    new = bundle.with_suffix(".new")
    new.write_text("export {}" if text is None else f"export default () => ({{ head: [], body: `<b>{text}</b>` }})")
    new.replace(bundle)


def change_manifest(site: Path) -> None:
    manifest = site / "dist" / "client" / ".vite" / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")


@asynccontextmanager
async def running(site: Path, *, debug: bool) -> AsyncIterator[tuple[Litestar, httpx.AsyncClient]]:
    """Run an app that caches rendered pages for an hour."""

    @get("/", component="Home", sync_to_thread=False)
    def home() -> dict[str, str]:
        return {}

    ssr = SSRConfig(start_timeout_seconds=START_SECONDS, workers=1, cache=3600)
    app = make_app(site, [home], InertiaConfig(ssr=ssr), debug=debug)
    transport = httpx.ASGITransport(app)
    async with app.lifespan(), httpx.AsyncClient(transport=transport, base_url="http://testserver") as browser:
        yield app, browser


async def shown(browser: httpx.AsyncClient) -> str | None:
    found = re.search("<b>(.*)</b>", (await browser.get("/")).text)
    return found[1] if found is not None else None


def workers_of(app: Litestar) -> SharedWorkers:
    workers = plugin_of(app).workers
    assert isinstance(workers, SharedWorkers)
    return workers


async def test_debug_mode_renders_with_a_later_bundle(
    site: Path, bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(bundle, "one")
    caplog.set_level(logging.INFO, "litestar_vite")
    async with running(site, debug=True) as (app, browser):
        first = workers_of(app)
        assert first.own is not None
        [pid] = first.own.pids
        assert await shown(browser) == "one"
        write(bundle, "two")
        await until(lambda: "The SSR bundle was built again" in caplog.text)
        assert await shown(browser) == "two", "the previous bundle's pages are not served from the cache"
        second = workers_of(app)
        assert second is not first
        assert not first.folder.exists()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    assert not second.folder.exists()
    assert "another build" not in caplog.text


async def test_a_later_bundle_that_cannot_render_changes_nothing(
    site: Path, bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(bundle, "one")
    async with running(site, debug=True) as (app, browser):
        first = workers_of(app)
        write(bundle, None)
        await until(lambda: "its render workers do not start" in caplog.text)
        assert await shown(browser) == "one"
        assert workers_of(app) is first
        write(bundle, "two")
        await until(lambda: workers_of(app) is not first)
        assert await shown(browser) == "two"


async def test_the_same_bundle_built_again_keeps_its_workers(site: Path, bundle: Path) -> None:
    write(bundle, "one")
    async with running(site, debug=True) as (app, _):
        first = workers_of(app)
        plugin = plugin_of(app)
        assert plugin._render_workers is not None
        write(bundle, "one")
        await plugin._render_workers.use_new_bundle(app)
        assert workers_of(app) is first


async def test_production_keeps_the_bundle_of_its_start(
    site: Path, bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Pages in production link to the files of the build that existed at start-up."""
    write(bundle, "one")
    async with running(site, debug=False) as (app, browser):
        first = workers_of(app)
        write(bundle, "two")
        change_manifest(site)
        await until(lambda: "Restart the server" in caplog.text)
        assert await shown(browser) == "one"
        assert workers_of(app) is first
