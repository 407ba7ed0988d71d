"""What compilers say about pages with and without mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.types.mistakes import MISTAKES
from tests.types.projects import PAGE, complaints, make_project, right_page

if TYPE_CHECKING:
    from pathlib import Path

    from tests.types.mistakes import Mistake

pytestmark = pytest.mark.slow

VARIANTS = {
    "strict off": {"strict": False},
    "exactOptionalPropertyTypes": {"exactOptionalPropertyTypes": True},
    "verbatimModuleSyntax and isolatedModules off": {"verbatimModuleSyntax": False, "isolatedModules": False},
    "skipLibCheck": {"skipLibCheck": True},
}


def planted(framework: str, mistake: Mistake) -> tuple[str, int]:
    """Return the page with a mistake, and the line that it is in."""
    text, right = right_page(framework), mistake.right_in(framework)
    assert right in text, f"{right!r} is missing in {PAGE[framework]}"
    place = text.index(mistake.at or right)
    return text.replace(right, mistake.wrong_in(framework), 1), text[:place].count("\n") + 1


@pytest.mark.parametrize(
    ("framework", "compiler"),
    [
        ("react", "typescript-7"),
        ("react", "typescript"),
        ("react", "typescript-5"),
        ("vue", "vue-tsc"),
        ("svelte", "svelte-check"),
    ],
)
def test_each_mistake_is_reported_where_it_is_and_nothing_else_is(
    framework: str, compiler: str, tmp_path: Path
) -> None:
    pages, lines = {"right": right_page(framework)}, dict[str, int]()
    for number, mistake in enumerate(MISTAKES):
        folder = f"mistake{number}"
        pages[folder], lines[folder] = planted(framework, mistake)
    found = complaints(make_project(tmp_path, framework, pages), compiler)
    missed = []
    for number, mistake in enumerate(MISTAKES):
        folder = f"mistake{number}"
        said = [each for each in found if f"{folder}/{PAGE[framework]}" in each.file]
        if not any(each.line == lines[folder] and mistake.message in each.message for each in said):
            missed.append((mistake.name, lines[folder], said))
    assert not missed, "\n".join(map(str, missed))
    assert [each for each in found if "mistake" not in each.file] == []


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_the_right_page_compiles_with_other_options(options: dict[str, object], tmp_path: Path) -> None:
    project = make_project(tmp_path, "react", {"right": right_page("react")}, options)
    assert complaints(project, "typescript-7") == []


def test_the_right_page_compiles_with_the_resolution_of_node(tmp_path: Path) -> None:
    page = right_page("react")
    for name in ("pages.gen", "routes"):
        page = page.replace(f"../generated/{name}'", f"../generated/{name}.js'")
    options = {"module": "Node16", "moduleResolution": "Node16"}
    assert complaints(make_project(tmp_path, "react", {"right": page}, options), "typescript-7") == []


def test_without_generated_types_every_name_is_allowed(tmp_path: Path) -> None:
    page = """
    import { Deferred, router, usePage } from 'litestar-vite/react'

    export default function Any() {
      const page = usePage<'Nowhere'>()
      router.reload({ only: ['anything'] })
      return <Deferred data="later" fallback={null}>{String(page.props.anything)}</Deferred>
    }
    """
    project = make_project(tmp_path, "react", {"any": page})
    (project / "src" / "generated" / "pages.gen.d.ts").unlink()
    assert complaints(project, "typescript-7") == []


def test_the_helpers_need_no_other_framework_and_no_core_package(tmp_path: Path) -> None:
    """pnpm links direct dependencies only, so @inertiajs/core cannot be found from the project."""
    project = make_project(tmp_path, "react", {"right": right_page("react")})
    inertia = project / "node_modules" / "@inertiajs"
    real = inertia.resolve()
    inertia.unlink()
    inertia.mkdir()
    (inertia / "react").symlink_to(real / "react")
    for other in ("vue", "svelte"):
        (project / "node_modules" / other).unlink()
    found = complaints(project, "typescript-7")
    assert [each.message for each in found if "@inertiajs/core" in each.message] == [
        "TS2664: Invalid module name in augmentation, module '@inertiajs/core' cannot be found."
    ], found
    assert {each.file for each in found if "flash" not in each.message} == {"src/generated/pages.gen.d.ts"}
