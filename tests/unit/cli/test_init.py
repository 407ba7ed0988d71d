"""`litestar-vite init`: what it writes, and what it refuses to."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from litestar_vite.assets.companion import companion_files
from litestar_vite.cli.standalone import standalone_group
from litestar_vite.devserver.executor import find_package_manager

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # The frame around an error is as wide as the terminal; words must not be broken in two.
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path


def init(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(standalone_group, ["init", "--no-install", *arguments], input=answer)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_becomes_a_project_with_the_npm_half_in_it(folder: Path) -> None:
    result = init("--vue", "--name", "shop")
    assert result.exit_code == 0, result.output
    assert "litestar run" in result.output
    package = json.loads((folder / "package.json").read_text("utf-8"))
    assert (package["name"], package["devDependencies"]["litestar-vite"]) == ("shop", "file:vendor/litestar-vite")
    assert contents(folder / "vendor" / "litestar-vite") == companion_files()
    assert json.loads((folder / ".litestar-vite.json").read_text("utf-8"))["bundleDir"] == "dist/client"
    assert (folder / "src" / "pages" / "Home.vue").is_file()


def test_a_chosen_package_manager_is_the_projects_before_there_is_a_lock_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / "pnpm"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 12.3.4\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    init("--react", "shop", "--package-manager", "pnpm")
    assert json.loads((folder / "shop" / "package.json").read_text("utf-8"))["packageManager"] == "pnpm@12.3.4"
    assert find_package_manager(folder / "shop").name == "pnpm"
    init("--react", "other")
    assert "packageManager" not in json.loads((folder / "other" / "package.json").read_text("utf-8"))


def test_each_project_gets_a_secret_of_its_own_that_git_does_not_see_and_that_stays(folder: Path) -> None:
    init("--react", "one")
    init("--react", "two")
    one, two = ((folder / name / ".secret-key").read_text("utf-8") for name in ("one", "two"))
    assert len(one) > 40
    assert one != two
    assert ".secret-key" in (folder / "one" / ".gitignore").read_text("utf-8").split()
    init("--react", "one", "--force")
    assert (folder / "one" / ".secret-key").read_text("utf-8") == one


def test_a_named_folder_is_made_and_the_next_step_leads_into_it(folder: Path) -> None:
    result = init("--react", "shop")
    assert (folder / "shop" / "app.py").is_file()
    assert "cd shop" in result.output


def test_a_file_with_other_content_stops_everything_and_is_named(folder: Path) -> None:
    (folder / "app.py").write_text("mine = True\n")
    result = init("--react")
    assert result.exit_code == 1
    assert "app.py" in result.output
    assert "--force" in result.output
    assert "-1 lines" in result.output
    assert contents(folder) == {"app.py": b"mine = True\n"}, "nothing else was written either"


def test_force_overwrites_and_leaves_what_is_no_part_of_the_starter(folder: Path) -> None:
    (folder / "app.py").write_text("mine = True\n")
    (folder / "notes.txt").write_text("keep me")
    assert init("--react", "--force").exit_code == 0
    assert b"VitePlugin" in (folder / "app.py").read_bytes()
    assert (folder / "notes.txt").read_text() == "keep me"


def test_a_second_time_changes_nothing_and_is_no_conflict(folder: Path) -> None:
    init("--svelte")
    before = contents(folder)
    result = init("--svelte")
    assert result.exit_code == 0, result.output
    assert "0 files written" in result.output
    assert contents(folder) == before


def test_a_dry_run_shows_and_writes_nothing(folder: Path) -> None:
    result = init("--react", "--dry-run")
    assert "src/pages/Home.tsx" in result.output
    assert contents(folder) == {}


def test_without_a_terminal_it_asks_for_a_flag_and_shows_no_traceback(folder: Path) -> None:
    result = init()
    assert result.exit_code == 1
    assert "--react, --vue or --svelte" in result.output
    assert "Traceback" not in result.output
    assert contents(folder) == {}


def test_yes_means_react(folder: Path) -> None:
    assert init("--yes").exit_code == 0
    assert (folder / "src" / "app.tsx").is_file()


def test_a_folder_that_may_not_be_written_is_a_sentence(folder: Path) -> None:
    (folder / "file").write_text("")
    result = init("--react", "file/below")
    assert result.exit_code == 1
    assert "Check that it exists and that you may read and write there" in result.output
