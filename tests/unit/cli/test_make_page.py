"""`litestar assets make page`: the files of a page, and the command in a project."""

from __future__ import annotations

import importlib.util
import itertools
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from litestar import Litestar

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite._cli.errors import CommandError
from litestar_vite._cli.page.files import Style, page_files
from litestar_vite._cli.page.naming import place_of
from litestar_vite.inertia import InertiaConfig
from litestar_vite.testing import InertiaTestClient
from tests.unit.cli.test_commands import call, root  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from pathlib import Path

FRAMEWORKS = ("react", "vue", "svelte")


@pytest.mark.parametrize(
    ("component", "module", "pattern", "url"),
    [
        ("Home", "home", "/home", "/home"),
        ("Users/Index", "users_index", "/users", "/users"),
        ("Users/Show", "users_show", "/users/{user_id:int}", "/users/1"),
        ("Categories/Edit", "categories_edit", "/categories/{category_id:int}/edit", "/categories/1/edit"),
        ("Users/Create", "users_create", "/users/create", "/users/create"),
        ("Admin/AboutUs", "admin_about_us", "/admin/about-us", "/admin/about-us"),
    ],
)
def test_the_name_of_a_component_decides_the_place(component: str, module: str, pattern: str, url: str) -> None:
    place = place_of(component)
    assert (place.module, place.pattern, place.url) == (module, pattern, url)


@pytest.mark.parametrize("name", ["users/Show", "Users/", "../Show", "Users Show", "Users/Show.tsx", ""])
def test_a_name_that_no_component_can_have_is_refused(name: str) -> None:
    with pytest.raises(CommandError, match="Users/Show"):
        place_of(name)


@pytest.mark.parametrize(
    ("framework", "typescript", "generated", "form"),
    [
        (framework, typescript, "src/generated" if typed else None, form)
        for framework, typescript, typed, form in itertools.product(
            FRAMEWORKS, (True, False), (True, False), (True, False)
        )
    ],
)
def test_the_files_have_the_style_of_the_project(
    framework: str, typescript: bool, generated: str | None, form: bool
) -> None:
    style = Style(framework, typescript=typescript, generated=generated, modules="shop", app_module="shop.main")
    files = {name: text.decode() for name, text in page_files(place_of("Users/Show"), style, form=form).items()}
    suffix = {"react": "tsx" if typescript else "jsx"}.get(framework, framework)
    assert list(files) == ["shop/users_show.py", f"src/pages/Users/Show.{suffix}", "tests/test_users_show.py"]
    handler, component, test = files.values()
    assert not [text for text in files.values() if re.search(r"__[A-Z]+__", text)]
    assert "from shop.main import app" in test
    assert ("@post" in handler) == ("Form" in component) == form
    assert ("generated/pages.gen'" in component) == bool(typescript and generated)
    # The Python files are the same for each framework.
    for text in (handler, test) if framework == "react" and typescript else ():
        formatted = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--check", "--isolated", "--line-length=120", "-"],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert formatted.returncode == 0, text


@pytest.mark.parametrize("component", ["Users/Show", "About"])
def test_the_handler_works(component: str, tmp_path: Path) -> None:
    place = place_of(component)
    path = tmp_path / "handler.py"
    path.write_bytes(page_files(place, Style("react"), form=True)[f"{place.module}.py"])
    spec = importlib.util.spec_from_file_location("made_page", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["made_page"] = module
    spec.loader.exec_module(module)
    app = Litestar(
        [getattr(module, f"{place.module}_router")],
        plugins=[VitePlugin(ViteConfig(root=tmp_path, inertia=InertiaConfig()))],
        openapi_config=None,
        logging_config=None,
    )
    with InertiaTestClient(app) as client:
        client.open(place.url).component(component).where("title", place.title)
        client.submit(place.url, {"name": ""}).component(component).has_errors("name")
        client.submit(place.url, {"name": "Ada"}).missing_errors().has_flash("success", "Ada was saved.")
    del sys.modules["made_page"]


def test_the_command_writes_files_and_types_and_refuses_to_overwrite(root: Path) -> None:  # noqa: F811
    done = call(root, "make", "page", "Users/Show", "--form", program="litestar")
    assert done.returncode == 0, done.stdout + done.stderr
    for name in ("users_show.py", "src/pages/Users/Show.tsx", "tests/test_users_show.py"):
        assert name in done.stdout
        assert (root / name).is_file()
    assert "from users_show import users_show_router" in done.stdout
    types = (root / "src/generated/pages.gen.d.ts").read_text("utf-8")
    assert re.search(r"'Users/Show': (UsersShow|\{\s*user_id: number)", types), types
    assert re.search(r"'users\.show\.store': (UsersShowForm|\{\s*name: string)", types), types
    assert "usersShowStore" in (root / "src/generated/routes.ts").read_text("utf-8")

    (root / "src/pages/Users/Show.tsx").write_text("mine")
    again = call(root, "make", "page", "Users/Show", program="litestar")
    assert again.returncode == 1
    assert "exists already." in again.stderr
    assert (root / "src/pages/Users/Show.tsx").read_text() == "mine"


@pytest.mark.parametrize(
    ("component", "words"),
    [
        ("Guestbook/Index", "The app has a page at '/guestbook' already."),
        ("Home", "The app has a route named 'home' already."),
        ("Errors/Error", "Error.tsx' exists already."),
    ],
)
def test_a_page_that_exists_is_refused_before_anything_is_written(component: str, words: str, root: Path) -> None:  # noqa: F811
    before = {path for path in root.rglob("*.py") if ".venv" not in path.parts}
    done = call(root, "make", "page", component)
    assert done.returncode == 1
    assert words in done.stderr
    assert {path for path in root.rglob("*.py") if ".venv" not in path.parts} == before


def test_the_test_of_a_page_calls_the_factory_of_the_app() -> None:
    style = Style("react", app_module="shop", app_name="create_app", app_is_factory=True)
    text = page_files(place_of("About"), style, form=False)["tests/test_about.py"].decode()
    assert "from shop import create_app" in text
    assert "inertia_client(create_app()).open" in text
