"""`vite()`, `vite_asset()`, `vite_hmr()` and `vite_nonce()` in every template engine of Litestar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Litestar, Request, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.plugins.mako import MakoTemplateEngine
from litestar.plugins.minijinja import MiniJinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig
from tests.support import make_site

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio

MANIFEST: dict[str, Any] = {
    "src/public.ts": {
        "file": "assets/public-a1.js",
        "src": "src/public.ts",
        "isEntry": True,
        "imports": ["_shared-b2.js"],
        "css": ["assets/public-c3.css"],
    },
    "src/admin.tsx": {
        "file": "assets/admin-d4.js",
        "src": "src/admin.tsx",
        "isEntry": True,
        "imports": ["_shared-b2.js"],
    },
    "src/print.css": {"file": "assets/print-e5.css", "src": "src/print.css", "isEntry": True},
    "_shared-b2.js": {"file": "assets/shared-b2.js"},
    "src/images/logo.png": {"file": "assets/logo-f6.png", "src": "src/images/logo.png"},
}
ENGINES: dict[str, tuple[Any, str, str]] = {
    "jinja": (JinjaTemplateEngine, "{{ %s }}", "page.html"),
    "minijinja": (MiniJinjaTemplateEngine, "{{ %s }}", "page.html"),
    "mako": (MakoTemplateEngine, "${%s}", "page.html"),
}


def nonce_of(request: Request[Any, Any, Any]) -> str | None:
    return request.headers.get("x-nonce")


@get("/", sync_to_thread=False)
def page() -> Template:
    return Template("page.html", context={"name": "<Ada>"})


def make(root: Path, engine: str, *calls: str, inertia: InertiaConfig | None = None, **settings: Any) -> Litestar:
    kind, form, name = ENGINES[engine]
    folder = root / "templates"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("\n".join(form % call for call in calls))
    plugin = VitePlugin(ViteConfig(root=root, inertia=inertia, **settings))
    config = TemplateConfig(directory=folder, engine=kind)
    return Litestar(
        [page], plugins=[plugin], template_config=config, logging_config=None, openapi_config=None, debug=True
    )


async def render(app: Litestar, **headers: str) -> list[str]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser:
        answer = await browser.get("/", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.text.split("\n")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = make_site(tmp_path, MANIFEST)
    (root / "dist" / "client" / "robots.txt").write_text("")
    return root


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("inertia", [None, InertiaConfig()])
async def test_tags_and_urls_come_from_the_build(site: Path, engine: str, inertia: InertiaConfig | None) -> None:
    entry = {"entry": "src/public.ts"} if inertia else {}
    app = make(
        site,
        engine,
        "vite('src/public.ts')",
        "vite('src/admin.tsx', 'src/public.ts', 'src/print.css')",
        "vite_asset('src/images/logo.png')",
        "vite_asset('/robots.txt')",
        "vite_hmr()",
        "name",
        inertia=inertia,
        **entry,
    )
    public, both, logo, robots, hmr, name = await render(app)
    link = '<link rel="stylesheet" href="/static/assets/public-c3.css">'
    script = '<script type="module" crossorigin src="/static/assets/public-a1.js"></script>'
    preload = '<link rel="modulepreload" crossorigin href="/static/assets/shared-b2.js">'
    assert public == link + script + preload
    admin = '<script type="module" crossorigin src="/static/assets/admin-d4.js"></script>'
    assert both == f'{admin}{preload}{link}{script}<link rel="stylesheet" href="/static/assets/print-e5.css">'
    assert (logo, robots, hmr) == ("/static/assets/logo-f6.png", "/static/robots.txt", "")
    assert name == "&lt;Ada&gt;", "other values are still escaped"


@pytest.mark.parametrize("engine", ENGINES)
async def test_tags_have_the_nonce_of_the_request(site: Path, engine: str) -> None:
    app = make(site, engine, "vite('src/admin.tsx')", "vite_nonce()", csp_nonce=nonce_of)
    tags, nonce = await render(app, **{"X-Nonce": "abc"})
    assert tags.count(' nonce="abc"') == 2
    assert nonce == "abc"
    tags, nonce = await render(app)
    assert ("nonce" in tags, nonce) == (False, "")


@pytest.mark.parametrize("engine", ENGINES)
async def test_in_development_they_point_to_vite(site: Path, engine: str) -> None:
    (site / "src").mkdir()
    for name in ("public.ts", "admin.tsx", "print.css", "logo.png"):
        (site / "src" / name).write_text("")
    app = make(
        site,
        engine,
        "vite('src/print.css', 'src/public.ts', 'src/admin.tsx')",
        "vite_asset('src/logo.png')",
        "vite_hmr()",
        dev_mode=True,
    )
    tags, logo, hmr = await render(app)
    client = '<script type="module" src="/static/@vite/client"></script>'
    assert hmr == '<script src="/static/@litestar-vite/client.js"></script>' + client
    assert tags.startswith(hmr + '<link rel="stylesheet" href="/static/src/print.css">')
    assert tags.count(client) == 1
    assert tags.index("injectIntoGlobalHook") < tags.index("src/admin.tsx")
    assert '<script type="module" src="/static/src/public.ts"></script>' in tags
    assert logo == "/static/src/logo.png"


async def test_with_a_vite_of_the_users_own_they_point_to_it(site: Path) -> None:
    app = make(
        site, "jinja", "vite_asset('logo.png')", "vite_hmr()", dev_mode=True, dev_server_url="http://127.0.0.1:5173"
    )
    assert await render(app) == [
        "http://127.0.0.1:5173/logo.png",
        '<script type="module" src="http://127.0.0.1:5173/@vite/client"></script>',
    ]


@pytest.mark.parametrize("dev_mode", [False, True])
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("vite('src/pulbic.ts')", "Did you mean 'src/public.ts'?"),
        ("vite_asset('src/images/logo.jpg')", "Did you mean 'src/images/logo.png'?"),
    ],
)
async def test_a_missing_name_is_an_error_with_the_nearest_names(
    site: Path, call: str, message: str, dev_mode: bool
) -> None:
    (site / "src" / "images").mkdir(parents=True)
    for name in ("public.ts", "images/logo.png"):
        (site / "src" / name).write_text("")
    app = make(site, "jinja", call, dev_mode=dev_mode)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser:
        answer = await browser.get("/")
    assert answer.status_code == 500
    assert message in answer.text


async def test_without_a_default_entry_a_template_has_to_name_one(site: Path) -> None:
    app = make(site, "jinja", "vite()")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser:
        answer = await browser.get("/")
    assert answer.status_code == 500
    assert "Its entries are" in answer.text


@pytest.mark.parametrize("engine", ENGINES)
async def test_tests_need_no_build(tmp_path: Path, engine: str) -> None:
    app = make(tmp_path, engine, "vite('src/public.ts')", "vite_asset('src/logo.png')", inert=True)
    assert await render(app) == ["", "/static/src/logo.png"]


@pytest.mark.parametrize("engine", ENGINES)
def test_development_watches_the_folders_of_engines_that_the_user_made(tmp_path: Path, engine: str) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    kind = ENGINES[engine][0]
    config = TemplateConfig(directory=folder, engine=kind)
    if engine != "minijinja":  # Its environment does not contain the folder.
        made = kind(directory=folder)
        config = TemplateConfig(instance=kind(directory=None, engine_instance=made.engine))
    plugin = VitePlugin(ViteConfig(root=tmp_path, dev_mode=True))
    Litestar([page], plugins=[plugin], template_config=config, logging_config=None, openapi_config=None)
    assert plugin.development is not None
    assert plugin.development._watched() == [str(folder)]


async def test_minijinja_reads_changed_templates_in_development(site: Path) -> None:
    app = make(site, "minijinja", "'before'", dev_mode=True)
    assert await render(app) == ["before"]
    (site / "templates" / "page.html").write_text("after")
    assert await render(app) == ["after"]


@get("/inertia", component="Home", sync_to_thread=False)
def inertia_page() -> dict[str, str]:
    return {"name": "Ada"}


@pytest.mark.parametrize("engine", ENGINES)
async def test_a_root_template_works_in_every_engine(site: Path, engine: str) -> None:
    kind, form, name = ENGINES[engine]
    (site / "templates").mkdir()
    (site / "templates" / name).write_text("".join(form % value for value in ("vite()", "inertia_head", "inertia")))
    config = ViteConfig(root=site, entry="src/admin.tsx", csp_nonce=nonce_of, inertia=InertiaConfig(template=name))
    app = Litestar(
        [inertia_page],
        plugins=[VitePlugin(config)],
        template_config=TemplateConfig(directory=site / "templates", engine=kind),
        logging_config=None,
        openapi_config=None,
    )
    async with (
        app.lifespan(),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://testserver") as browser,
    ):
        html = (await browser.get("/inertia", headers={"X-Nonce": "abc"})).text
    assert '<script type="module" crossorigin nonce="abc" src="/static/assets/admin-d4.js"></script>' in html
    assert '<div id="app"></div>' in html
