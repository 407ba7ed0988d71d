"""Observation: Server-Timing shows it, a failing listener is dropped, and without listeners it does not exist."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Request, get

from litestar_vite._ssr.rendering import Rendering
from litestar_vite.inertia import InertiaConfig, SSRConfig, defer
from litestar_vite.inertia._page.encode import Encoding
from litestar_vite.inertia._page.evaluate import run
from tests.integration.asgi import ask_async
from tests.support import inertia_headers, make_app, plugin_of

if TYPE_CHECKING:
    from pathlib import Path

    from litestar_vite.inertia._page.observation import Observation

pytestmark = pytest.mark.anyio


async def slow() -> int:
    return 1


@get("/", component="Home")
async def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"path": request.url.path, "now": slow, "later": defer(slow)}


@get("/plain", component="Home", sync_to_thread=False)
def plain() -> dict[str, Any]:
    return {"n": 1}


@get("/data", sync_to_thread=False)
def data() -> dict[str, Any]:
    return {"n": 1}


HANDLERS = [home, plain, data]


async def test_server_timing_is_a_setting_in_production_and_names_what_happened(site: Path) -> None:
    app = make_app(site, HANDLERS, InertiaConfig(server_timing=True), before_send=[_add_own_timing])
    async with app.lifespan():
        page = await ask_async(app, "GET", "/", inertia_headers(app))
        plain_page = await ask_async(app, "GET", "/plain", {"accept": "text/html"})
        answer = await ask_async(app, "GET", "/data")
    own, ours = page.all("server-timing")
    assert own == "db;dur=1"
    found = re.findall(r'([a-z]+);desc="([^"]+)";dur=\d+\.\d\d(?:, |$)', ours)
    assert [name for name, _ in found] == ["deps", "handler", "props", "encode", "total"]
    names = re.findall(r"(?:^|, )([a-z]+);", plain_page.all("server-timing")[1])
    assert names == ["deps", "handler", "encode", "total"]
    assert answer.all("server-timing") == ["db;dur=1"]


async def _add_own_timing(message: Any, _: Any) -> None:
    if message["type"] == "http.response.start":
        message["headers"] = [*message["headers"], (b"server-timing", b"db;dur=1")]


async def test_a_listener_sees_the_answer_as_it_is_sent_and_one_that_fails_is_left_out(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[tuple[Observation, int]] = []
    calls: list[int] = []

    def fails(_: Observation, __: Any) -> None:
        calls.append(1)
        raise RuntimeError("a listener")

    app = make_app(site, [], InertiaConfig(share={"user": slow}, ssr=SSRConfig(url="http://127.0.0.1:9")))
    inertia = plugin_of(app).inertia
    assert inertia is not None
    inertia.observe(fails)
    inertia.observe(lambda observation, message: seen.append((observation, message["status"])))
    for handler in HANDLERS:
        app.register(handler)
    inertia.context.rendering = Rendering("http://127.0.0.1:9/render")
    async with app.lifespan():
        reload = inertia_headers(app, partial_component="Home", partial_data="later,user")
        for path, headers in (("/", reload), ("/plain", {"accept": "text/html"}), ("/none", {})):
            await ask_async(app, "GET", path, headers)
    (partial, _), (first, _), (missing, status) = seen
    assert partial.component == "Home"
    assert set(partial.props) == {"later", "user"}
    assert partial.outcome is None
    assert first.outcome in {"connection", "open", "unavailable"}
    assert first.failure.kind == first.outcome
    assert (missing.component, status) == (None, 404)
    assert len(calls) == 1
    assert len([record for record in caplog.records if "is not called again" in record.getMessage()]) == 1


async def test_without_listeners_nothing_is_observed(site: Path) -> None:
    app = make_app(site, HANDLERS)
    context = plugin_of(app).inertia.context  # type: ignore[union-attr]
    assert (context.make_encoding, context.run_prop, context.note_share) == (Encoding, run, None)
    async with app.lifespan():
        answer = await ask_async(app, "GET", "/", inertia_headers(app))
        assert len(app.before_send) == 1
    assert answer.header("server-timing") is None


@pytest.mark.slow
def test_production_imports_none_of_it(site: Path) -> None:
    program = (
        "import sys; from litestar import Litestar; from litestar_vite import ViteConfig, VitePlugin\n"
        f"Litestar(plugins=[VitePlugin(ViteConfig(root={str(site)!r}, inertia=True))])\n"
        "print([name for name in sys.modules if name.startswith(('litestar_vite._devtools', 'litestar_vite._insight'))"
        " or name.endswith(('debug_page', 'observing', '_page.observed', '_documents.observed'))"
        " or name in ('litestar_vite._colours', 'litestar_vite._assets.pages', 'difflib',"
        " 'litestar_vite.inertia._forms.attrs_errors')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
