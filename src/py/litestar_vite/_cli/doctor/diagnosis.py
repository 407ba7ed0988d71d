"""The input of the doctor's checks, read once, and their findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

from litestar import Litestar
from msgspec import Struct

from litestar_vite._routes import named_components, page_routes
from litestar_vite._toolchain.package_json import read_package
from litestar_vite._toolchain.packages import find_package
from litestar_vite._toolchain.vite import ViteFacts
from litestar_vite.config import ResolvedConfig


class Finding(Struct, frozen=True):
    """A problem found by a check.

    Attributes:
        name: The short name, listed in docs/cli.md.
        is_fatal: The app does not work with it. Otherwise it is a warning.
        fix: Fixes the problem and returns what was done; None when only the user can decide.
    """

    name: str
    problem: str
    hint: str
    is_fatal: bool = True
    fix: Callable[[], str] | None = None


class Diagnosis(Struct, frozen=True):
    """The project under examination.

    Attributes:
        config: The app's resolved configuration. Without VitePlugin, the defaults for the working directory.
        app: The app; None when it was not found or cannot be imported.
        app_error: Why the app cannot be imported; None when it can.
        package: The content of package.json; empty when the file is missing or invalid.
        vite: The config that Vite reports; None when Vite cannot run.
        package_error: Why package.json cannot be read; None when it can, or when the file is missing.
    """

    config: ResolvedConfig
    app: Litestar | None = None
    app_error: str | None = None
    has_plugin: bool = True
    package: dict[str, Any] = {}
    package_error: str | None = None
    vite: ViteFacts | None = None

    @property
    def root(self) -> Path:
        return self.config.root

    @property
    def has_package_json(self) -> bool:
        return (self.root / "package.json").is_file()

    @property
    def dependencies(self) -> dict[str, str]:
        """Names and version specifiers of all npm packages in package.json."""
        return {**_mapping(self.package, "dependencies"), **_mapping(self.package, "devDependencies")}

    def installed_version(self, name: str) -> str | None:
        """Return the installed version of an npm package; None when it is not installed or in Yarn's Plug'n'Play."""
        package = find_package(self.root, name)
        return read_package(package).get("version") if package is not None else None

    @property
    def vite_config(self) -> Path | None:
        # In Vite's order of preference.
        names = (f"vite.config.{extension}" for extension in ("js", "mjs", "ts", "cjs", "mts", "cts"))
        return next((path for name in names if (path := self.root / name).is_file()), None)

    def component_routes(self) -> Iterator[tuple[str, str]]:
        """Return the page component and the path of each route that names a component."""
        return page_routes(self.app) if self.app else iter(())

    def named_components(self) -> Iterator[tuple[str, str]]:
        """Return each page component that the app names, with a description of its origin."""
        return named_components(self.app, self.config.inertia) if self.app else iter(())


def _mapping(package: dict[str, Any], key: str) -> dict[str, str]:
    value: Any = package.get(key)
    return cast("dict[str, str]", value) if isinstance(value, dict) else {}
