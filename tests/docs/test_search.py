"""The search of the built documentation finds the pages for the queries in lookups.py."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.lookups import LOOKUPS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HITS = 3


def test_each_look_up_has_a_page_that_names_it() -> None:
    """The fast half: all words of a query are on its page, so the search can find it."""
    for words, page in LOOKUPS:
        text = (DOCS / f"{page}.md").read_text("utf-8").lower()
        assert all(word in text for word in words.lower().split()), f"{page}.md does not contain {words!r}"


def test_each_page_is_in_the_table_of_contents() -> None:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", (DOCS / "index.md").read_text("utf-8"), re.DOTALL)
    named = {line for tree in trees for line in tree.splitlines() if re.fullmatch(r"[\w/-]+", line)}
    assert named == {path.stem for path in DOCS.glob("*.md")} - {"index"} | {"design/index"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
    done = subprocess.run(
        [*command, "-d", str(folder / "doctrees"), str(DOCS), str(folder / "html")],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "html"


@pytest.mark.slow
def test_the_search_has_the_page_of_each_look_up_among_its_first_hits(built: Path) -> None:
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("search.mjs")), str(built)],
        input=json.dumps([words for words, _ in LOOKUPS]),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    hits = json.loads(done.stdout)
    missed = [
        f"{words!r}: {page} is not in {found[:HITS]}"
        for (words, page), found in zip(LOOKUPS, hits, strict=True)
        if page not in found[:HITS]
    ]
    assert not missed, "\n".join(missed)


@pytest.mark.slow
def test_language_models_get_every_page(built: Path) -> None:
    brief = (built / "llms.txt").read_text("utf-8")
    full = (built / "llms-full.txt").read_text("utf-8")
    for path in DOCS.glob("*.md"):
        if path.stem != "index":
            assert f"({path.stem}.html)" in brief, path.stem
    assert "# Authentication and authorisation" in full
    assert "search: authentication" not in full


@pytest.mark.parametrize("page", [pytest.param(path, id=path.stem) for path in sorted(DOCS.glob("*.md"))])
def test_no_page_opens_with_a_screen_of_code(page: Path) -> None:
    text = re.sub(r"\A---\n.*?\n---\n", "", page.read_text("utf-8"), flags=re.DOTALL)
    first = re.search(r"^```(?!\{)[\w]+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    if first is not None:
        prose = [line for line in text[: first.start()].splitlines() if re.match(r"\w", line)]
        assert prose, "a page must begin with prose"
        assert first[1].count("\n") <= 30
