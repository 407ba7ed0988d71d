"""The named routes of an app, as written for the front end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Router, get, post
from litestar.params import FromPath

from litestar_vite._typegen.routes import named_routes, routes_module, write_routes

if TYPE_CHECKING:
    from pathlib import Path


@get("/", name="home", sync_to_thread=False)
def home() -> None: ...


@get(["/posts", "/posts/{year:int}"], name="posts.index", sync_to_thread=False)
def posts(year: FromPath[int | None] = None) -> None: ...


@post("/posts", sync_to_thread=False)
def nameless() -> None: ...


@get("/{user_id:int}", name="users.show", sync_to_thread=False)
def user(user_id: FromPath[int]) -> None: ...


@pytest.fixture
def app() -> Litestar:
    return Litestar([home, posts, nameless, Router("/users", route_handlers=[user])], logging_config=None)


def test_each_name_has_all_its_paths_without_litestars_routes(app: Litestar) -> None:
    assert named_routes(app) == {
        "home": ["/"],
        "posts.index": ["/posts", "/posts/{year:int}"],
        "users.show": ["/users/{user_id:int}"],
    }


def test_paths_have_the_prefix_exactly_once(app: Litestar) -> None:
    assert named_routes(app, "/shop") == {
        "home": ["/shop/"],
        "posts.index": ["/shop/posts", "/shop/posts/{year:int}"],
        "users.show": ["/shop/users/{user_id:int}"],
    }
    with_a_path = Litestar([home, posts], path="/shop", logging_config=None)
    assert named_routes(with_a_path, "/shop") == {
        "home": ["/shop"],
        "posts.index": ["/shop/posts", "/shop/posts/{year:int}"],
    }


def test_an_app_without_names_gets_an_empty_table() -> None:
    assert "export const routes = {} as const" in routes_module(named_routes(Litestar([nameless], logging_config=None)))


@pytest.mark.parametrize("name", ["it's", 'say "hi"', "back\\slash", "</script>", "line\nend"])
def test_a_name_of_any_letters_is_one_string(name: str) -> None:
    line = next(line for line in routes_module({name: ["/"]}).splitlines() if line.endswith("['/'],"))
    assert line.startswith("  '")
    text: Any = line[3:].rsplit("': [", 1)[0]
    assert text.replace("\\n", "\n").replace("\\'", "'").replace("\\\\", "\\") == name


def test_the_file_is_written_only_when_it_differs(tmp_path: Path) -> None:
    path = tmp_path / "src" / "routes.ts"
    assert write_routes(path, {"home": ["/"]})
    assert not write_routes(path, {"home": ["/"]})
    assert write_routes(path, {"home": ["/start"]})


def test_a_file_that_was_not_generated_is_only_overwritten_on_request(tmp_path: Path) -> None:
    path = tmp_path / "routes.ts"
    assert not write_routes(path, {"home": ["/"]}, only_generated=True), "the file was never requested"
    path.write_text("export const mine = 1\n")
    assert not write_routes(path, {"home": ["/"]}, only_generated=True)
    assert path.read_text() == "export const mine = 1\n"
    assert write_routes(path, {"home": ["/"]})
