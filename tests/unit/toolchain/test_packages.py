"""The lookup of npm packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from litestar_vite._toolchain.packages import are_packages_installed, find_package
from litestar_vite._toolchain.runtime import Runtime
from litestar_vite._toolchain.vite import vite_command

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A front end in a repository, inside an unrelated folder."""
    root = tmp_path / "repository" / "packages" / "web"
    root.mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    return root


def install(folder: Path) -> Path:
    package = folder / "node_modules" / "vite"
    package.mkdir(parents=True)
    (package / "package.json").write_text("{}")
    return package


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_packages_of_a_folder_above_are_the_projects_up_to_the_repositorys_root(levels: int, root: Path) -> None:
    package = install((root, *root.parents)[levels])
    assert find_package(root, "vite") == package
    assert are_packages_installed(root)


def test_packages_outside_the_repository_and_empty_folders_are_none(root: Path) -> None:
    install(root.parents[2])
    (root.parents[2] / ".pnp.cjs").touch()
    (root / "node_modules").mkdir()
    assert find_package(root, "vite") is None
    assert not are_packages_installed(root)


@pytest.mark.parametrize("levels", [0, 1, 2])
def test_with_plug_and_play_only_yarn_finds_vite(levels: int, root: Path) -> None:
    ((root, *root.parents)[levels] / ".pnp.cjs").touch()
    assert are_packages_installed(root)
    assert find_package(root, "vite") is None
    assert vite_command(root, Runtime("node", "node"), "--x") == ("yarn", "run", "vite", "--x")


def test_what_is_nearer_counts(root: Path) -> None:
    (root.parent / ".pnp.cjs").touch()
    install(root.parents[1])
    assert find_package(root, "vite") is None
    assert vite_command(root, Runtime("node", "node"))[0] == "yarn"
    assert install(root) == find_package(root, "vite")
    assert vite_command(root, Runtime("node", "node"))[0] == "node"
