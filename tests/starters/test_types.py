"""The mistakes of tests/types in each starter, with the starter's compiler and options, and types from handlers."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.types.planting import judge, pages_with_mistakes
from tests.types.projects import PAGE, complaints

if TYPE_CHECKING:
    from tests.starters.conftest import Starter
    from tests.types.projects import Complaint

pytestmark = pytest.mark.starters

COMPILER = {"react": "typescript", "vue": "vue-tsc", "svelte": "svelte-check"}
HANDLERS = Path(__file__).with_name("contacts.py")


def copy_of(starter: Starter, folder: Path) -> Starter:
    """Copy the starter's sources, and link to its packages and its environment."""
    installed = {".venv", "node_modules", "dist"}
    shutil.copytree(starter.folder, folder, ignore=shutil.ignore_patterns(*installed, ".ssr", "var*", "__pycache__"))
    for name in installed:
        (folder / name).symlink_to(starter.folder / name)
    return type(starter)(folder, starter.framework, starter.environ)


def add_handlers(project: Starter, *edits: tuple[str, str]) -> None:
    """Add the handlers of the pages with mistakes, and edit `app.py` so that it uses them."""
    shutil.copy(HANDLERS, project.folder / "contacts.py")
    app = (project.folder / "app.py").read_text("utf-8")
    for old, new in edits:
        assert old in app
        app = app.replace(old, new, 1)
    (project.folder / "app.py").write_text(app, "utf-8")


@pytest.fixture
def typed_starter(starter: Starter, tmp_path: Path) -> Starter:
    """A copy of the starter with further handlers."""
    project = copy_of(starter, tmp_path / "project")
    add_handlers(
        project,
        ("from guestbook import", "from contacts import auth, contacts_router\nfrom guestbook import"),
        ("[home, guestbook_router]", "[home, guestbook_router, contacts_router]"),
        ("share={", 'share={"auth": auth, '),
    )
    return project


def test_each_mistake_is_reported_where_it_is_and_nothing_else_is(typed_starter: Starter) -> None:
    check_mistakes(typed_starter)


def check_mistakes(starter: Starter) -> None:
    """Plant the mistakes of tests/types, and check that the starter's compiler reports each, and nothing else."""
    project, framework = starter.folder, starter.framework
    write_types(starter)
    pages, lines = pages_with_mistakes(framework)
    for name, text in pages.items():
        (project / "src" / name).mkdir()
        (project / "src" / name / PAGE[framework]).write_text(text, "utf-8")
    options = {"skipLibCheck": False}
    (project / "tsconfig.mistakes.json").write_text(
        json.dumps({"extends": "./tsconfig.json", "compilerOptions": options, "include": ["src"]})
    )
    judge(reported(starter, "tsconfig.mistakes.json"), framework, lines)


def write_types(starter: Starter) -> None:
    starter.run(str(starter.folder / ".venv" / "bin" / "litestar-vite"), "types")


def reported(starter: Starter, config: str = "tsconfig.json") -> list[Complaint]:
    """Return the errors of the starter's compiler, without those in declarations of other packages."""
    modules = (starter.folder / "node_modules").resolve()
    found = complaints(starter.folder, COMPILER[starter.framework], modules=modules, config=config)
    return [each for each in found if "node_modules" not in each.file or "litestar-vite" in each.file]


def test_mistakes_in_python_fail_the_check_with_their_place(typed_starter: Starter) -> None:
    project = typed_starter.folder
    app = (project / "app.py").read_text("utf-8")
    contacts = (project / "contacts.py").read_text("utf-8")
    for old, new in (
        ('component="Home"', 'component="Hmoe"'),
        ("InertiaConfig(", 'InertiaConfig(flash_keys=["success", "error", "info"],'),
    ):
        assert old in app
        app = app.replace(old, new, 1)
    (project / "app.py").write_text(app, "utf-8")
    said = refused(typed_starter, "types", "--check")
    assert "Hmoe" in said
    assert "app.py:" in said
    assert "Home" in said
    (project / "contacts.py").write_text(contacts.replace('"success"', '"sucess"'), "utf-8")
    line = contacts.splitlines().index('    flash(request, "Saved.", "success")') + 1
    said = refused(typed_starter, "types", "--check")
    assert f"does not contain 'sucess' (contacts.py:{line}). Did you mean 'success'?" in " ".join(said.split())


def refused(project: Starter, *arguments: str) -> str:
    """Return the output of a command of the package. The command must fail."""
    done = subprocess.run(
        [str(project.folder / ".venv" / "bin" / "litestar-vite"), *arguments],
        cwd=project.folder,
        env=project.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout + done.stderr
