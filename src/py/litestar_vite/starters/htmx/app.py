"""The application: pages and fragments from templates, and the plugin that serves scripts and styles."""

import os
import secrets
from itertools import count
from pathlib import Path
from typing import Annotated

from litestar import Litestar, delete, get, post
from litestar.config.csrf import CSRFConfig
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotFoundException
from litestar.logging import LoggingConfig
from litestar.params import Body, FromPath
from litestar.plugins.htmx import HTMXPlugin, HTMXRequest, HTMXTemplate
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from litestar.template import TemplateConfig
from litestar_vite import ViteConfig, VitePlugin
from msgspec import Struct

HERE = Path(__file__).parent
SECRET_FILE = HERE / ".secret-key"
# Signs the CSRF token. Set SECRET_KEY in production; in development, a file that git ignores is used.
SECRET_KEY = os.environ.get("SECRET_KEY") or (
    SECRET_FILE.read_text() if SECRET_FILE.is_file() else secrets.token_urlsafe(32)
)


class Task(Struct):
    id: int
    title: str


class NewTask(Struct):
    """The form's data."""

    title: str = ""


# Kept in memory; replace it by a database.
ids = count(1)
tasks = {1: Task(next(ids), "Water the plants")}


@get("/", name="home")
async def home() -> Template:
    return Template("tasks.html", context={"tasks": tasks.values()})


@get("/about", name="about")
async def about() -> Template:
    return Template("about.html")


@post("/tasks", name="tasks.create", status_code=200)
async def create_task(
    request: HTMXRequest, data: Annotated[NewTask, Body(media_type=RequestEncodingType.URL_ENCODED)]
) -> Template:
    """Return the list alone to HTMX, and the whole page to a browser without JavaScript."""
    problem = "" if data.title.strip() else "Please write something."
    if not problem:
        task = Task(next(ids), data.title.strip()[:100])
        tasks[task.id] = task
    name = "_tasks.html" if request.htmx and not request.htmx.boosted else "tasks.html"
    return HTMXTemplate(template_name=name, context={"tasks": tasks.values(), "problem": problem})


@delete("/tasks/{task_id:int}", name="tasks.delete", status_code=200)
async def delete_task(task_id: FromPath[int]) -> Template:
    if tasks.pop(task_id, None) is None:
        raise NotFoundException(f"No task {task_id}.")
    return HTMXTemplate(template_name="_tasks.html", context={"tasks": tasks.values()})


app = Litestar(
    [home, about, create_task, delete_task],
    plugins=[HTMXPlugin(), VitePlugin(ViteConfig(root=HERE))],
    template_config=TemplateConfig(directory=HERE / "templates", engine=JinjaTemplateEngine),
    # Litestar's default logs exceptions in debug mode only. Errors of clients (4xx) are left out.
    logging_config=LoggingConfig(log_exceptions="always", disable_stack_trace={*range(400, 500)}),
    csrf_config=CSRFConfig(secret=SECRET_KEY),
)
