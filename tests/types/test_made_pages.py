"""Pages created by `litestar assets make page` compile, with and without generated types."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import pytest

from litestar_vite._cli.page.files import Style, page_files
from litestar_vite._cli.page.naming import place_of
from tests.docs.test_snippets import Program
from tests.types.projects import complaints, write_project
from tests.types.test_documentation import COMPILERS, generated

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

APP = """
from litestar import Litestar
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig

app = Litestar([{router}], plugins=[VitePlugin(ViteConfig(inertia=InertiaConfig()))])
"""


@pytest.mark.parametrize("framework", COMPILERS)
@pytest.mark.parametrize("is_typed", [True, False], ids=["generated types", "own types"])
def test_a_made_page_compiles(framework: str, is_typed: bool, tmp_path: Path) -> None:
    style = Style(framework, generated="src/generated" if is_typed else None)
    sources: dict[str, str] = {}
    for component, form in (("Users/Show", True), ("Users/Index", False), ("About", True)):
        place = place_of(component)
        files = {name: text.decode() for name, text in page_files(place, style, form=form).items()}
        handler = files[f"{place.module}.py"]
        # Each page is in a separate folder, since the three apps have different types.
        folder = place.module
        sources |= {posixpath.join(folder, name): text for name, text in files.items() if name.startswith("src/")}
        if is_typed:
            program = Program(folder, handler + APP.format(router=f"{place.module}_router"), {}, [])
            types = generated(program, tmp_path / folder)
            sources |= {posixpath.join(folder, "src", name): text for name, text in types.items()}
    project = write_project(tmp_path / "project", framework, sources)
    assert [each for each in complaints(project, COMPILERS[framework]) if "node_modules" not in each.file] == []
