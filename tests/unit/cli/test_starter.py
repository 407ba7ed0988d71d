"""The files of the starters: every combination of choices gives files that can be parsed."""

from __future__ import annotations

import ast
import itertools
import json
import re
import tomllib

import pytest

from litestar_vite._cli.init import project_name
from litestar_vite._cli.starter import FRAMEWORKS, Choices, starter_files

COMBINATIONS = (
    [
        Choices(framework=framework, name="my-app", tailwind=tailwind, ssr=ssr, python_pin=">=0.1.0")
        for framework, tailwind, ssr in itertools.product(FRAMEWORKS, [False, True], [False, True])
    ]
    + [
        Choices(framework=framework, name="my-app", kit="app", ssr=ssr, python_pin=">=0.1.0")
        for framework, ssr in itertools.product(FRAMEWORKS, [False, True])
    ]
    + [
        Choices(framework="react", name="my-app", mode=mode, tailwind=tailwind, python_pin=">=0.1.0")
        for mode, tailwind in itertools.product(["spa", "htmx"], [False, True])
    ]
)


@pytest.mark.parametrize("choices", COMBINATIONS, ids=str)
def test_every_file_is_valid_and_contains_no_placeholders(choices: Choices) -> None:
    for name, content in starter_files(choices).items():
        text = content.decode()
        assert not re.search(r"\[only:|__[A-Z_]+__", text), name
        if name.endswith(".py"):
            ast.parse(text)
        elif name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".toml"):
            tomllib.loads(text)


@pytest.mark.parametrize(("mode", "own"), [("spa", "src/api.ts"), ("htmx", "templates/base.html")])
def test_other_modes_have_nothing_of_inertia(mode: str, own: str) -> None:
    files = starter_files(Choices(framework="react", name="a", mode=mode))
    assert {own, ".gitignore", ".dockerignore", "Dockerfile", "README.md", "app.py", "pyproject.toml"} <= files.keys()
    assert not any(b"inertia" in content.lower() for content in files.values())
    assert (b"COPY templates templates" in files["Dockerfile"]) == (mode == "htmx")
    assert b"/node " not in files["Dockerfile"], "nothing is rendered on the server"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_choice_changes_all_affected_files(framework: str) -> None:
    plain = starter_files(Choices(framework=framework, name="a"))
    tailwind = starter_files(Choices(framework=framework, name="a", tailwind=True))
    without_ssr = starter_files(Choices(framework=framework, name="a", ssr=False))
    assert {name for name in plain if plain[name] != tailwind[name]} == {
        "package.json",
        "src/styles/app.css",
        "vite.config.ts",
    }
    assert {name for name in plain if plain[name] != without_ssr[name]} == {
        "Dockerfile",
        "README.md",
        "app.py",
        "package.json",
        "vite.config.ts",
    }
    assert b"SSRConfig" not in without_ssr["app.py"]
    assert json.loads(without_ssr["package.json"])["scripts"]["build"] == "vite build"


def test_the_three_starters_differ_only_in_their_front_ends() -> None:
    react, vue, svelte = (starter_files(Choices(framework=framework, name="a")) for framework in FRAMEWORKS)
    python = {name for name in react if name.endswith((".py", ".css", "format.ts", "pages.gen.d.ts", "routes.ts"))}
    assert python <= vue.keys() & svelte.keys()
    assert all(react[name].replace(b"React", b"") == vue[name].replace(b"Vue", b"") for name in python)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_app_kits_share_all_but_their_components(framework: str) -> None:
    react, other = (starter_files(Choices(framework=name, name="a", kit="app")) for name in ("react", framework))
    shared = {
        name for name in react if name.startswith(("backend/", "migrations/", "tests/", "src/lib/", "src/styles/"))
    }
    assert {"backend/auth/login.py", "tests/test_auth.py", "src/lib/theme.ts"} <= shared
    assert all(react[name] == other.get(name) for name in shared)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_an_app_kit_has_a_component_for_each_of_its_pages(framework: str) -> None:
    files = starter_files(Choices(framework=framework, name="a", kit="app"))
    pages = set(
        re.findall(
            r'component="([\w/]+)"', b"".join(text for name, text in files.items() if name.endswith(".py")).decode()
        )
    )
    components = {name.removeprefix("src/pages/").rsplit(".", 1)[0] for name in files if name.startswith("src/pages/")}
    assert pages == components
    assert {".env.example", ".gitignore", ".dockerignore", "Dockerfile", "README.md"} <= files.keys()


def test_an_app_kit_without_server_side_rendering_needs_no_node() -> None:
    files = starter_files(Choices(framework="react", name="a", kit="app", ssr=False))
    assert b"/node " not in files["Dockerfile"]
    assert b"ssr=True" not in files["app.py"]
    assert json.loads(files["package.json"])["scripts"]["build"] == "vite build"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_hidden_files_have_their_dots(framework: str) -> None:
    names = starter_files(Choices(framework=framework, name="a")).keys()
    assert {".gitignore", ".dockerignore", "Dockerfile", "README.md", "app.py", "pyproject.toml"} <= names
    assert not any(name.startswith("_") or name.endswith(".tmpl") for name in names)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("My App", "my-app"),
        ("Café Übung", "cafe-ubung"),
        ("Cafe\u0301", "cafe"),  # Decomposed, as on macOS.
        ("Straße", "strasse"),
        ("東京", "app"),
        ("...", "app"),
        ("a_b.c", "a-b-c"),
    ],
)
def test_a_folder_becomes_a_name_that_npm_and_python_accept(folder: str, name: str, tmp_path) -> None:
    assert project_name(tmp_path / folder) == name


def test_the_dockerfile_uses_the_package_manager_of_the_project() -> None:
    docker = starter_files(Choices(framework="vue", name="a", manager="pnpm"))["Dockerfile"].decode()
    assert "COPY package.json pnpm-lock.yaml .litestar-vite.json ./" in docker
    assert "pnpm install --frozen-lockfile" in docker
    assert "npm ci" not in docker
