"""Generated files: written atomically, only on changes, and with the same bytes on each run."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from litestar_vite._typegen.files import is_current, write_if_changed
from litestar_vite._typegen.sources import Sources

APP = """
from typing import Any, Literal

from litestar import Litestar, get
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, flash


class Item(Struct):
    kind: Literal["b", "a", "c"]
    tags: set[str]


@get("/", component="B")
async def b() -> dict[str, Any]:
    return {"items": [Item("a", set())]}


@get("/a", component="A", name="z")
async def a(z: int = 1, y: int = 2) -> dict[str, Any]:
    return {"item": Item("a", set())}


vite = VitePlugin(ViteConfig(inertia=InertiaConfig(share={"s": 1, "r": "x"}), inert=True))
app = Litestar([b, a], plugins=[vite], openapi_config=None)
"""


def test_only_a_change_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file.ts"
    assert write_if_changed(path, "one\n")
    before = path.stat().st_mtime_ns
    assert not write_if_changed(path, "one\n")
    assert path.stat().st_mtime_ns == before
    assert write_if_changed(path, "two\n")
    assert path.read_text() == "two\n"
    assert [each.name for each in path.parent.iterdir()] == ["file.ts"]


def test_windows_line_ends_are_no_change(tmp_path: Path) -> None:
    path = tmp_path / "file.ts"
    path.write_bytes(b"one\r\ntwo\r\n")
    assert is_current(path, "one\ntwo\n")


def test_a_reader_sees_a_whole_file_while_two_write(tmp_path: Path) -> None:
    path = tmp_path / "file.ts"
    texts = [letter * 200_000 for letter in "ab"]
    write_if_changed(path, texts[0])

    def write(text: str) -> None:
        for _ in range(30):
            write_if_changed(path, text)

    writers = [threading.Thread(target=write, args=(text,)) for text in texts]
    for writer in writers:
        writer.start()
    seen = set()
    while any(writer.is_alive() for writer in writers):
        seen.add(path.read_text())
    assert seen <= set(texts)
    assert [each.name for each in tmp_path.iterdir()] == ["file.ts"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="Permission"):
        write_if_changed(tmp_path / "file.ts", "one")


def test_a_broken_source_file_has_no_functions(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("def (:")
    assert Sources().calls(str(broken)) == []


@pytest.mark.slow
def test_the_same_bytes_with_any_hash_seed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, "utf-8")
    (tmp_path / "package.json").write_text("{}")
    command = [sys.executable, "-m", "litestar", "--app", "app:app", "assets", "types"]
    seen = set()
    for seed in ("0", "1", "2", "3"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
        folder = tmp_path / "src" / "generated"
        seen.add(tuple((path.name, path.read_bytes()) for path in sorted(folder.iterdir())))
        for path in folder.iterdir():
            path.unlink()
    assert len(seen) == 1
    checked = subprocess.run([*command, "--check"], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert checked.returncode == 1
    assert "Out of date" in checked.stdout + checked.stderr
