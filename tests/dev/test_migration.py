"""An application for litestar-vite 0.32, migrated as docs/migration.md describes, and used in a browser.

`migration/before` was tested with litestar-vite 0.32. Each step below is one edit by the user: first the edits that the
error messages request, one after another, until the app can be created; then those in the tables of the guide."""

from __future__ import annotations

import email
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.dev.conftest import PACKAGES, DevApp, _environment
from tests.e2e.server import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.dev

BEFORE = Path(__file__).parent / "migration" / "before"
GUIDE = Path(__file__).parents[2] / "docs" / "migration.md"


class Step(NamedTuple):
    """One edit, and the reason for it: an error message, or a row of the guide."""

    because: str
    old: str
    new: str
    file: str = "app.py"


BY_ERROR = [
    Step(
        r"PathConfig is gone: use ViteConfig\(root=…, bundle_dir=…, ssr_dir=…, asset_url=…\)",
        """        paths=PathConfig(root=HERE, bundle_dir="public", resource_dir="resources", asset_url="/static/"),\n""",
        """        root=HERE,\n        asset_url="/static/",\n        entry="resources/main.tsx",\n""",
    ),
    Step("PathConfig is gone", "import PathConfig, RuntimeConfig", "import RuntimeConfig"),
    Step(
        r"RuntimeConfig is gone: use ViteConfig\(dev_mode=…",
        "        runtime=RuntimeConfig(is_react=True, start_dev_server=False),\n",
        "",
    ),
    Step("RuntimeConfig is gone", "import RuntimeConfig, TypeGenConfig,", "import TypeGenConfig,"),
    Step(
        r"TypeGenConfig is gone: use ViteConfig\(types=TypesConfig\(…\)\) of litestar_vite.config",
        """        types=TypeGenConfig(output=Path("resources/generated")),\n""",
        """        types=TypesConfig(folder="resources/generated"),\n""",
    ),
    Step(
        "TypeGenConfig is gone",
        "from litestar_vite import TypeGenConfig, ViteConfig, VitePlugin\n",
        "from litestar_vite import ViteConfig, VitePlugin\nfrom litestar_vite.config import TypesConfig\n",
    ),
    Step(
        r"InertiaConfig\(root_template=…\) is gone: .*template=… for a template engine",
        """root_template="index.html",""",
        """template="index.html",""",
    ),
    Step(r"ViteConfig\(mode=…\) is gone: the mode follows from inertia", """        mode="template",\n""", ""),
]
TEMPLATE = "templates/index.html"
TEMPLATE_STEPS = [
    Step(
        "The root template 'index.html' has {{ inertia }} in the attribute data-page",
        """<div id="app" data-page="{{ inertia }}"></div>""",
        "{{ inertia }}",
        TEMPLATE,
    ),
    Step("`<title inertia>`", "<title inertia>", "<title>", TEMPLATE),
    Step("`{{ vite_hmr() }}`", "    {{ vite_hmr() }}\n", "", TEMPLATE),
    Step(
        '`{{ vite("resources/app.tsx") }}`',
        '{{ vite("resources/main.tsx") }}',
        "{{ vite() }}\n    {{ inertia_head }}",
        TEMPLATE,
    ),
]
VITE = "vite.config.ts"
PAGE = "resources/pages/Receipts/Index.tsx"
BY_GUIDE = [
    Step('`import litestar from "litestar-vite-plugin"`', "'litestar-vite-plugin'", "'litestar-vite'", VITE),
    Step('`server: { host: "0.0.0.0"', "  server: { host: '0.0.0.0', port: 5173, cors: true },\n", "", VITE),
    Step(
        '`litestar({ input: ["resources/main.ts"] })`',
        "litestar({ input: ['resources/main.tsx'], assetUrl: '/static/', bundleDir: 'public', resourceDir: 'resources' })",
        "litestar()",
        VITE,
    ),
    Step(
        "`resolvePage(name, glob)` of `litestar-vite/pages`",
        "import { resolvePageComponent } from 'litestar-vite-plugin/inertia-helpers'",
        "import { resolvePage } from 'litestar-vite/pages'",
        "resources/main.tsx",
    ),
    Step(
        "resolvePageComponent(",
        "resolvePageComponent(`./pages/${name}.tsx`, import.meta.glob('./pages/**/*.tsx'))",
        "resolvePage(name, import.meta.glob('./pages/**/*.tsx'))",
        "resources/main.tsx",
    ),
    Step('"@inertiajs/react": "^3.0.0"', '"@inertiajs/react": "^2.0.0"', '"@inertiajs/react": "^3.0.0"', "package.json"),
    Step('"@vitejs/plugin-react": "^6.0.0"', '"@vitejs/plugin-react": "^5.0.0"', '"@vitejs/plugin-react": "^6.0.0"', "package.json"),
    Step(
        '"litestar-vite": "file:vendor/litestar-vite"',
        '"litestar-vite-plugin": "^0.15.0"',
        '"litestar-vite": "file:vendor/litestar-vite"',
        "package.json",
    ),
    Step('"vite": "^8.0.5"', '"vite": "^7.0.0"', '"vite": "^8.0.5"', "package.json"),
    Step(
        "one prop: `users.items`, `users.total`, `users.limit`, `users.offset`",
        "  receipts: { id: number; title: string; size: number }[]\n  total: number\n  limit: number\n  offset: number\n",
        "  receipts: { items: { id: number; title: string; size: number }[]; total: number; limit: number; offset: number }\n",
        PAGE,
    ),
    Step(
        "each prop has separate totals",
        "const { receipts, total, limit, offset, bytes, help, auth, company } = props",
        "const { bytes, help, auth, company } = props\n  const { items, total, limit, offset } = props.receipts",
        PAGE,
    ),
    Step("each prop has separate totals", "{receipts.map(", "{items.map(", PAGE),
]  # fmt: skip


ASK_FOR_A_PAGE = """
import app
from litestar.testing import TestClient
app.app.debug = True
with TestClient(app.app, raise_server_exceptions=False) as client:
    answer = client.get("/login", headers={"accept": "application/json"})
print(answer.text)
print(answer.status_code)
"""


@pytest.fixture
def receipts(tmp_path: Path) -> Iterator[DevApp]:
    app = DevApp(tmp_path, BEFORE)
    (app.folder / "node_modules" / ".bin").symlink_to(PACKAGES / ".bin")
    yield app
    app.clean_up()


def run(app: DevApp, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=app.folder,
        env=_environment({"VITE_DEV_MODE": "0", "NO_COLOR": "1", "COLUMNS": "200", **environment}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )


def take(app: DevApp, step: Step) -> None:
    file = app.folder / step.file
    text = file.read_text("utf-8")
    assert text.count(step.old) == 1, step
    file.write_text(text.replace(step.old, step.new), "utf-8")


def migrate(app: DevApp) -> None:
    """Take all steps, and check that an error message or the guide names the reason for each."""
    for step in BY_ERROR:
        said = run(app, "-c", "import app")
        assert said.returncode != 0
        assert re.search(step.because, said.stdout), f"expected {step.because!r}:\n{said.stdout}"
        take(app, step)
    said = run(app, "-c", "import app")
    assert said.returncode == 0, said.stdout
    guide = GUIDE.read_text("utf-8").lower()
    for step in BY_GUIDE:
        assert step.because.lower() in guide, f"the guide does not contain {step.because!r}"
        take(app, step)
    built = run(app, "-m", "litestar", "--app", "app:app", "assets", "build")
    assert built.returncode == 0, built.stdout
    first, *others = TEMPLATE_STEPS
    asked = run(app, "-c", ASK_FOR_A_PAGE)
    assert first.because in asked.stdout, asked.stdout
    take(app, first)
    asked = run(app, "-c", ASK_FOR_A_PAGE)
    assert asked.stdout.splitlines()[-1] == "200", asked.stdout
    for step in others:
        assert step.because.lower() in guide, f"the guide does not contain {step.because!r}"
        take(app, step)


def test_error_messages_and_guide_lead_to_an_app_that_works(
    receipts: DevApp, page: Page, complaints: Complaints
) -> None:
    migrate(receipts)
    doctor = run(receipts, "-m", "litestar", "--app", "app:app", "assets", "doctor")
    assert "No problems found." in doctor.stdout, doctor.stdout
    receipts.start(VITE_DEV_MODE="0")
    use(receipts, page)


def use(app: DevApp, page: Page) -> None:
    """Use all features of the app: guard, session, flash, upload, mail, pagination, deferred and lazy props."""
    page.goto(app.url)
    expect(page.get_by_role("heading")).to_have_text("Sign in")
    assert page.url == f"{app.url}/login", "the guard must redirect"
    page.get_by_label("Name").fill("Ada")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_have_text("Wrong password")
    page.get_by_label("Password").fill("secret")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading")).to_have_text("Receipts of Ada at Lovelace & Co")
    expect(page.get_by_role("status")).to_have_text("Welcome Ada")
    for count, title in enumerate(("Train", "Hotel", "Lunch"), start=1):
        page.get_by_label("Title").fill(title)
        file = {"name": "a.txt", "mimeType": "text/plain", "buffer": b"1234"}
        page.get_by_label("File").set_input_files(file)
        page.get_by_role("button", name="Add").click()
        expect(page.get_by_role("status")).to_have_text(f"Added {title}")
        expect(page.get_by_text(f"{count} in all")).to_be_visible()
    expect(page.get_by_role("listitem")).to_have_text(["Train: 4 bytes", "Hotel: 4 bytes"])
    expect(page.get_by_text("12 bytes in all")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("listitem")).to_have_text(["Lunch: 4 bytes"])
    expect(page.get_by_text("Ask Ada.")).to_have_count(0)
    page.get_by_role("button", name="Help").click()
    expect(page.get_by_text("Ask Ada.")).to_be_visible()
    letters = app.folder / "outbox"
    wait_for(lambda: len(list(letters.glob("*.eml"))) == 3, "the mail")
    letter = email.message_from_bytes((letters / "Hotel.eml").read_bytes())
    assert (letter["To"], letter["Subject"]) == ("Ada@example.org", "Receipt Hotel")
    page.goto("about:blank")
