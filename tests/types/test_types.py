"""Compiler errors for pages with and without mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.types.planting import judge, pages_with_mistakes
from tests.types.projects import complaints, make_project, right_page

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

VARIANTS = {
    "strict off": {"strict": False},
    "exactOptionalPropertyTypes": {"exactOptionalPropertyTypes": True},
    "verbatimModuleSyntax and isolatedModules off": {"verbatimModuleSyntax": False, "isolatedModules": False},
    "skipLibCheck": {"skipLibCheck": True},
}


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
    pages, lines = pages_with_mistakes(framework)
    judge(complaints(make_project(tmp_path, framework, pages), compiler), framework, lines)


@pytest.mark.parametrize("options", VARIANTS.values(), ids=VARIANTS)
def test_the_right_page_compiles_with_other_options(options: dict[str, object], tmp_path: Path) -> None:
    project = make_project(tmp_path, "react", {"right": right_page("react")}, options)
    assert complaints(project, "typescript-7") == []


def test_generated_files_and_helpers_compile_with_the_resolution_of_node(tmp_path: Path) -> None:
    """Inertia's own declarations import files without extensions, so pages do not get its types there."""
    options = {"module": "Node16", "moduleResolution": "Node16"}
    page = """
    import type { Pages } from '../generated/pages.gen.js'
    import { contactsShow } from '../generated/routes.js'

    export const activity: Pages['Contacts/Show']['activity'] = [{ id: 1, summary: contactsShow({ contact_id: 1 }).url }]
    export const wrong: Pages['Contacts/Show']['activity'] = [{ id: contactsShow({ contact_id: 1 }).url, summary: '' }]
    """
    found = complaints(make_project(tmp_path, "react", {"page": page}, options), "typescript-7")
    assert [(each.file, each.line) for each in found] == [("src/page/Show.tsx", 6)], found


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


def test_pages_are_typed_where_the_core_package_cannot_be_found(tmp_path: Path) -> None:
    """pnpm links direct dependencies only. Without @inertiajs/core among them, flash messages are `unknown`."""
    page = right_page("react")
    project = make_project(tmp_path, "react", {"right": page})
    inertia = project / "node_modules" / "@inertiajs"
    real = inertia.resolve()
    inertia.unlink()
    inertia.mkdir()
    (inertia / "react").symlink_to(real / "react")
    for other in ("vue", "svelte"):
        (project / "node_modules" / other).unlink()
    found = complaints(project, "typescript-7")
    flash = page[: page.index("page.flash")].count("\n") + 1
    assert {(each.file, each.line) for each in found} == {("src/right/Show.tsx", flash)}, found
