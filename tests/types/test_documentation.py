"""The components in the documentation compile, with the types of the handlers on the same page.

How it works:
1. A block of TSX, Vue, Svelte or TypeScript below a line such as "`src/pages/Home.tsx`:" is a file. A block in a tab
   belongs to the tab's framework.
2. A page is a folder. When a page shows a file again, or a change to it, a new folder starts with the files so far.
3. Files that import from `generated` get the types of the app in the next Python block, which is for the same step.
"""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec import Struct

from tests.docs.patches import patched
from tests.docs.test_snippets import BLOCK, PAGES, programs_of
from tests.types.projects import complaints, write_project

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.test_snippets import Program

pytestmark = pytest.mark.slow

COMPILERS = {"react": "typescript-7", "vue": "vue-tsc", "svelte": "svelte-check"}
FRAMEWORKS = {"tsx": "react", "vue": "vue", "svelte": "svelte"}
SYNC = re.compile(r"^:sync: (\w+)$", re.MULTILINE)
# Vite's declarations for the files that it loads.
AMBIENT = "declare module '*.css'\ndeclare module '*.vue' { import type { Component } from 'vue'; const c: Component; export default c }\n"
# Declarations apply to the whole project, but pages of the documentation differ in their shared props.
GLOBAL = re.compile(r"^declare module .*?^}$", re.MULTILINE | re.DOTALL)
GENERATE = """
import sys
sys.path.insert(0, ".")
import documented
from litestar_vite import VitePlugin
from litestar_vite._typegen.project import generate
for path, text in generate(documented.app, documented.app.plugins.get(VitePlugin).config).files.items():
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
"""


class Version(Struct):
    """A folder of files, and the line of the last one."""

    name: str
    files: dict[str, str]
    line: int = 0


def versions_of(page: Path, framework: str) -> list[Version]:
    """Find the files of a page for a framework."""
    text = page.read_text("utf-8")
    found = [Version(f"{page.stem}0", {})]
    for block in BLOCK.finditer(text):
        if block["file"] is None or not block["file"].startswith("src/"):
            continue
        in_tabs = text.count("\n::::{tab-set}", 0, block.start()) > text.count("\n::::\n", 0, block.start())
        tab = SYNC.findall(text, 0, block.start())[-1] if in_tabs else FRAMEWORKS.get(block["language"])
        if tab != framework:
            continue
        name = block["file"].removeprefix("src/")
        is_diff = block["language"] == "diff"
        if is_diff and name not in found[-1].files:
            # A change to a file of the generated project, which tests/starters compiles.
            continue
        if name in found[-1].files:
            found.append(Version(f"{page.stem}{len(found)}", dict(found[-1].files)))
        found[-1].files[name] = patched(found[-1].files[name], block["text"]) if is_diff else block["text"]
        found[-1].line = text.count("\n", 0, block.start()) + 1
    return [version for version in found if version.files]


def generated(program: Program, folder: Path) -> dict[str, str]:
    """Return the types of a program's app, without declarations for the whole project."""
    folder.mkdir()
    for name, text in {**program.files, "documented.py": program.source}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    subprocess.run([sys.executable, "-c", GENERATE], cwd=folder, check=True, capture_output=True, timeout=120)
    files = (folder / "src" / "generated").glob("*.ts")
    return {f"generated/{path.name}": GLOBAL.sub("", path.read_text("utf-8")) for path in files}


@pytest.mark.parametrize("framework", COMPILERS)
def test_components_of_the_documentation_compile(framework: str, tmp_path: Path) -> None:
    files = {"ambient.d.ts": AMBIENT} if framework != "vue" else {"ambient.d.ts": AMBIENT.splitlines()[0]}
    for page in PAGES:
        for version in versions_of(page, framework):
            if any("/generated/" in text for text in version.files.values()):
                programs = programs_of(page.stem, page.read_text("utf-8"))
                step = next(each for each in programs if int(each.name.rpartition(":")[2]) > version.line)
                version.files |= generated(step, tmp_path / f"{version.name}-python")
            files |= {f"{version.name}/{name}": text for name, text in version.files.items()}
    assert len(files) > 15
    project = write_project(tmp_path / "project", framework, files, {"skipLibCheck": True})
    assert complaints(project, COMPILERS[framework]) == []
