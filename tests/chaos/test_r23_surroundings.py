"""R23: a server starts and serves pages in restricted environments: full or read-only disks, no shared memory, no home.

R18, second half: containers with different builds share /tmp, paths and process ids.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from tests.chaos import profile
from tests.chaos.namespaces import HOME, are_available, inside
from tests.chaos.processes import REPOSITORY, AppServer
from tests.chaos.profile import servers_for
from tests.chaos.results import Check, Row
from tests.chaos.stage import BUNDLE
from tests.support import make_site

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.chaos.stage import Stage

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.skipif(profile.SUBJECT == "peer", reason="only our start-up is tested"),
    pytest.mark.skipif(not are_available(), reason="needs root on Linux, for private mounts"),
]

_RENDERED_SECONDS = 20.0
READ_ONLY = "mount -o remount,bind,ro /"
NO_SHARED_MEMORY = "mount -t tmpfs -o size=4k,mode=000,ro tmpfs /dev/shm"
NO_SOURCES = f"mount --bind {REPOSITORY} {REPOSITORY}; mount -o remount,bind,ro {REPOSITORY}"


def full(folder: str) -> str:
    """Return shell commands that mount a disk of 64 KiB and fill it."""
    return (
        f"mount -t tmpfs -o size=64k,mode=1777 tmpfs {folder}; "
        f"dd if=/dev/zero of={folder}/full bs=1k count=1024 2>/dev/null || true"
    )


class Surroundings(NamedTuple):
    """The environment of a server: private mounts (shell commands), variables that replace ours, and a user id."""

    mounts: tuple[str, ...] = ()
    environment: dict[str, str] | None = None
    run_as: int | None = None


# PYTHONPATH stays, because mutation tests use it to put a changed copy of the package first.
PATH: Final = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
NOWHERE: Final = {"HOME": "/nowhere", "XDG_RUNTIME_DIR": "/nowhere/run", "TMPDIR": "/nowhere/tmp"}
SURROUNDINGS: Final = {
    "no /dev/shm": Surroundings((NO_SHARED_MEMORY,)),
    "full /dev/shm": Surroundings((full("/dev/shm"),)),
    "full /tmp": Surroundings((full("/tmp"),)),
    "all disks full": Surroundings((NO_SOURCES, *map(full, ("/tmp", "/var/tmp", "/run")))),
    "read-only project": Surroundings((f"mount -o remount,bind,ro {HOME}",)),
    "all disks read-only": Surroundings((READ_ONLY,)),
    "nothing can be written": Surroundings((NO_SHARED_MEMORY, READ_ONLY)),
    "no HOME, no XDG folders": Surroundings(environment=PATH),
    "folders that do not exist": Surroundings(environment={**PATH, **NOWHERE}),
    "a user without a name": Surroundings(
        environment={**PATH, "HOME": "/", "XDG_RUNTIME_DIR": "/run/user/0"}, run_as=54_321
    ),
}
# Workers need a socket, and the socket needs a writable folder.
UNRENDERED: Final = {"nothing can be written"}


def ask(port: int, path: str, cookie: str = "") -> tuple[str, str]:
    """Return the head and body of the response."""
    with socket.create_connection(("127.0.0.1", port), timeout=30.0) as client:
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nCookie: {cookie}\r\n\r\n"
        client.sendall(head.encode())
        data = b""
        while piece := client.recv(65_536):
            data += piece
    head, _, body = data.decode().partition("\r\n\r\n")
    return head, body


@contextmanager
def serving(
    kind: str,
    folder: Path,
    prefix: Sequence[str],
    environment: dict[str, str] | None = None,
) -> Iterator[AppServer]:
    options = {"subject": "ours", "root": HOME, "ssr": {"workers": 1, "start_timeout_seconds": 10.0}}
    server = AppServer(kind, options, folder, prefix=prefix, environment=environment)
    try:
        yield server
    finally:
        server.stop()


def until_rendered(server: AppServer, mark: str) -> str:
    """Request a page until it contains the mark of a rendered page, or time is up. Returns the last page."""
    until = time.monotonic() + _RENDERED_SECONDS
    while True:
        head, body = ask(server.port, "/page/ada")
        assert head.startswith("HTTP/1.1 200"), head
        if mark in body or time.monotonic() > until:
            return body
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("name", "server"), [(name, kind) for number, name in enumerate(SURROUNDINGS) for kind in servers_for(number)]
)
def test_a_server_starts_and_serves_pages(stage: Stage, tmp_path: Path, server: str, name: str) -> None:
    about = SURROUNDINGS[name]
    prefix = inside(_site(tmp_path, "A"), about.mounts, run_as=about.run_as)

    def run(row: Row) -> None:
        with serving(server, tmp_path, prefix, about.environment) as app:
            page = ask(app.port, "/page/ada")[1] if name in UNRENDERED else until_rendered(app, "data-build")
            head, _ = ask(app.port, "/flash")
            cookies = [
                line.partition(": ")[2].partition(";")[0] for line in head.splitlines() if "inertia_carry" in line
            ]
            _, shown = ask(app.port, "/page/ada", "; ".join(cookies))
            log = app.log
        row.answers = 3
        row.notes.append(f"{'rendered' if 'data-build' in page else 'in the browser'}, {log.count(chr(10))} log lines")
        row.checks += [
            Check("the page is complete", "</html>" in page and "ada" in page),
            Check("the page is rendered", "data-build" in page or name in UNRENDERED),
            Check("a flash message arrives", "Saved" in shown),
            Check("no traceback", "Traceback" not in log),
            Check("no message is repeated", log.count("\n") < 40),
            Check(
                "the log says why pages are rendered in the browser",
                "data-build" in page or "rendered in the browser" in log,
            ),
        ]
        if not all(check.passed for check in row.checks):
            row.notes.append(log[-3000:])

    stage.measure("R23", server, name, 1, run)


@pytest.mark.parametrize("server", servers_for(0))
def test_containers_with_one_tmp_never_use_each_others_workers(stage: Stage, tmp_path: Path, server: str) -> None:
    shared = tmp_path / "tmp"
    shared.mkdir(mode=0o1777)
    mounts = [f"mount --bind '{shared}' /tmp"]
    sites = {build: _site(tmp_path / build, build) for build in ("A", "B")}

    def run(row: Row) -> None:
        mixed = 0
        with (
            serving(server, tmp_path, inside(sites["A"], mounts, own_pids=True), PATH) as a,
            serving(server, tmp_path, inside(sites["B"], mounts, own_pids=True), PATH) as b,
        ):
            pages = {"A": until_rendered(a, 'data-build="A"'), "B": until_rendered(b, 'data-build="B"')}
            for _ in range(50):
                for build, app in (("A", a), ("B", b)):
                    mixed += f'data-build="{build}"' not in ask(app.port, "/page/ada")[1]
            pids = [app.app_pid for app in (a, b)]
            a.stop()
            # The folder of a stopped container has lost its owner; the other container must continue to render.
            for _ in range(20):
                mixed += 'data-build="B"' not in ask(b.port, "/page/ada")[1]
            log = a.log + b.log
        row.answers, row.ssr = 120, 120 - mixed
        row.notes.append(f"process ids {pids}")
        row.checks += [
            Check("both are rendered", all(f'data-build="{build}"' in page for build, page in pages.items())),
            Check(f"pages of the wrong build: {mixed}", mixed == 0),
            Check("the same process ids", pids[0] == pids[1]),
            Check("no traceback", "Traceback" not in log),
        ]

    stage.measure("R18", server, "two containers with one /tmp", 1, run)


def _site(folder: Path, build: str) -> Path:
    """Make a project with the name of the build in its pages. Other users may read it."""
    folder.mkdir(exist_ok=True)
    site = make_site(folder / "site") if (folder / "site").is_dir() else make_site(_made(folder / "site"))
    ssr = site / "dist" / "ssr"
    ssr.mkdir()
    # Without the pages that break their worker: those would add seconds to the warm-up.
    lines = [line for line in BUNDLE.read_text().splitlines() if "if (page.component" not in line]
    (ssr / "ssr.mjs").write_text("\n".join(lines).replace("<h1 ", f'<h1 data-build="{build}" '))
    return site


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o755)
    return folder
