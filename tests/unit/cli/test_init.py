"""`litestar-vite init`: the files it writes, and the cases it refuses."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import tomllib
import zipfile
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from litestar_vite._assets.npm_package import companion_files
from litestar_vite._cli import python_environment
from litestar_vite._cli.package_wheel import wheel_name
from litestar_vite._cli.programs import typed
from litestar_vite._cli.python_environment import origin_of_package
from litestar_vite._cli.standalone import standalone_group
from litestar_vite._cli.starter import FRAMEWORKS
from litestar_vite._toolchain.package_manager import find_package_manager

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # Errors are framed to the width of the terminal, and must not be wrapped here.
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path


def init(*arguments: str, answer: str | None = None) -> Result:
    """Create a project, by default with the minimal kit."""
    kit = [] if "--kit" in arguments or "--mode" in arguments else ["--kit", "minimal"]
    return CliRunner().invoke(standalone_group, ["init", "--no-install", *kit, *arguments], input=answer)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_empty_folder_becomes_a_project_with_the_npm_package(folder: Path) -> None:
    result = init("--vue", "--name", "shop")
    assert result.exit_code == 0, result.output
    assert "litestar run" in result.output
    package = json.loads((folder / "package.json").read_text("utf-8"))
    assert (package["name"], package["devDependencies"]["litestar-vite"]) == ("shop", "file:vendor/litestar-vite")
    assert contents(folder / "vendor" / "litestar-vite") == companion_files()
    assert json.loads((folder / ".litestar-vite.json").read_text("utf-8"))["bundleDir"] == "dist/client"
    assert (folder / "src" / "pages" / "Home.vue").is_file()


def test_a_chosen_package_manager_is_the_projects_before_there_is_a_lock_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_each_project_gets_a_lasting_secret_that_git_ignores(folder: Path) -> None:
    init("--react", "one")
    init("--react", "two")
    one, two = ((folder / name / ".secret-key").read_text("utf-8") for name in ("one", "two"))
    assert len(one) > 40
    assert one != two
    assert ".secret-key" in (folder / "one" / ".gitignore").read_text("utf-8").split()
    init("--react", "one", "--force")
    assert (folder / "one" / ".secret-key").read_text("utf-8") == one


def test_a_named_folder_is_created_and_the_next_step_enters_it(folder: Path) -> None:
    result = init("--react", "shop")
    assert (folder / "shop" / "app.py").is_file()
    assert "cd shop" in result.output


def steps(result: Result) -> list[str]:
    """Return the commands of the next steps, without their descriptions."""
    assert result.exit_code == 0, result.output
    lines = result.output.partition("Next:")[2].splitlines()
    return [line.strip().partition("   ")[0] for line in lines if line.strip()]


def programs(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Run outside any virtual environment, with only these programs in PATH."""
    path = folder / "programs"
    path.mkdir()
    for name in names:
        (path / name).symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(path))
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("UV", raising=False)


SHOP = "my shop (it's new)"


def test_without_an_install_the_next_steps_are_all_that_uv_needs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(folder, monkeypatch, "uv")
    assert steps(init("--react", SHOP)) == [
        f"cd {shlex.quote(SHOP)}",
        "uv sync",
        "uv run litestar assets install",
        "uv run litestar assets build",
        "uv run litestar run --reload",
        "uv run pytest",
    ]


def test_without_uv_the_next_steps_make_an_environment_and_install_into_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(folder, monkeypatch, "python3")
    monkeypatch.setenv("COLUMNS", "60")
    cd, make, install, *others = steps(init("--react", SHOP))
    assert cd == f"cd {shlex.quote(SHOP)}"
    assert make == "python3 -m venv .venv"
    words = shlex.split(install)
    assert words[:4] == [".venv/bin/python", "-m", "pip", "install"], "one line, even in a narrow terminal"
    requirement = f"litestar-vite[cli] @ {(folder / SHOP / 'vendor' / wheel_name()).as_uri()}"
    assert words[4:] == [requirement, "uvicorn[standard]>=0.30", "pytest>=8.4", "playwright>=1.55"]
    assert others == [
        ".venv/bin/litestar assets install",
        ".venv/bin/litestar assets build",
        ".venv/bin/litestar run --reload",
        ".venv/bin/pytest",
    ]


def test_without_uv_a_relative_folder_gets_its_environment_inside(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Programs run in the project's folder, where a relative "my-app/.venv" would be my-app/my-app/.venv."""
    programs(folder, monkeypatch, "python3")
    for name, text in {"npm": "#!/bin/sh\nexit 0\n", "node": "#!/bin/sh\necho v22.12.0\n"}.items():
        (folder / "programs" / name).write_text(text)
        (folder / "programs" / name).chmod(0o755)
    commands: list[list[str]] = []
    monkeypatch.setattr(python_environment, "run", lambda command, *_, **__: commands.append([*command]))
    result = CliRunner().invoke(standalone_group, ["init", "--react", "my-app"])
    assert result.exit_code == 0, result.output
    environment = folder / "my-app" / ".venv"
    assert commands[0] == [sys.executable, "-m", "venv", str(environment)]
    assert commands[1][0] == str(environment / "bin" / "python")
    assert "cd my-app" in result.output


def test_the_next_steps_are_commands_that_a_shell_takes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands create an environment, and pip gets its requirements unchanged."""
    programs(folder, monkeypatch, "python3")
    cd, make, install, *_ = steps(init("--react", SHOP))
    done = subprocess.run(
        ["/bin/sh", "-ec", f"{cd}\n{make} --without-pip\necho {install}"], capture_output=True, text=True, check=True
    )
    assert (folder / SHOP / ".venv" / "bin" / "python").exists()
    assert "pip install litestar-vite[cli]" in done.stdout
    assert [path.name for path in folder.iterdir() if path.is_file()] == [], "'>=' must not redirect the output"


def test_a_python_outside_path_is_shown_with_its_full_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(folder, monkeypatch)
    (folder / "programs" / "python3").symlink_to("/bin/sh")
    assert steps(init("--react", "shop"))[1] == shlex.join([sys.executable, "-m", "venv", ".venv"])


def test_an_existing_environment_is_reused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs(folder, monkeypatch, "python3")
    program = folder / "shop" / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.touch()
    assert steps(init("--react", "shop"))[1].startswith(".venv/bin/python -m pip install ")


@pytest.mark.parametrize(("uv", "command"), [(True, "uv pip install"), (False, "python -m pip install")])
def test_missing_packages_are_installed_into_the_active_environment(
    uv: bool, command: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(folder, monkeypatch, *(["uv"] if uv else []))
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    rest = ["litestar assets install", "litestar assets build", "litestar run --reload", "pytest"]
    assert steps(init("--react", "shop")) == ["cd shop", *rest], "nothing is missing"
    monkeypatch.setattr(python_environment, "_TOOLS", ("uvicorn[standard]>=0.30", "not-there>=1"))
    assert steps(init("--react", "other")) == ["cd other", f"{command} 'not-there>=1'", *rest]


def test_a_project_that_comes_from_a_clone_knows_only_its_own_folder(folder: Path) -> None:
    origin = origin_of_package()
    assert origin.folder is not None, "the tests run from a clone"
    init("--react", "shop")
    pyproject = (folder / "shop" / "pyproject.toml").read_text("utf-8")
    wheel = folder / "shop" / tomllib.loads(pyproject)["tool"]["uv"]["sources"]["litestar-vite"]["path"]
    assert wheel.is_relative_to(folder / "shop" / "vendor")
    for name, content in contents(folder / "shop").items():
        assert name.endswith(".whl") or str(origin.folder).encode() not in content, name
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        record = {
            line.split(",")[0] for line in archive.read(next(n for n in names if n.endswith("RECORD"))).decode().split()
        }
    assert {"litestar_vite/plugin.py", "litestar_vite/js/worker.mjs"} <= names
    assert record == names
    assert not any("__pycache__" in name for name in names)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_app_kit_is_the_default_and_installs_what_it_needs(
    framework: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs(folder, monkeypatch, "python3")
    result = CliRunner().invoke(standalone_group, ["init", "--no-install", f"--{framework}", "shop"])
    assert (folder / "shop" / "backend" / "models.py").is_file()
    install = next(line for line in steps(result) if "pip install" in line)
    assert "'advanced-alchemy>=" in install
    assert "'pytest>=" in install


@pytest.mark.parametrize("mode", ["spa", "htmx"])
def test_other_modes_have_no_kits(mode: str, folder: Path) -> None:
    result = init("--mode", mode, "--kit", "app", "shop")
    assert result.exit_code == 1
    assert f"The {mode} starter does not have an app kit. Omit --kit." in result.output
    assert not (folder / "shop").exists()


@pytest.mark.parametrize(
    ("word", "posix", "windows"),
    [
        ("shop", "shop", "shop"),
        ("my shop", "'my shop'", '"my shop"'),
        ("pytest>=8.4", "'pytest>=8.4'", '"pytest>=8.4"'),
        ("sub\\shop", "'sub\\shop'", "sub\\shop"),
    ],
)
def test_arguments_are_quoted_for_the_systems_shell(word: str, posix: str, windows: str) -> None:
    assert typed(["cd", word], windows=False) == f"cd {posix}"
    assert typed(["cd", word], windows=True) == f"cd {windows}"


def test_a_file_with_different_content_is_named_and_nothing_is_written(folder: Path) -> None:
    (folder / "app.py").write_text("mine = True\n")
    result = init("--react")
    assert result.exit_code == 1
    assert "app.py" in result.output
    assert "--force" in result.output
    assert "-1 lines" in result.output
    assert contents(folder) == {"app.py": b"mine = True\n"}, "nothing else was written either"


def test_force_overwrites_only_the_starters_files(folder: Path) -> None:
    (folder / "app.py").write_text("mine = True\n")
    (folder / "notes.txt").write_text("keep me")
    assert init("--react", "--force").exit_code == 0
    assert b"VitePlugin" in (folder / "app.py").read_bytes()
    assert (folder / "notes.txt").read_text() == "keep me"


def test_a_second_run_changes_nothing_without_a_conflict(folder: Path) -> None:
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


def test_an_unwritable_folder_is_reported_without_a_traceback(folder: Path) -> None:
    (folder / "file").write_text("")
    result = init("--react", "file/below")
    assert result.exit_code == 1
    assert "Check that the path exists and that you may read and write it" in " ".join(
        result.output.replace("│", " ").split()
    )
