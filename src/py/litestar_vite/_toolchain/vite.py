"""Runs the project's own Vite as `node node_modules/vite/bin/vite.js`: a single process, without a package manager's
wrapper.

Reads a few small files; call it off the event loop.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from litestar_vite._toolchain.package_json import read_package
from litestar_vite._toolchain.package_manager import find_package_manager
from litestar_vite._toolchain.packages import find_package, has_plug_and_play
from litestar_vite._toolchain.runtime import Runtime
from litestar_vite.config._resolve import without_secrets
from litestar_vite.exceptions import DevServerError

MIN_VITE: Final = (8, 0, 5)
"""The oldest Vite that the npm package supports, from its peerDependencies."""

_VERSION: Final = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_ASK_SECONDS: Final = 60
_ANSWER: Final = "litestar-vite facts: "
# The hook runs before those of the plugins, since the litestar() plugin rejects a base that the app does not serve.
_QUESTION: Final = """
const facts = { isLoaded: false, base: null, plugins: [], error: null }
const flat = async (list) => (await Promise.all(list.map(async (item) => {
  const plugin = await item
  return Array.isArray(plugin) ? flat(plugin) : plugin ? [plugin.name] : []
}))).flat()
const handler = async (config) => {
  Object.assign(facts, { isLoaded: true, base: config.base ?? null, plugins: await flat(config.plugins ?? []) })
}
const plugins = [{ name: "litestar-vite:facts", config: { order: "pre", handler } }]
import("vite")
  .then((vite) => vite.resolveConfig({ plugins, logLevel: "silent" }, "build", "production", "production"))
  .catch((error) => { facts.error = String(error?.message ?? error) })
  .then(() => process.stdout.write("\\n" + process.argv[1] + JSON.stringify(facts) + "\\n", () => process.exit(0)))
"""


class ViteFacts(Struct, frozen=True, rename="camel"):
    """The Vite config of a project, as Vite resolves it for a build.

    Attributes:
        is_loaded: The config file could be loaded.
        base: Its `base`; None if it sets none.
        error: Why the config could not be resolved; None when it could.
    """

    is_loaded: bool
    base: str | None = None
    plugins: list[str] = []
    error: str | None = None


def vite_command(root: Path, runtime: Runtime, *arguments: str, preload: Path | None = None) -> tuple[str, ...]:
    """Return the command that runs the project's own Vite.

    Raises:
        DevServerError: package.json is missing, or Vite is not installed. The message contains the install command.
    """
    if (package := find_package(root, "vite")) is not None:
        binary = read_package(package).get("bin")
        path = binary.get("vite") if isinstance(binary, dict) else binary
        return runtime.command(package / str(path or "bin/vite.js"), *arguments, preload=preload)
    if has_plug_and_play(root):
        return ("yarn", "run", "vite", *arguments)
    if not (root / "package.json").is_file():
        raise DevServerError(f"No package.json in '{root}'. Set ViteConfig.root to the front end's folder.")
    manager = find_package_manager(root)
    raise DevServerError(
        f"Vite is not installed: no node_modules/vite in '{root}' or above. Run there: {' '.join(manager.install)}"
    )


def old_vite(root: Path) -> str | None:
    """Return a message if the installed Vite is too old for the npm package; None otherwise."""
    package = find_package(root, "vite")
    version = str(read_package(package).get("version", "")) if package is not None else ""
    match = _VERSION.match(version)
    if match is None or tuple(map(int, match.groups())) >= MIN_VITE:
        return None
    command = " ".join(find_package_manager(root).add("vite@8", is_dev=True))
    return f"Vite is {version}; litestar-vite needs {'.'.join(map(str, MIN_VITE))} or newer. Run: {command}"


def ask_vite(root: Path, runtime: Runtime, environ: Mapping[str, str]) -> ViteFacts | None:
    """Let the project's own Vite resolve its config, which runs the config file.

    Returns:
        None if Vite cannot run: it is not installed, or the runtime is Deno or does not support it.
    """
    if has_plug_and_play(root):
        command: tuple[str, ...] = ("yarn", "node")
    elif find_package(root, "vite") is not None and runtime.name != "deno":
        command = (runtime.path,)
    else:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - a runtime that was found
            [*command, "-e", _QUESTION, _ANSWER],
            cwd=root,
            env=without_secrets(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_ASK_SECONDS,
            check=False,
        )
        # The config file may print as well.
        return msgspec.json.decode(done.stdout.rpartition(_ANSWER.encode())[2], type=ViteFacts)
    except (OSError, subprocess.TimeoutExpired, msgspec.DecodeError):
        return None
