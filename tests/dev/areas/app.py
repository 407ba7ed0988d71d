"""Two areas in one app: a public site, and an admin area with its own entry and root template."""

from pathlib import Path

from litestar import Controller, Litestar, get
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.template import TemplateConfig

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

HERE = Path(__file__).parent


@get("/", component="Home")
async def home() -> dict[str, str]:
    return {"text": "the site"}


@get("/status", component="Home", opt={"root_template": "admin.html"})
async def status() -> dict[str, str]:
    return {"text": "a route of its own"}


@get("/plain")
async def plain() -> dict[str, str]:
    return {}


class Admin(Controller):
    path = "/admin"
    opt = {"root_template": "admin.html"}  # noqa: RUF012 - Litestar's attribute

    @get("/", component="Home")
    async def dashboard(self) -> dict[str, str]:
        return {"text": "the dashboard"}

    @get("/users", component="Users")
    async def users(self) -> dict[str, str]:
        return {"text": "the users"}


app = Litestar(
    [home, status, plain, Admin],
    plugins=[
        VitePlugin(ViteConfig(root=HERE, entry="src/site/app.tsx", inertia=InertiaConfig(template="site.html"))),
    ],
    template_config=TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine),
)
