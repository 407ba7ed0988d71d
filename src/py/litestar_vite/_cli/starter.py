"""Renders the starter templates: the names and contents of a new project's files.

How it works:
1. The files in `starters/common` and in the folder of the framework or mode are read; for the app kit, those in
   `starters/app/common` and in `starters/app/<framework>`.
2. A line that ends in `[only: ssr]` (or `no-ssr`, `tailwind`, a mode) is kept, without the marker, only for that
   choice.
3. Placeholders such as `__NAME__` are replaced.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

_TEMPLATES: Final = Path(__file__).parent.parent / "starters"
# Matches the marker with its comment delimiters, in every language of the templates.
_ONLY: Final = re.compile(r"[ \t]*(?://|#|/\*|<!--)?[ \t]*\[only: (?P<choice>[\w-]+)\][ \t]*(?:\*/|-->)?[ \t]*$")
_TAILWIND: Final = {"@tailwindcss/vite": "4.3.5", "tailwindcss": "4.3.5"}
# For the Dockerfile: the lock file, the frozen install command, and the command that runs scripts.
_MANAGERS: Final = {
    "npm": ("package-lock.json", "npm ci", "npm run"),
    "pnpm": ("pnpm-lock.yaml", "npm install -g pnpm && pnpm install --frozen-lockfile", "pnpm run"),
    "yarn": ("yarn.lock", "yarn install --frozen-lockfile", "yarn run"),
    "bun": ("bun.lock", "npm install -g bun && bun install --frozen-lockfile", "bun run"),
    "deno": ("deno.lock", "npm install -g deno && deno install --frozen", "deno task"),
}
MODES: Final = {"inertia": "Inertia", "spa": "React and API", "htmx": "HTMX"}
KITS: Final = ("app", "minimal")
# Of the common files, the other modes have these.
_SHARED: Final = frozenset({"Dockerfile", "_dockerignore", "_gitignore"})
FRAMEWORKS: Final = {"react": "React", "vue": "Vue", "svelte": "Svelte"}
_ENTRIES: Final = {"react": "app.tsx", "vue": "app.ts", "svelte": "app.ts"}


class Choices(Struct, frozen=True):
    """The user's choices.

    Attributes:
        framework: react, vue or svelte.
        mode: inertia, spa (React and an API) or htmx.
        kit: app or minimal. Only Inertia has an app kit, which always uses Tailwind CSS.
        name: The project's name, valid for npm and Python: lower case, digits and "-".
        manager: npm, pnpm, yarn, bun or deno.
        manager_version: The version for packageManager in package.json; "" to leave the field out.
        python_pin: The version specifier of this package in pyproject.toml, for example ">=0.1.0".
        uv_source: The entry in [tool.uv.sources]; None when this package comes from a registry.
    """

    framework: str
    name: str
    tailwind: bool = False
    ssr: bool = True
    manager: str = "npm"
    manager_version: str = ""
    extras: str = "cli"
    python_pin: str = ""
    uv_source: str | None = None
    mode: str = "inertia"
    kit: str = "minimal"

    @property
    def title(self) -> str:
        return self.name.replace("-", " ").capitalize()


def starter_files(choices: Choices) -> dict[str, bytes]:
    """Return the content of each file by its path in the project, sorted by path."""
    lock_file, install, run = _MANAGERS[choices.manager]
    placeholders = {
        "__LOCK_FILE__": lock_file,
        "__NPM_CI__": install,
        "__NPM_RUN__": run,
        "__NAME__": choices.name,
        "__TITLE__": choices.title,
        "__FRAMEWORK__": FRAMEWORKS[choices.framework],
        "__ENTRY__": _ENTRIES[choices.framework],
        "__EXTRAS__": choices.extras,
        "__PYTHON_PIN__": choices.python_pin,
    }
    has_ssr = choices.ssr and choices.mode == "inertia"
    kept = {choices.mode, "ssr" if has_ssr else "no-ssr"} | ({"tailwind"} if choices.tailwind else set())
    files: dict[str, str] = {}
    for part in _parts(choices):
        folder = _TEMPLATES / part
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                name = path.relative_to(folder).as_posix()
                if part == "common" and choices.mode != "inertia" and name not in _SHARED:
                    continue
                # Renamed in this repository, so that git, uv and ruff do not read them.
                name = (f".{name[1:]}" if name.startswith("_") else name).removesuffix(".tmpl")
                files[name] = _rendered(path.read_text("utf-8"), kept, placeholders)
    files["package.json"] = _package_json(files["package.json"], choices)
    if choices.uv_source:
        files["pyproject.toml"] += f"\n[tool.uv.sources]\n{choices.uv_source}\n"
    return {name: files[name].encode() for name in sorted(files)}


def python_packages(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the requirements in a starter's pyproject.toml, without this package."""
    project = tomllib.loads(files["pyproject.toml"].decode())["project"]
    return tuple(name for name in project["dependencies"] if not name.startswith("litestar-vite"))


def _parts(choices: Choices) -> tuple[str, str]:
    """Return the template folders, the common one first."""
    if choices.mode != "inertia":
        return "common", choices.mode
    base = "app/" if choices.kit == "app" else ""
    return f"{base}common", f"{base}{choices.framework}"


def _rendered(text: str, kept: set[str], placeholders: dict[str, str]) -> str:
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if mark := _ONLY.search(line.rstrip("\r\n")):
            if mark["choice"] not in kept:
                continue
            lines.append(line[: mark.start()] + "\n")
        else:
            lines.append(line)
    result = "".join(lines)
    for placeholder, value in placeholders.items():
        result = result.replace(placeholder, value)
    return result


def _package_json(text: str, choices: Choices) -> str:
    package: dict[str, Any] = json.loads(text)
    if choices.tailwind:
        package["devDependencies"] = dict(sorted((package["devDependencies"] | _TAILWIND).items()))
    if choices.manager_version:
        # Records the choice until there is a lock file.
        package["packageManager"] = f"{choices.manager}@{choices.manager_version}"
    if not choices.ssr or choices.mode != "inertia":
        package["scripts"]["build"] = "vite build"
    return json.dumps(package, indent=2) + "\n"
