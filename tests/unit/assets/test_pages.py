"""Page components that an app uses, and their expected files."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from litestar import get
from litestar.testing import TestClient

from litestar_vite._assets.pages import page_problems
from litestar_vite._routes import named_components
from litestar_vite.inertia import InertiaConfig
from tests.support import make_app

FILES = {
    "src/pages/Home.tsx": "export default function Home() {}",
    "src/pages/Users/Index.vue": "<template></template>",
    "src/pages/Users/Show.svelte": "<h1></h1>",
    "src/pages/Later.jsx": "function Later() {}\nexport { Later as default }",
    "src/pages/Named.tsx": "export function Named() {}",
    "src/pages/Default.ts": "// The default is exported elsewhere\nexport const page = 1",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.mark.parametrize("component", ["Home", "Users/Index", "Users/Show", "Later"])
def test_a_page_with_a_default_export_is_fine(root: Path, component: str) -> None:
    assert page_problems(root, [(component, "The route '/'")]) == []


@pytest.mark.parametrize(
    ("component", "name", "words"),
    [
        ("Hom", "no-page", ("The route '/' renders 'Hom'", "Did you mean 'Home'?")),
        ("users/index", "no-page", ("Rename 'src/pages/Users/Index.vue'",)),
        ("User/Index", "no-page", ("Did you mean 'Users/Index'",)),
        ("Zzz", "no-page", ("Create it", "Existing pages: Default, Home")),
        ("Named", "no-default-export", ("'src/pages/Named.tsx' has no default export", "export default")),
        ("Default", "no-default-export", ("'src/pages/Default.ts'",)),
    ],
)
def test_what_is_wrong_with_a_page_is_said(root: Path, component: str, name: str, words: tuple[str, ...]) -> None:
    (found,) = page_problems(root, [(component, "The route '/'")])
    assert found.name == name
    for word in words:
        assert word in f"{found.problem} {found.hint}"


def test_without_any_page_files_nothing_is_said(tmp_path: Path) -> None:
    assert page_problems(tmp_path, [("Home", "The route '/'")]) == []


@get("/", component="Hom")
async def home() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("dev_mode", [True, False])
def test_development_names_them_at_start_up(root: Path, caplog: pytest.LogCaptureFixture, dev_mode: bool) -> None:
    errors = {404: "Eror", 500: "Home"}
    app = make_app(root, [home], InertiaConfig(error_page=errors), vite={"dev_mode": dev_mode, "entry": "src/app.tsx"})
    with caplog.at_level(logging.WARNING), TestClient(app):
        pass
    said = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert [message.split(",")[0] for message in said] == (
        ["InertiaConfig.error_page renders 'Eror'", "The route '/' renders 'Hom'"] if dev_mode else []
    )


def test_each_name_of_a_component_is_listed(root: Path) -> None:
    app = make_app(root, [home], InertiaConfig(error_page="Error"))
    assert list(named_components(app, InertiaConfig(error_page="Error"))) == [
        ("Hom", "The route '/'"),
        ("Error", "InertiaConfig.error_page"),
    ]
