"""The application: an API, and the plugin that serves the front end."""

import os
import secrets
from itertools import count
from pathlib import Path
from typing import Annotated

from litestar import Litestar, Router, delete, get, post
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import NotFoundException
from litestar.logging import LoggingConfig
from litestar.params import FromPath, JSONBody
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.config import SPAConfig
from msgspec import Meta, Struct

HERE = Path(__file__).parent
SECRET_FILE = HERE / ".secret-key"
# Signs the CSRF token. Set SECRET_KEY in production; in development, a file that git ignores is used.
SECRET_KEY = os.environ.get("SECRET_KEY") or (
    SECRET_FILE.read_text() if SECRET_FILE.is_file() else secrets.token_urlsafe(32)
)


class Task(Struct):
    """A task as sent to the browser. Keep it in sync with src/api.ts."""

    id: int
    title: str


class NewTask(Struct):
    """A task as sent by the browser."""

    title: Annotated[str, Meta(min_length=1, max_length=100)]


# Kept in memory; replace it by a database.
ids = count(1)
tasks = {1: Task(next(ids), "Water the plants")}


@get("/", name="tasks.list")
async def list_tasks() -> list[Task]:
    return list(tasks.values())


@post("/", name="tasks.create")
async def create_task(data: JSONBody[NewTask]) -> Task:
    task = Task(next(ids), data.title)
    tasks[task.id] = task
    return task


@delete("/{task_id:int}", name="tasks.delete")
async def delete_task(task_id: FromPath[int]) -> None:
    if tasks.pop(task_id, None) is None:
        raise NotFoundException(f"No task {task_id}.")


app = Litestar(
    [Router("/api/tasks", route_handlers=[list_tasks, create_task, delete_task])],
    plugins=[VitePlugin(ViteConfig(root=HERE, spa=SPAConfig(exclude=["/api/*"])))],
    # Litestar's default logs exceptions in debug mode only. Errors of clients (4xx) are left out.
    logging_config=LoggingConfig(log_exceptions="always", disable_stack_trace={*range(400, 500)}),
    csrf_config=CSRFConfig(secret=SECRET_KEY),
)
