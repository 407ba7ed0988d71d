"""Mistakes in the app kit: in pages, as in the other starters, and in handlers changed without their components."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.starters.handler_changes import CHANGES
from tests.starters.test_types import add_handlers, check_mistakes, copy_of, refused, reported, write_types

if TYPE_CHECKING:
    from pathlib import Path

    from tests.starters.conftest import AppKit

pytestmark = pytest.mark.starters


def test_each_mistake_is_reported_where_it_is_and_nothing_else_is(app_kit: AppKit, tmp_path: Path) -> None:
    project = copy_of(app_kit, tmp_path / "project")
    add_handlers(
        project,
        ("from litestar import Litestar\n", "from contacts import contacts_router\nfrom litestar import Litestar\n"),
        ("account_router, avatar]", "account_router, avatar, contacts_router]"),
    )
    check_mistakes(project)


def test_each_change_of_a_handler_is_reported_in_the_component_that_does_not_follow(
    app_kit: AppKit, tmp_path: Path
) -> None:
    project = copy_of(app_kit, tmp_path / "project")
    assert reported(project) == []
    for change in CHANGES:
        file = project.folder / "backend" / change.file
        text = file.read_text("utf-8")
        assert text.count(change.old) == 1, change.name
        file.write_text(text.replace(change.old, change.new), "utf-8")
    write_types(project)
    found, missed = reported(project), []
    for change in CHANGES:
        places = tuple(
            f"{name}{suffix}" for name in change.where.split() for suffix in (".tsx", ".ts", ".vue", ".svelte")
        )
        said = [each for each in found if each.file.endswith(places)]
        if not any(change.message in each.message for each in said):
            missed.append((change.name, said))
    assert not missed, "\n".join(map(str, missed))


def test_a_renamed_component_fails_the_check_with_its_place(app_kit: AppKit, tmp_path: Path) -> None:
    project = copy_of(app_kit, tmp_path / "project")
    file = project.folder / "backend" / "dashboard.py"
    file.write_text(file.read_text("utf-8").replace('component="Dashboard"', 'component="Dashbord"'), "utf-8")
    said = " ".join(refused(project, "types", "--check").split())
    assert "Dashbord" in said
    assert "dashboard.py:" in said
    assert "Dashboard" in said.replace("Dashbord", "")
