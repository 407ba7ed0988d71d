"""The mistakes of tests/types in each starter: its own compiler, its own options, and types from handlers."""

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

pytestmark = pytest.mark.starters

COMPILER = {"react": "typescript", "vue": "vue-tsc", "svelte": "svelte-check"}
HANDLERS = Path(__file__).with_name("contacts.py")


@pytest.fixture
def typed_starter(starter: Starter, tmp_path: Path) -> Starter:
    """A copy of the starter's sources with further handlers. The packages and the environment are the starter's own."""
    folder = tmp_path / "project"
    installed = {".venv", "node_modules", "dist"}
    shutil.copytree(starter.folder, folder, ignore=shutil.ignore_patterns(*installed, ".ssr", "__pycache__"))
    for name in installed:
        (folder / name).symlink_to(starter.folder / name)
    shutil.copy(HANDLERS, folder / "contacts.py")
    app = (folder / "app.py").read_text("utf-8")
    for old, new in (
        ("from guestbook import", "from contacts import auth, contacts_router\nfrom guestbook import"),
        ("[home, guestbook_router]", "[home, guestbook_router, contacts_router]"),
        ("share={", 'share={"auth": auth, '),
    ):
        assert old in app
        app = app.replace(old, new, 1)
    (folder / "app.py").write_text(app, "utf-8")
    return type(starter)(folder, starter.framework, starter.environ)


def test_each_mistake_is_reported_where_it_is_and_nothing_else_is(typed_starter: Starter) -> None:
    project, framework = typed_starter.folder, typed_starter.framework
    typed_starter.run(str(project / ".venv" / "bin" / "litestar-vite"), "types")
    pages, lines = pages_with_mistakes(framework)
    for name, text in pages.items():
        (project / "src" / name).mkdir()
        (project / "src" / name / PAGE[framework]).write_text(text, "utf-8")
    options = {"skipLibCheck": False}
    (project / "tsconfig.mistakes.json").write_text(
        json.dumps({"extends": "./tsconfig.json", "compilerOptions": options, "include": ["src"]})
    )
    modules = (project / "node_modules").resolve()
    judge(complaints(project, COMPILER[framework], modules=modules, config="tsconfig.mistakes.json"), framework, lines)


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
    check = [str(project / ".venv" / "bin" / "litestar-vite"), "types", "--check"]
    said = _refused(typed_starter, check)
    assert "Hmoe" in said
    assert "app.py:" in said
    assert "Home" in said
    (project / "contacts.py").write_text(contacts.replace('"success"', '"sucess"'), "utf-8")
    line = contacts.splitlines().index('    flash(request, "Saved.", "success")') + 1
    said = _refused(typed_starter, check)
    assert f"does not contain 'sucess' (contacts.py:{line}). Did you mean 'success'?" in " ".join(said.split())


def _refused(project: Starter, command: list[str]) -> str:
    done = subprocess.run(
        command,
        cwd=project.folder,
        env=project.environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout + done.stderr
