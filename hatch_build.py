"""Build hooks of the distribution: the npm companion and the README for PyPI. See docs/design/0031-packaging.md."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

LINK = re.compile(r"(?P<before>\]\(|<img src=\")(?![a-z]+:|#)(?P<path>[^)\s\"]+)")
IMAGES = (".png", ".svg")


class CompanionHook(BuildHookInterface[Any]):
    """Build src/js into the Python package when its built files are missing or older than their sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - the interface of hatchling
        """Leave editable installs alone: `make js` builds for them. An sdist (with PKG-INFO) holds the built files."""
        root = Path(self.root)
        if version == "editable" or (root / "PKG-INFO").is_file() or is_current(root):
            return
        npm = shutil.which("npm")
        if npm is None or shutil.which("node") is None:
            sys.exit(f"litestar-vite: {reason(root)}: install Node.js 20.19 or newer with npm, which builds them.")
        for arguments in (["ci", "--no-audit", "--no-fund", "--loglevel=error"], ["run", "--silent", "build"]):
            run([npm, *arguments], root / "src" / "js")
        if not all(file.is_file() for file in built(root)):
            sys.exit(
                f"litestar-vite: {reason(root)} although 'npm run build' succeeded: correct the list in hatch_build.py."
            )


class ReadmeHook(MetadataHookInterface):
    """Give PyPI the README with absolute links: relative ones lead nowhere there."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Set `readme`. Links lead to the tag of this version in the repository that [project.urls] names."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        base = metadata["urls"]["Repository"]
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": LINK.sub(lambda link: absolute(link, base, f"v{metadata['version']}"), text),
        }


def absolute(link: re.Match[str], base: str, tag: str) -> str:
    path = link["path"]
    view = "raw" if path.endswith(IMAGES) else "blob"
    return f"{link['before']}{base}/{view}/{tag}/{path}"


def sources(root: Path) -> list[Path]:
    js = root / "src" / "js"
    return [
        *(js / "src").rglob("*.ts"),
        *(js / name for name in ("package.json", "package-lock.json", "tsdown.config.ts")),
    ]


def built(root: Path) -> list[Path]:
    """Return the files that every build writes. worker.mjs comes first: the package cannot render without it."""
    folder = root / "src" / "py" / "litestar_vite" / "js"
    modules = ("index", "route", "pages", "types", "csp", "react", "vue", "svelte")
    names = [
        "worker.mjs",
        "guard.mjs",
        "browser.js",
        "package.json",
        *(f"{name}{end}" for name in modules for end in (".js", ".d.ts")),
    ]
    return [folder / name for name in names]


def is_current(root: Path) -> bool:
    files = built(root)
    if not all(file.is_file() for file in files):
        return False
    return min(file.stat().st_mtime for file in files) >= max(file.stat().st_mtime for file in sources(root))


def reason(root: Path) -> str:
    missing = [file.name for file in built(root) if not file.is_file()]
    if missing:
        return f"the JavaScript files of the package are not built (no src/py/litestar_vite/js/{missing[0]})"
    return "the JavaScript files in src/py/litestar_vite/js are older than their sources in src/js"


def run(command: list[str], folder: Path) -> None:
    """Run a command without output. When it fails, print its output and end the build."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603 - npm from PATH
    if done.returncode != 0:
        sys.stderr.write(done.stdout + done.stderr)
        sys.exit(f"litestar-vite: 'npm {' '.join(command[1:])}' failed in src/js; its output is above.")
