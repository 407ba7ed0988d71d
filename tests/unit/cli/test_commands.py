"""The commands on a project: through `litestar assets` and through `litestar-vite`, without npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from litestar.cli.main import litestar_group

from litestar_vite._assets.npm_package import companion_files
from litestar_vite._cli.standalone import standalone_group
from litestar_vite._cli.starter import Choices, starter_files
from litestar_vite._typegen.routes import routes_module
from tests.programs import run_program

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

PROGRAMS = {
    "litestar": ["litestar", "assets"],
    "litestar-vite": ["litestar-vite"],
    "python -m": ["python", "-m", "litestar_vite"],
}
ROUTES = {
    "guestbook.destroy": ["/guestbook/{entry_id:int}"],
    "guestbook.index": ["/guestbook"],
    "guestbook.store": ["/guestbook"],
    "home": ["/"],
}
# A package manager that logs its arguments, and copies the build that a test has prepared.
NPM = """#!/bin/sh
echo "$@" >> npm.log
if [ "$1" = run ] && [ -d prepared ]; then cp -r prepared dist; fi
exit ${NPM_EXIT:-0}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    files = starter_files(Choices(framework="react", name="shop"))
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    # As written by `litestar assets routes`.
    (root / "src" / "routes.ts").write_text(routes_module(ROUTES))
    put_vite_into(root)
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in {"npm": NPM, "node": "#!/bin/sh\necho v22.12.0\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return root


def put_vite_into(folder: Path) -> None:
    package = folder / "node_modules" / "vite"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"version": "8.3.8"}')


def hoist(root: Path) -> None:
    """Move all packages to the parent folder, as in a workspace."""
    (root / "node_modules").rename(root.parent / "node_modules")


def plug_and_play(root: Path) -> None:
    """Replace node_modules with a single file at the root of the repository, as Yarn's Plug'n'Play does."""
    shutil.rmtree(root / "node_modules")
    (root.parent / ".pnp.cjs").write_text("")


def call(root: Path, *arguments: str, program: str = "litestar-vite", **variables: str) -> CompletedProcess[str]:
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("VITE_", "LITESTAR_", "FORCE_COLOR"))
    }
    path = os.pathsep.join([str(root.parent / "programs"), "/usr/bin", "/bin"])
    environ = {**own, "PATH": path, "COLUMNS": "300", "NO_COLOR": "1", **variables}
    return run_program([*PROGRAMS[program], *arguments], root, environ)


def prepare_build(root: Path) -> None:
    """Prepare the files that the fake npm's build writes."""
    files = {
        "client/.vite/manifest.json": json.dumps({"src/app.tsx": {"file": "app.js", "isEntry": True}}),
        "ssr/app.js": "",
    }
    for name, text in files.items():
        path = root / "prepared" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_commands_are_the_same_for_each_program(program: str, root: Path) -> None:
    done = call(root, "routes", "--check", program=program)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "up to date" in done.stdout


@pytest.mark.parametrize("command", ["init", "install", "build", "dev", "routes", "status", "doctor"])
def test_each_command_has_help_with_and_without_an_app(command: str) -> None:
    for group, arguments in ((litestar_group, ["assets", command, "--help"]), (standalone_group, [command, "--help"])):
        done = CliRunner().invoke(group, arguments)
        assert done.exit_code == 0, done.output
        assert "Usage" in done.output
        assert "--help" in done.output


def test_install_updates_the_generated_files_and_runs_the_package_manager(root: Path) -> None:
    (root / "src" / "routes.ts").write_text(
        (root / "src" / "routes.ts").read_text().replace("'home': ['/']", "'home': ['/old']")
    )
    done = call(root, "install")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "npm.log").read_text().startswith("install ")
    assert {path.name for path in (root / "vendor/litestar-vite").iterdir()} == set(companion_files())
    assert json.loads((root / ".litestar-vite.json").read_text())["assetUrl"] == "/static/"
    assert "'home': ['/']" in (root / "src" / "routes.ts").read_text()
    assert "litestar assets build" in done.stdout, "the next step is shown"


def test_build_runs_the_script_and_prints_the_result(root: Path) -> None:
    prepare_build(root)
    done = call(root, "build", program="litestar")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "npm.log").read_text() == "run build\n"
    assert "dist/client" in done.stdout
    assert "dist/ssr/app.js" in done.stdout
    assert "npm run typecheck   check types" in done.stdout
    assert "does not exist" not in done.stdout


def test_a_mode_reaches_the_builds_for_the_browser_and_the_server(root: Path) -> None:
    """A package manager would append it to the last command of the script only."""
    prepare_build(root)
    vite = root / "node_modules" / ".bin" / "vite"
    vite.parent.mkdir()
    vite.write_text('#!/bin/sh\necho "$@" >> vite.log\ncp -r prepared/. dist\n')
    vite.chmod(0o755)
    (root / "dist").mkdir()
    done = call(root, "build", "--mode", "staging")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (root / "vite.log").read_text() == "build --mode staging\nbuild --mode staging --ssr\n"
    assert not (root / "npm.log").exists()


@pytest.mark.parametrize(
    ("script", "mode", "words"),
    [
        ("vite build", "local", "--mode is 'local'"),
        ("vite build", "a; rm -rf b", "--mode is 'a; rm -rf b'"),
        ("npm run build:client", "staging", "must call 'vite build' itself"),
        ("vite build --mode production", "staging", "without --mode"),
    ],
)
def test_a_mode_that_cannot_be_added_to_the_script_is_refused(root: Path, script: str, mode: str, words: str) -> None:
    (root / "package.json").write_text(json.dumps({"scripts": {"build": script}}))
    done = call(root, "build", "--mode", mode)
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_build_names_page_components_without_a_file(root: Path) -> None:
    prepare_build(root)
    (root / "src/pages/Home.tsx").rename(root / "src/pages/House.tsx")
    done = call(root, "build", program="litestar")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "renders 'Home', but this page component does not exist" in done.stdout
    assert "Did you mean 'House'?" in done.stdout


def test_build_suggests_the_package_managers_type_check_command(root: Path) -> None:
    prepare_build(root)
    (root / "deno.lock").touch()
    (root.parent / "programs" / "npm").rename(root.parent / "programs" / "deno")
    (root.parent / "programs" / "deno").write_text("#!/bin/sh\ncp -r prepared dist\n")
    assert "deno task typecheck" in call(root, "build").stdout


def test_build_names_the_folder_of_the_type_check_script(root: Path) -> None:
    prepare_build(root)
    (root / "web").mkdir()
    for name in ("package.json", "index.html", "src", "node_modules", "prepared"):
        (root / name).rename(root / "web" / name)
    (root / "app.py").write_text((root / "app.py").read_text().replace("root=HERE,", "root=HERE / 'web',"))
    done = call(root, "build")
    assert "npm run typecheck   check types, which the build skips (in 'web')" in done.stdout, done.stdout + done.stderr


def test_build_does_not_suggest_a_missing_script(root: Path) -> None:
    prepare_build(root)
    (root / "package.json").write_text('{"scripts": {"build": "vite build"}}')
    done = call(root, "build")
    assert "litestar run" in done.stdout
    assert "typecheck" not in done.stdout


def test_a_build_in_another_folder_fails(root: Path) -> None:
    done = call(root, "build")
    assert done.returncode == 1
    assert "The build wrote no manifest" in done.stderr
    assert "litestar()" in done.stderr


def test_a_failed_build_shows_the_programs_output_without_a_traceback(root: Path) -> None:
    (root.parent / "programs" / "npm").write_text("#!/bin/sh\necho 'src/pages/Home.tsx: Unexpected token'\nexit 7\n")
    done = call(root, "build")
    assert done.returncode == 1
    assert "Unexpected token" in done.stderr
    assert "exit code 7" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("command", "spoil", "words"),
    [
        (
            "build",
            lambda root: shutil.rmtree(root / "node_modules"),
            ["not installed", "or a parent folder", "litestar assets install"],
        ),
        (
            "dev",
            lambda root: shutil.rmtree(root / "node_modules"),
            ["not installed", "or a parent folder", "litestar assets install"],
        ),
        (
            "build",
            lambda root: shutil.rmtree(root / "node_modules" / "vite"),
            ["no node_modules/vite", "litestar assets install"],
        ),
        ("install", lambda root: (root / "package.json").unlink(), ["No package.json", "litestar-vite init"]),
        (
            "build",
            lambda root: (root / "package.json").write_text('{"scripts": {}}'),
            ["no script 'build'", "vite build --ssr"],
        ),
        (
            "install",
            lambda root: (root / "app.py").write_text("import nowhere_to_be_found\n"),
            ["cannot be imported", "nowhere_to_be_found"],
        ),
        ("routes", lambda root: (root / "app.py").unlink(), ["No app was found to read the routes from"]),
        (
            "install",
            lambda root: (root / "app.py").write_text("from litestar import Litestar\napp = Litestar()\n"),
            ["does not use VitePlugin", "plugins=["],
        ),
    ],
)
def test_an_error_is_a_message_with_a_suggestion(command: str, spoil, words: list[str], root: Path) -> None:
    spoil(root)
    done = call(root, command)
    assert done.returncode == 1
    text = " ".join(done.stderr.replace("│", "").split())
    for word in words:
        assert word in text, done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("text", ["{", "[]", "\xff"], ids=["half", "a list", "latin 1"])
def test_every_command_reports_an_invalid_package_json(text: str, root: Path) -> None:
    (root / "package.json").write_bytes(text.encode("latin-1"))
    for command in ("build", "dev", "install", "status"):
        done = call(root, command)
        said = done.stdout + done.stderr
        assert "package.json cannot be read: " in said, said
        assert "Traceback" not in said
        assert done.returncode == (0 if command == "status" else 1)


@pytest.mark.parametrize("install", [hoist, plug_and_play])
def test_every_command_finds_packages_in_a_parent_folder_or_plug_and_play(
    install: Callable[[Path], None], root: Path
) -> None:
    install(root)
    prepare_build(root)
    # `dev` executes `python -m litestar`, which imports from this folder first.
    (root / "litestar.py").write_text("raise SystemExit('served')")
    dev = call(root, "dev")
    assert "served" in dev.stderr, dev.stdout + dev.stderr
    (root / "litestar.py").unlink()
    build = call(root, "build")
    assert build.returncode == 0, build.stdout + build.stderr
    assert "installed" in (status := call(root, "status").stdout)
    assert "not installed" not in status
    found = call(root, "doctor").stdout
    assert "not-installed" not in found
    assert "no-vite" not in found


def test_a_missing_package_manager_is_named(root: Path) -> None:
    (root / "pnpm-lock.yaml").write_text("")
    done = call(root, "install")
    assert done.returncode == 1
    assert "pnpm is not in PATH" in done.stderr
    assert "delete pnpm-lock.yaml" in done.stderr, "only init has the flag --package-manager"


def test_the_doctor_explains_an_app_that_cannot_be_imported(root: Path) -> None:
    (root / "app.py").write_text("def home(:\n")
    done = call(root, "doctor")
    assert done.returncode == 1
    assert "app-import" in done.stdout
    assert "app.py, line 1" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_status_shows_what_exists_and_what_is_missing(root: Path) -> None:
    done = call(root, "status")
    assert done.returncode == 0, done.stderr
    for words in ("app:app", "v22.12.0", "not built", "on, but not built", str(root)):
        assert words in done.stdout


def test_outdated_routes_fail_the_check_and_are_not_written(root: Path) -> None:
    path = root / "src" / "routes.ts"
    path.write_text("old")
    done = call(root, "routes", "--check")
    assert done.returncode == 1
    assert path.read_text() == "old"
    assert call(root, "routes").returncode == 0
    assert "guestbook.store" in path.read_text()


def test_without_its_dependencies_the_command_line_names_the_extra(tmp_path: Path) -> None:
    code = "import sys; sys.modules['rich_click'] = None\nfrom litestar_vite._cli.main import main\nmain()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "pip install 'litestar-vite[cli]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_app_does_not_import_the_command_line() -> None:
    code = (
        "import sys\nimport litestar_vite, litestar_vite.inertia\n"
        "from litestar_vite import ViteConfig, VitePlugin\nVitePlugin(ViteConfig(inertia=litestar_vite.inertia.InertiaConfig()))\n"
        "print(*[name for name in sys.modules if name.split('.')[0] in {'click', 'rich', 'rich_click'} or name.startswith('litestar_vite._cli')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.split() == []
