"""What the checks look at, gathered once; and what they find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from litestar_vite.routes import page_routes
from litestar_vite.toolchain.package_json import read_package
from litestar_vite.toolchain.packages import find_package

if TYPE_CHECKING:
    from collections.abc import Iterator

    from litestar import Litestar

    from litestar_vite.config import ResolvedConfig
    from litestar_vite.toolchain.vite import ViteFacts

__all__ = ("Diagnosis", "Finding")


class Finding(Struct, frozen=True):
    """One mistake.

    Attributes:
        name: Its short name, as docs/cli.md lists it.
        problem: What is wrong, in a sentence.
        remedy: What to do.
        is_fatal: Nothing works with it; otherwise it is a warning.
        fix: Mends it and returns what was done; None where only the user can decide.
    """

    name: str
    problem: str
    remedy: str
    is_fatal: bool = True
    fix: Callable[[], str] | None = None


class Diagnosis(Struct, frozen=True):
    """The patient.

    Attributes:
        config: The app's settings; the defaults for the working directory when the app has none.
        app: The app, None when there is none, or when it cannot be imported.
        app_error: Why it cannot be imported, None when it can.
        has_plugin: The app uses VitePlugin.
        package: package.json, empty when there is none or when it is broken.
        vite: What Vite says of its config; None when it cannot be asked.
        package_error: Why package.json cannot be read, None when it can or when there is none.
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
        """Names and versions of all npm packages that package.json asks for."""
        return {**_mapping(self.package, "dependencies"), **_mapping(self.package, "devDependencies")}

    def installed_version(self, name: str) -> str | None:
        """Return the version of an installed npm package; None when it is not installed, or when only Yarn finds it."""
        package = find_package(self.root, name)
        return read_package(package).get("version") if package is not None else None

    @property
    def vite_config(self) -> Path | None:
        # In the order in which Vite looks.
        names = (f"vite.config.{extension}" for extension in ("js", "mjs", "ts", "cjs", "mts", "cts"))
        return next((path for name in names if (path := self.root / name).is_file()), None)

    def component_routes(self) -> Iterator[tuple[str, str]]:
        """Yield page component and path of every route that names one."""
        return page_routes(self.app) if self.app else iter(())


def _mapping(package: dict[str, Any], key: str) -> dict[str, str]:
    value: Any = package.get(key)
    return cast("dict[str, str]", value) if isinstance(value, dict) else {}
