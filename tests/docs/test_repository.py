"""Consistency of the repository: versions, and the make targets in workflows and documents."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
TARGETS = set(re.findall(r"^([\w.-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]


def test_python_and_javascript_have_one_version() -> None:
    lock = json.loads((ROOT / "src" / "js" / "package-lock.json").read_text("utf-8"))
    package = json.loads((ROOT / "src" / "js" / "package.json").read_text("utf-8"))
    assert package["version"] == lock["version"] == lock["packages"][""]["version"] == version()


def test_the_changelog_begins_with_unreleased_changes_or_with_this_version() -> None:
    first = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first is not None
    assert first[1] in {"Unreleased", version()}


@pytest.mark.parametrize("workflow", [pytest.param(file, id=file.stem) for file in WORKFLOWS])
def test_each_step_of_a_workflow_is_a_make_target_or_installs_a_server(workflow: Path) -> None:
    for job in yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values():
        targets = job.get("strategy", {}).get("matrix", {}).get("target", [])
        commands = [step["run"] for step in job["steps"] if "run" in step]
        for command in commands:
            named = re.fullmatch(r"make (\S+|\$\{\{ matrix\.target \}\})", command)
            assert named is not None or command.startswith("sudo apt-get update"), command
            if named is not None:
                assert {*targets} <= TARGETS if "matrix" in named[1] else named[1] in TARGETS, command


def test_every_make_target_that_a_document_names_exists() -> None:
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / ".github" / "pull_request_template.md"]:
        named = set(re.findall(r"`(?:\w+=\S+ )*make ([\w.-]+)", page.read_text("utf-8")))
        assert named <= TARGETS, f"{page.name}: {named - TARGETS}"
