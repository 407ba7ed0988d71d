"""The document with many Vite plugins: the same page in development and in production, under a CSP with a nonce."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import expect

from tests.starters.conftest import INSTALL_SECONDS, ROOT, Starter
from tests.starters.documents import document_from_sources, elements_of

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.conftest import Complaints

pytestmark = pytest.mark.starters

ZOO = Path(__file__).parent / "zoo"
COMPANION = ROOT / "src" / "py" / "litestar_vite" / "js"


class Zoo(Starter):
    """The zoo runs in this checkout's environment."""

    @property
    def python(self) -> str:
        return sys.executable


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The npm packages, installed once."""
    folder = tmp_path_factory.mktemp("packages")
    shutil.copy(ZOO / "package.json", folder)
    # --no-save: the folder is a package without a version on a registry.
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-save", "--install-links", str(COMPANION)]
    subprocess.run(command, cwd=folder, check=True, timeout=INSTALL_SECONDS, stdout=subprocess.DEVNULL)
    return folder / "node_modules"


@pytest.fixture(scope="module", params=["react", "vue", "svelte"])
def zoo(request: pytest.FixtureRequest, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Zoo:
    """The zoo with the plugins of one framework, built."""
    folder = tmp_path_factory.mktemp(request.param) / "zoo"
    shutil.copytree(ZOO, folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules", "dist"))
    (folder / "node_modules").symlink_to(packages)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VITE_", "LITESTAR_", "COV_"))}
    zoo = Zoo(folder, request.param, {**kept, "ZOO": request.param, "PYTHONPATH": str(ROOT / "src" / "py")})
    zoo.run("npx", "vite", "build")
    return zoo


# Records violations from the first script of each document on, including those that are missing in the console.
NOTE_VIOLATIONS = """
window.violations = []
document.addEventListener('securitypolicyviolation', (event) => {
  const { effectiveDirective, sourceFile, blockedURI } = event
  window.violations.push(`${effectiveDirective} ${blockedURI} ${sourceFile}`)
})
"""
# The elements of the progress bar only exist during a visit, but its styles always do.
STYLE_OF_PROGRESS = """
const bar = document.body.appendChild(document.createElement('div'))
bar.id = 'nprogress'
const { position, pointerEvents } = getComputedStyle(bar)
bar.remove()
return `${position} ${pointerEvents}`
"""


def violations(page: Page) -> list[str]:
    """Return the violations of the policy, except those by the overlay of Vue's devtools, which lacks a nonce."""
    return [text for text in page.evaluate("window.violations") if "devtools" not in text]


def visit(page: Page, url: str, zoo: Zoo, mode: str) -> None:
    """Look at both pages. The visit to the second adds its styles. Then open the second page directly."""
    page.goto(url)
    expect(page.locator("h1").first).to_have_text("Home")
    expect(page.locator("#app")).to_have_class("zoo")
    expect(page.locator("#app .loading")).to_have_count(0)
    expect(page.locator("header")).to_have_css("color", "rgb(128, 0, 0)")
    expect(page.locator("#app > div").first).to_have_css("font-size", "30px")
    if zoo.framework == "react":
        expect(page.locator("#app svg")).to_be_visible()
        expect(page.locator("#app em")).to_have_text("MDX")
    # Use the keyboard, as the button of Vue's devtools covers the page.
    page.get_by_role("link", name="Styled").press("Enter")
    expect(page.locator("h1.styled")).to_have_css("color", "rgb(0, 128, 0)")
    if zoo.framework == "svelte":
        check_styles_of_svelte(page)
    page.screenshot(path=str(zoo.folder / f"{mode}.png"))
    assert page.evaluate(f"() => {{ {STYLE_OF_PROGRESS} }}") == "fixed none", "Inertia's progress bar has its styles"
    assert violations(page) == []
    page.goto(f"{url}/styled")
    expect(page.locator("h1.styled")).to_have_css("color", "rgb(0, 128, 0)")
    assert violations(page) == []


def check_styles_of_svelte(page: Page) -> None:
    """Check a transition, `style:` and `style`. Scripts set them, which a policy for styles does not restrict."""
    fading = page.get_by_text("Fades in")
    expect(fading).to_have_css("letter-spacing", "3px")
    expect(fading).to_have_css("word-spacing", "5px")
    assert fading.evaluate("(element) => element.getAnimations().length") == 1
    assert float(fading.evaluate("(element) => getComputedStyle(element).opacity")) < 1


def test_development_and_production_show_the_same_page(zoo: Zoo, page: Page, complaints: Complaints) -> None:
    # A service worker registers after the page has loaded, and Vite's client polls its server after it has stopped.
    complaints.expect("[Ss]ervice ?[Ww]orker|ERR_CONNECTION_REFUSED")
    if zoo.framework == "vue":
        # The overlay of Vue's devtools adds a link and a style. `violations` checks for others.
        complaints.expect("devtools-overlay|Applying inline style")
    page.add_init_script(NOTE_VIOLATIONS)
    with zoo.served() as url:
        built = httpx.get(url, trust_env=False).text
        visit(page, url, zoo, "production")
    for expected in (
        r'<link rel="manifest"[^>]* href="/static/manifest\.webmanifest"',
        "registerSW",
        "polyfills-legacy",
    ):
        assert re.search(expected, built), built
    assert '<main id="app" class="zoo" data-theme="dark"><p class="loading">Loading</p></main>' in built
    with zoo.served_from_sources() as url:
        text = document_from_sources(url, "Zoo of plugins")
        visit(page, url, zoo, "development")
    assert elements_of(text) == elements_of(built)
    for html in (text, built):
        nonces = set(re.findall(r'nonce="([^"]*)"', html))
        assert len(nonces) == 1
        assert re.search(r'<meta (?=[^>]*\bproperty="csp-nonce")[^>]*\bnonce="', html), html
        bare = [tag for tag in re.findall(r"<(?:script|style)\b[^>]*>", html) if "nonce=" not in tag]
        assert [tag for tag in bare if "data-page" not in tag] == []
