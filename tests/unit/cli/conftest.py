"""A healthy project for the doctor, created without npm, for tests to break."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, get
from litestar.config.csrf import CSRFConfig

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite._assets.bridge import write_bridge
from litestar_vite._assets.npm_package import sync_companion
from litestar_vite._cli.doctor.run import diagnose, run_checks
from litestar_vite._cli.starter import Choices, starter_files
from litestar_vite.inertia import InertiaConfig, SSRConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from litestar_vite._cli.doctor.diagnosis import Finding

# Older than every source. Tests give builds this age to make them outdated.
LONG_AGO = 1_000_000_000


class FakeProject:
    """A project and its app, checked by the doctor."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.inertia: dict[str, Any] = {"ssr": SSRConfig(), "secret": "a secret of the test"}
        self.vite: dict[str, Any] = {}
        self.options: dict[str, Any] = {"csrf_config": CSRFConfig(secret="s")}
        self.component = "Home"
        self.load: Callable[[], Litestar | None] = self.app
        self.node = "v20.20.2"
        # The facts that the project's Vite reports about its config.
        self.facts: dict[str, Any] = {
            "isLoaded": True,
            "plugins": ["litestar-vite", "vite:react-babel", "@inertiajs/vite"],
        }

    def app(self) -> Litestar:
        @get("/", component=self.component, name="home")
        async def home() -> dict[str, Any]:
            return {}

        inertia = None if self.inertia is None else InertiaConfig(**self.inertia)
        plugin = VitePlugin(ViteConfig(root=self.root, inertia=inertia, **self.vite))
        options = {"plugins": [plugin], "route_handlers": [home], **self.options}
        options = {"logging_config": None, "openapi_config": None, **options}
        return Litestar(**options)

    def findings(self) -> list[Finding]:
        """Run the checks with a PATH that contains only npm and, if set, a fake Node that also reports for Vite."""
        folder = self.root / ".programs"
        folder.mkdir(exist_ok=True)
        if self.node:
            program = folder / "node"
            (folder / "facts").write_text(f"what the config prints\nlitestar-vite facts: {json.dumps(self.facts)}\n")
            program.write_text(
                f'#!/bin/sh\n[ $1 = --version ] && echo {self.node} && exit\nwhile read -r line; do echo "$line"; done < {folder}/facts\n'
            )
            program.chmod(program.stat().st_mode | stat.S_IEXEC)
        (folder / "npm").write_text("#!/bin/sh\n")
        (folder / "npm").chmod(0o755)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", str(folder))
            return run_checks(diagnose(self.load, self.root, {}))

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def edit_package(self, change: Callable[[dict[str, Any]], object]) -> None:
        package = json.loads((self.root / "package.json").read_text("utf-8"))
        change(package)
        self.write("package.json", json.dumps(package))

    def install(self, name: str, version: str) -> None:
        self.write(f"node_modules/{name}/package.json", json.dumps({"name": name, "version": version}))


@pytest.fixture
def project(tmp_path: Path) -> FakeProject:
    root = tmp_path / "project"
    for name, content in starter_files(Choices(framework="react", name="project")).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (LONG_AGO, LONG_AGO))
    project = FakeProject(root)
    project.write("package-lock.json", "{}")
    for name, version in {"vite": "8.3.8", "@inertiajs/react": "3.7.1", "@inertiajs/vite": "3.7.1"}.items():
        project.install(name, version)
    sync_companion(root)
    write_bridge(project.app().plugins.get(VitePlugin).config)
    manifest = {"src/app.tsx": {"file": "assets/app-a1.js", "src": "src/app.tsx", "isEntry": True}}
    project.write("dist/client/.vite/manifest.json", json.dumps(manifest))
    project.write("dist/client/assets/app-a1.js", "")
    project.write("dist/ssr/app.js", "")
    return project
