"""The wheel and the sdist: their content, failing builds, and a first page that is served from each."""

from __future__ import annotations

import json
import os
import re
import sys
import tarfile
import zipfile
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.starters.conftest import Starter
from tests.support import make_site

if TYPE_CHECKING:
    from pathlib import Path

    from tests.packaging.conftest import Distributions, Uv

pytestmark = pytest.mark.packaging

COMPANION = {"browser.js", "guard.mjs", "index.d.ts", "index.js", "package.json", "pages.d.ts", "pages.js"} | {
    "csp.d.ts",
    "csp.js",
    "forms.shared.d.ts",
    "forms.shared.js",
    "live.d.ts",
    "live.js",
    "react.d.ts",
    "react.js",
    "route.d.ts",
    "route.js",
    "route.shared.d.ts",
    "svelte.d.ts",
    "svelte.js",
    "types.d.ts",
    "types.js",
    "vue.d.ts",
    "vue.js",
    "worker.mjs",
}
APP = """
from litestar import Litestar, get
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

@get("/", component="Home")
async def home() -> dict[str, str]:
    return {"name": "Ada"}

app = Litestar([home], plugins=[VitePlugin(ViteConfig(inertia=InertiaConfig(ssr=True)))])
"""
# In the form that `vite build --ssr` writes, without React.
BUNDLE = """
export default async function render(page) {
  const json = JSON.stringify(page).replaceAll("<", "\\\\u003c")
  const script = `<script data-page="app" type="application/json">${json}</script>`
  return { head: [], body: `${script}<div id="app" data-server-rendered="true"><h1>Hello ${page.props.name}</h1></div>` }
}
"""


def sentences(output: str) -> list[str]:
    """Return the lines that our build hook printed."""
    return [line for line in output.splitlines() if line.startswith("litestar-vite: ")]


def test_a_build_without_javascript_and_without_node_fails_with_one_sentence(uv: Uv, clone: Path) -> None:
    done = uv.try_to("build", "--python", sys.executable, cwd=clone, node=False)
    assert done.returncode != 0
    (sentence,) = sentences(done.stdout)
    assert "not built (no src/py/litestar_vite/js/worker.mjs)" in sentence
    assert "install Node.js" in sentence
    assert "Traceback" not in done.stdout


def test_an_editable_install_needs_no_node(uv: Uv, clone: Path) -> None:
    python = uv.venv(clone)
    output = uv("pip", "install", "--no-deps", "--python", str(python), "-e", ".", cwd=clone, node=False)
    assert sentences(output) == []


def test_built_files_that_are_older_than_their_sources_are_not_shipped(
    uv: Uv, built_clone: Path, distributions: Distributions
) -> None:
    source = built_clone / "src" / "js" / "src" / "route.ts"
    before = source.stat()
    try:
        os.utime(source)
        done = uv.try_to("build", "--python", sys.executable, "--sdist", cwd=built_clone, node=False)
    finally:
        os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert done.returncode != 0
    assert len(sentences(done.stdout)) == 1
    assert "older than their sources in src/js" in done.stdout
    # With the old modification time, the built files are packed as they are.
    assert sentences(uv("build", "--python", sys.executable, "--sdist", cwd=built_clone, node=False)) == []


def test_a_build_prints_nothing_of_its_own(distributions: Distributions) -> None:
    lines = distributions.output.splitlines()
    assert [line for line in lines if not line.startswith(("Building ", "Successfully built "))] == []


def test_the_wheel_holds_one_package_and_its_javascript(distributions: Distributions) -> None:
    names = zipfile.ZipFile(distributions.wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"litestar_vite", distributions.metadata}
    assert {name.split("/")[2] for name in names if name.startswith("litestar_vite/js/")} == COMPANION


def test_the_sdist_holds_every_tracked_file_and_the_built_javascript(
    distributions: Distributions, tracked: frozenset[str]
) -> None:
    with tarfile.open(distributions.sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert held == tracked | {"PKG-INFO"} | {f"src/py/litestar_vite/js/{name}" for name in COMPANION}


def test_the_links_of_the_readme_are_absolute_on_pypi(distributions: Distributions) -> None:
    with zipfile.ZipFile(distributions.wheel) as wheel:
        metadata = wheel.read(f"{distributions.metadata}/METADATA").decode()
    repository = re.search(r"Project-URL: Repository, (\S+)", metadata)
    assert repository is not None
    targets = re.findall(r"(?:\]\(|<img src=\")([^)\s\"]+)", metadata)
    assert f"{repository[1]}/raw/v{distributions.version}/docs/_static/app-kit.png" in targets
    assert f"{repository[1]}/blob/v{distributions.version}/CONTRIBUTING.md" in targets
    assert [target for target in targets if not target.startswith(("https://", "#"))] == []


def test_twine_and_check_wheel_contents_find_nothing(uv: Uv, distributions: Distributions, tmp_path: Path) -> None:
    files = [str(distributions.wheel), str(distributions.sdist)]
    assert uv("tool", "run", "--quiet", "twine", "check", "--strict", *files, cwd=tmp_path).count("PASSED") == len(
        files
    )
    # Starters are templates: some contain identical files, and names of migrations begin with a number.
    ignored = ["--ignore", "W002,W004"]
    command = ["tool", "run", "--quiet", "check-wheel-contents", *ignored, str(distributions.wheel)]
    assert "OK" in uv(*command, cwd=tmp_path)


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_a_first_page_is_rendered_on_the_server(
    kind: str, uv: Uv, distributions: Distributions, tmp_path: Path
) -> None:
    python = uv.venv(tmp_path)
    package = str(distributions.wheel if kind == "wheel" else distributions.sdist)
    # Node is not needed: the sdist contains the built JavaScript.
    uv("pip", "install", "--python", str(python), f"{package}[cli]", cwd=tmp_path, node=False)
    make_site(tmp_path)
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "dist" / "ssr").mkdir()
    (tmp_path / "dist" / "ssr" / "app.mjs").write_text(BUNDLE)
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("VITE_", "PYTHONPATH"))}
    with Starter(tmp_path, kind, environment).served() as url:
        html = httpx.get(url, timeout=60, trust_env=False).text
    assert '<div id="app" data-server-rendered="true"><h1>Hello Ada</h1></div>' in html
    page = re.search(r'<script data-page="app" type="application/json">(.*?)</script>', html)
    assert page is not None
    assert json.loads(page[1])["props"]["name"] == "Ada"
