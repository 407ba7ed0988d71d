"""Front-end projects like those of users, with this checkout's npm package, and their compilers."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from litestar_vite._assets.npm_package import companion_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HERE: Final = Path(__file__).parent
PAGE: Final = {"react": "Show.tsx", "vue": "Show.vue", "svelte": "Show.svelte"}
# Declarations of other packages that do not compile with `skipLibCheck: false` in any project.
_NOT_OURS: Final = re.compile(r"node_modules/(?:@inertiajs/svelte|@inertiajs/core/types/axiosHttpClient)")
_OPTIONS: Final = {
    "target": "ES2023",
    "lib": ["ES2023", "DOM", "DOM.Iterable"],
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "jsx": "react-jsx",
    "types": [],
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "verbatimModuleSyntax": True,
    "isolatedModules": True,
    "skipLibCheck": False,
    "noEmit": True,
}


class Complaint(NamedTuple):
    """An error of a compiler."""

    file: str
    line: int
    message: str


def make_project(
    folder: Path, framework: str, pages: Mapping[str, str], options: Mapping[str, object] | None = None
) -> Path:
    """Write a project with pages, each in a separate folder.

    Args:
        folder: An empty folder.
        framework: react, vue or svelte.
        pages: The pages' sources by folder.
        options: Further compiler options.
    """
    shutil.copytree(HERE / "generated", folder / "src" / "generated")
    files = {f"{name}/{PAGE[framework]}": text for name, text in pages.items()}
    return write_project(folder, framework, files, options)


def write_project(
    folder: Path, framework: str, files: Mapping[str, str], options: Mapping[str, object] | None = None
) -> Path:
    """Write a project with these files in `src`, and the packages that they import."""
    for name, text in files.items():
        (folder / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "src" / name).write_text(text, "utf-8")
    vendored = folder / "vendor" / "litestar-vite"
    vendored.mkdir(parents=True)
    for name, content in companion_files().items():
        (vendored / name).write_bytes(content)
    modules = folder / "node_modules"
    modules.mkdir()
    for package in (HERE / "node_modules").iterdir():
        (modules / package.name).symlink_to(package)
    (modules / "litestar-vite").symlink_to(vendored)
    (folder / "package.json").write_text(json.dumps({"name": framework, "private": True, "type": "module"}))
    jsx = {"jsx": "preserve"} if framework == "vue" else {}
    config = {"compilerOptions": {**_OPTIONS, **jsx, **(options or {})}, "include": ["src/**/*"]}
    (folder / "tsconfig.json").write_text(json.dumps(config, indent=2))
    return folder


def right_page(framework: str) -> str:
    """Return the source of the page without mistakes."""
    return (HERE / framework / PAGE[framework]).read_text("utf-8")


def complaints(
    project: Path, compiler: str, *, modules: Path = HERE / "node_modules", config: str = "tsconfig.json"
) -> list[Complaint]:
    """Run a compiler and return its errors.

    Args:
        project: The folder of the project.
        compiler: `tsc` of a TypeScript version ("typescript-7"), `vue-tsc` or `svelte-check`.
        modules: The node_modules that contain it.
        config: The compiler's options, relative to the project.
    """
    script, arguments = {
        "vue-tsc": ("vue-tsc/bin/vue-tsc.js", ["--noEmit", "--project", config]),
        "svelte-check": (
            "svelte-check/bin/svelte-check",
            ["--output", "machine", "--threshold", "error", "--tsconfig", f"./{config}"],
        ),
    }.get(compiler, (f"{compiler}/bin/tsc", ["--noEmit", "--pretty", "false", "--project", config]))
    done = subprocess.run(
        ["node", str(modules / script), *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    read = _of_svelte_check if compiler == "svelte-check" else _of_tsc
    found = list(read(done.stdout))
    assert (done.returncode == 0) == (not found), done.stdout + done.stderr
    return [each for each in found if not _NOT_OURS.search(each.file)]


def _of_tsc(text: str) -> Iterable[Complaint]:
    # The lines of a message after its first one are indented.
    for found in re.finditer(r"^(\S.*?)\((\d+),\d+\): error (.*(?:\n\s.*)*)", text, re.MULTILINE):
        yield Complaint(found[1], int(found[2]), found[3])


def _of_svelte_check(text: str) -> Iterable[Complaint]:
    for found in re.finditer(r'^\d+ ERROR "(.*?)" (\d+):\d+ (".*")$', text, re.MULTILINE):
        yield Complaint(found[1], int(found[2]), json.loads(found[3]))
