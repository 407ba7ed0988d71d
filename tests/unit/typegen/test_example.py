"""The unchanged example and starter: all types are known, and pages match their types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "react-contacts"
STARTER = ROOT / "src" / "py" / "litestar_vite" / "starters" / "common"

PROBE = """
import asyncio, json, sys
sys.path.insert(0, ".")
from litestar.testing import TestClient
from app import app, vite
from litestar_vite._typegen.generate import pages_module, read_types
from litestar_vite._typegen.page_guard import Guard

types = read_types(app, vite.config.inertia, vite.config.types)
text, _ = pages_module(types, vite.config.root / "src" / "generated" / "pages.gen.d.ts")
guard, problems, seen = Guard(types), [], []
with TestClient(app) as client:
    visit = {"X-Inertia": "true", "X-Inertia-Version": vite.assets.version or ""}
    for path in json.loads(sys.argv[1]):
        page = client.get(path, headers=visit).json()
        seen.append(page["component"])
        problems += guard.problems(page, is_partial=False)
        for group in page.get("deferredProps", {}).values():
            partial = {"X-Inertia-Partial-Component": page["component"], "X-Inertia-Partial-Data": ",".join(group)}
            more = client.get(path, headers={**visit, **partial}).json()
            problems += guard.problems(more, is_partial=True)
print(json.dumps([text, problems, seen]))
"""


def probe(folder: Path, database: Path, *paths: str) -> tuple[str, list[str], list[str]]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROBE, json.dumps(paths)],
        cwd=folder,
        # Without the test suite's stand-ins for slow packages.
        env={
            **environment,
            "VITE_INERT": "1",
            "DATABASE_URL": f"sqlite+aiosqlite:///{database}",
            "SECRET_KEY": "x" * 32,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: tuple[str, list[str], list[str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_the_example_is_typed_and_its_pages_have_their_types(tmp_path: Path) -> None:
    paths = [
        "/contacts",
        "/contacts/1",
        "/contacts/new",
        "/contacts/2/edit",
        "/organisations",
        "/organisations/1",
        "/x",
    ]
    text, problems, seen = probe(EXAMPLE, tmp_path / "contacts.sqlite3", *paths)
    assert "unknown" not in text
    assert problems == []
    assert seen == [
        "Contacts/Index", "Contacts/Show", "Contacts/Create", "Contacts/Edit", "Organisations/Index",
        "Organisations/Show", "Errors/Error",
    ]  # fmt: skip


@pytest.mark.slow
def test_the_starter_is_typed_and_its_pages_have_their_types(tmp_path: Path) -> None:
    for file in STARTER.glob("*.py"):
        (tmp_path / file.name).write_text(file.read_text("utf-8"), "utf-8")
    text, problems, seen = probe(tmp_path, tmp_path / "db", "/", "/guestbook", "/x")
    assert "unknown" not in text
    assert problems == []
    assert seen == ["Home", "Guestbook/Index", "Errors/Error"]
