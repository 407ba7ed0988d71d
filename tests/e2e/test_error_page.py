"""The development error page in Chromium, as a document and in Inertia's error dialog, light and dark. Production hides
the details.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.dev.conftest import DevApp
from tests.e2e.conftest import RESULTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, FrameLocator, Page

    from tests.e2e.conftest import Complaints


APP = """
from pathlib import Path
from typing import Any

from litestar import Litestar, get
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.di import NamedDependency, Provide
from litestar.response import Template
from litestar.template import TemplateConfig

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, SSRConfig, defer

HERE = Path(__file__).parent
ORDERS = {1: {"total": 40}}


@get("/plain")
async def plain() -> dict[str, str]:
    return {"state": "up"}


@get("/", component="Home")
async def home() -> dict[str, Any]:
    return {"greeting": "hello"}


def total_of(order_id: int) -> int:
    order = ORDERS[order_id]
    return order["total"]


async def read_orders() -> int:
    raise ConnectionError("SECRET-database at db.internal refused the connection")


def load_stats() -> dict[str, int]:
    return {"total": total_of(2)}


@get("/handler", component="Home")
async def handler() -> dict[str, Any]:
    return {"greeting": total_of(7)}


@get("/dependency", component="Home", dependencies={"orders": Provide(read_orders)})
async def dependency(orders: NamedDependency[int]) -> dict[str, Any]:
    return {"greeting": orders}


@get("/eager", component="Home")
async def eager() -> dict[str, Any]:
    return {"greeting": "hello", "menu": lambda: ["a"], "stats": load_stats}


@get("/deferred", component="Deferred")
async def deferred() -> dict[str, Any]:
    return {"greeting": "hello", "stats": defer(load_stats)}


class Order:
    SECRET = "value"


@get("/encoding", component="Home")
async def encoding() -> dict[str, Any]:
    return {"greeting": "hello", "order": {"lines": [Order()]}}


@get("/ssr", component="Broken")
async def ssr() -> dict[str, Any]:
    return {"greeting": "hello"}


@get("/missing", component="Orders/Missing")
async def missing() -> dict[str, Any]:
    return {"greeting": "hello"}


@get("/template")
async def template() -> Template:
    return Template("broken.html", context={"order": ORDERS[1]})


app = Litestar(
    [plain, home, handler, dependency, eager, deferred, encoding, ssr, missing, template],
    template_config=TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine),
    plugins=[
        VitePlugin(ViteConfig(root=HERE, inertia=InertiaConfig(ssr=SSRConfig(timeout_seconds=20, raise_on_error=True))))
    ],
)
"""
HOME = """
import { Link } from '@inertiajs/react'

const names = ['handler', 'dependency', 'eager', 'deferred', 'encoding', 'template']

export default function Home({ greeting }: { greeting: string }) {
  return (
    <main>
      <h1>{greeting}</h1>
      {names.map((name) => (
        <Link key={name} id={name} href={`/${name}`}>
          {name}
        </Link>
      ))}
    </main>
  )
}
"""
DEFERRED = """
import { Deferred } from '@inertiajs/react'

export default function Stats({ greeting }: { greeting: string }) {
  return (
    <main>
      <h1>{greeting}</h1>
      <Deferred data="stats" fallback={<p>loading</p>}>
        <p>done</p>
      </Deferred>
    </main>
  )
}
"""
TEMPLATE = "<h1>Order</h1>\n<p>{{ order.customer.name }}</p>\n"
# The exception class, message and source line that the page must show.
SHOWN = {
    "handler": ("KeyError", "7", "order = ORDERS[order_id]"),
    "dependency": ("ConnectionError", "refused the connection", "raise ConnectionError("),
    "eager": ("KeyError", "2", "order = ORDERS[order_id]"),
    "deferred": ("KeyError", "2", "order = ORDERS[order_id]"),
    "encoding": ("PropEncodingError", "Prop 'order' of page 'Home'", "async def encoding"),
    "ssr": ("SSRError", "window is not defined", "return <h1>{window.innerWidth}</h1>"),
    "missing": ("SSRError", "Orders/Missing", "async def missing"),
    "template": ("UndefinedError", "has no attribute", "{{ order.customer.name }}"),
}
# "deferred" fails in the partial reload, not in the document. "ssr" and "missing" fail only when the server renders a
# document.
DOCUMENTS = [name for name in SHOWN if name != "deferred"]
VISITS = [name for name in SHOWN if name not in {"ssr", "missing"}]
INTERNAL = ("SECRET", "db.internal", "Traceback", "app.py", "ORDERS", "KeyError", "window is not", "jinja", "Order ")


class ErrorApp(DevApp):
    """A copy of the development project with a route for each failure in SHOWN."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        (self.folder / "app.py").write_text(APP)
        pages = self.folder / "src" / "Pages"
        (pages / "Home.tsx").write_text(HOME)
        (pages / "Deferred.tsx").write_text(DEFERRED)
        (self.folder / "templates").mkdir()
        (self.folder / "templates" / "broken.html").write_text(TEMPLATE)
        self.editor = self.folder / "editor"
        self.editor.write_text('#!/bin/sh\necho "$@" >> "$(dirname "$0")/opened"\n')
        self.editor.chmod(0o755)

    def opened(self) -> str:
        """Return the arguments that the editor was called with."""
        found = self.folder / "opened"
        return found.read_text() if found.exists() else ""

    def build(self) -> None:
        vite = self.folder / "node_modules" / "vite" / "bin" / "vite.js"
        for arguments in (["build"], ["build", "--ssr"]):
            done = subprocess.run(
                ["node", str(vite), *arguments], cwd=self.folder, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def developed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ErrorApp]:
    app = ErrorApp(tmp_path_factory.mktemp("developed"))
    try:
        app.started(LAUNCH_EDITOR=str(app.editor))
        assert app.page_with("hello")
        yield app
    finally:
        app.clean_up()


@pytest.fixture(scope="module")
def produced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ErrorApp]:
    app = ErrorApp(tmp_path_factory.mktemp("produced"))
    app.build()
    try:
        yield app.start(VITE_DEV_MODE="0")
    finally:
        app.clean_up()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_of_a_first_visit_is_the_error_page(
    developed: ErrorApp, new_context: Callable[..., BrowserContext], complaints: Complaints, name: str, scheme: str
) -> None:
    complaints.expect("500")
    page = new_context().new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{developed.url}/{name}")
    shows(page, name)
    photograph(page, f"error-page-{name}-{scheme}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", VISITS)
def test_an_inertia_visit_shows_the_error_page_in_the_clients_dialog(
    developed: ErrorApp, new_context: Callable[..., BrowserContext], complaints: Complaints, name: str, scheme: str
) -> None:
    complaints.expect("500")
    page = visit(developed, new_context, name, scheme)
    frame = page.frame_locator("#inertia-error-dialog > iframe")
    shows(frame, name)
    photograph(page, f"error-dialog-{name}-{scheme}")


def test_the_link_opens_the_editor_from_the_document_and_from_the_dialog(
    developed: ErrorApp, new_context: Callable[..., BrowserContext], complaints: Complaints
) -> None:
    complaints.expect("500")
    page = new_context().new_page()
    page.goto(f"{developed.url}/handler")
    with page.expect_response(lambda response: "__open-in-editor" in response.url) as found:
        page.get_by_role("link", name="Open in editor").first.click()
    assert found.value.status == 200
    expect(page.locator("h1")).to_have_text("7")  # The page is still there.
    page = visit(developed, new_context, "handler", "light")
    frame = page.frame_locator("#inertia-error-dialog > iframe")
    with page.expect_response(lambda response: "__open-in-editor" in response.url) as found:
        frame.get_by_role("link", name="Open in editor").first.click()
    assert found.value.status == 200
    shows(frame, "handler")
    assert "app.py" in developed.opened()


def visit(app: ErrorApp, new_context: Callable[..., BrowserContext], name: str, scheme: str) -> Page:
    page = new_context().new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(app.url)
    page.wait_for_load_state("networkidle")
    page.click(f"#{name}")
    return page


def shows(page: Page | FrameLocator, name: str) -> None:
    kind, message, line = SHOWN[name]
    expect(page.locator(".kind")).to_have_text(kind)
    expect(page.locator("h1")).to_contain_text(message)
    expect(page.locator("mark").first).to_contain_text(line)


def photograph(page: Page, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"{name}.png")


@pytest.mark.parametrize("name", SHOWN)
def test_production_shows_nothing_internal(
    produced: ErrorApp, new_context: Callable[..., BrowserContext], complaints: Complaints, name: str
) -> None:
    complaints.expect("404|500|not defined|hydrat|Page not found")
    page = new_context().new_page()
    bodies: list[str] = []
    page.on("response", lambda response: bodies.append(response.text()) if "/static/" not in response.url else None)
    page.goto(f"{produced.url}/{name}")
    page.wait_for_load_state("networkidle")
    if name in VISITS:
        page.goto(produced.url)
        page.wait_for_load_state("networkidle")
        page.click(f"#{name}")
        expect(page.locator("#inertia-error-dialog")).to_be_visible()
    assert len(bodies) >= 1
    shown = "".join(bodies) + page.content()
    for text in INTERNAL:
        assert text not in shown
