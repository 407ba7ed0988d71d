"""A project for the dev proxy benchmark: 500 small modules, a Vite that serves them, and apps in front of it.

Two apps use the same Vite: ours, which starts it, and the peer's, which is configured with its address.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from litestar_vite._devserver.state import DevState, running_states

REPOSITORY = Path(__file__).parent.parent
EXAMPLE = REPOSITORY / "examples" / "react-contacts"
MODULES = 500
_START_SECONDS = 90.0

_OURS = """
from pathlib import Path
from litestar import Litestar
from litestar_vite import ViteConfig, VitePlugin

app = Litestar(plugins=[VitePlugin(ViteConfig(root=Path(__file__).parent, dev_mode=True, entry="src/app.js"))])
"""
_PEER = """
import os
from pathlib import Path
from litestar import Litestar
from litestar_vite import PathConfig, RuntimeConfig, ViteConfig, VitePlugin

root = Path(__file__).parent
port = int(os.environ["BENCH_VITE_PORT"])
runtime = RuntimeConfig(dev_mode=True, proxy_mode="vite", start_dev_server=False, port=port)
config = ViteConfig(mode="template", dev_mode=True, paths=PathConfig(root=root), runtime=runtime)
app = Litestar(plugins=[VitePlugin(config=config)])
"""
_VITE_CONFIG = """
import litestar from 'litestar-vite'
export default { plugins: [litestar()], server: { hmr: { overlay: false } } }
"""


@contextmanager
def project() -> Iterator[Path]:
    """Create the project's folder with the packages of the example, which must be installed (`make example`)."""
    with tempfile.TemporaryDirectory(prefix="litestar-vite-bench-") as folder:
        root = Path(folder).resolve()
        (root / "src").mkdir()
        (root / "package.json").write_text('{ "name": "bench", "private": true, "type": "module" }')
        (root / "vite.config.js").write_text(_VITE_CONFIG)
        (root / "ours.py").write_text(_OURS)
        (root / "peers.py").write_text(_PEER)
        (root / "src" / "app.js").write_text("console.log('app')\n")
        for number in range(MODULES):
            body = (
                f"export const value{number} = {number}\n"
                + f"export function work{number}(x) {{ return x + value{number} }}\n" * 20
            )
            (root / "src" / f"module{number}.js").write_text(
                body.replace("function work", "function w") if number % 2 else body[:1200]
            )
        modules = root / "node_modules"
        modules.mkdir()
        for package in (EXAMPLE / "node_modules").iterdir():
            if not package.name.startswith("."):
                (modules / package.name).symlink_to(package)
        yield root


@contextmanager
def served(root: Path, app: str, port: int, python: str = sys.executable, **environment: str) -> Iterator[str]:
    """Serve an app of the project with uvicorn, in the same way for each app, and yield its URL."""
    command = [
        python,
        "-m",
        "uvicorn",
        app,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--log-level",
        "warning",
        "--no-access-log",
    ]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("VITE_", "LITESTAR_"))}
    with (root / f"{app.partition(':')[0]}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=root, env={**clean, **environment}, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for_module(f"{url}/static/src/app.js", process, root / f"{app.partition(':')[0]}.log")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def vite_of(root: Path) -> DevState:
    """Return the dev server started by this project's app."""
    found = [state for state in running_states(root) if state.url is not None]
    assert found, "the app has no dev server"
    return found[0]


def _wait_for_module(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            with urlopen(url, timeout=30) as response:
                if b"app" in response.read():
                    return
        except OSError:
            pass
        assert process.poll() is None, f"the server ended:\n{log.read_text()}"
        assert time.monotonic() < deadline, f"{url} never came:\n{log.read_text()}"
        time.sleep(0.1)
