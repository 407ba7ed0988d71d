"""Take the pictures of the tutorial: docs/_static/tutorial-*.png.

Follows the tutorial from an empty folder with React, as tests/starters/test_tutorial.py does, and photographs the pages
of its steps, in light mode. Needs Chromium, npm and PyPI, and takes about two minutes.
Run: python -m scripts.tutorial_pictures
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, expect, sync_playwright
from tests.e2e.conftest import ARGUMENTS, find_chromium
from tests.starters.conftest import environment
from tests.starters.reader import Reader
from tests.starters.test_tutorial import report
from tests.starters.tutorial import read_steps

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "_static"
SIZE = {"width": 880, "height": 560}


def main() -> None:
    uv = os.environ.get("UV") or shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        base = Path(folder)
        subprocess.run([uv, "build", "--wheel", "--quiet", "--out-dir", folder], cwd=ROOT, check=True)
        environ = environment(base / "programs", frozenset()) | {"VITE_DEVTOOLS": "0"}
        reader = Reader(base, "react", uv, next(base.glob("*.whl")), environ)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        page = browser.new_context(viewport=SIZE, color_scheme="light", reduced_motion="reduce").new_page()
        try:
            take_pictures(reader, page)
        finally:
            browser.close()
            reader.leave()


def take_pictures(reader: Reader, page: Page) -> None:
    start, _, _, form, _, comments, login, *_ = steps = read_steps("react")
    for step in steps[:7]:
        reader.follow(step)
        if step is not start:
            reader.check()
        if step is form:
            page.goto(f"{reader.url}/issues")
            report(page, "Hm")
            expect(page.get_by_role("alert")).to_be_visible()
            take(page, "form")
        elif step is comments:
            page.goto(f"{reader.url}/issues/1")
            expect(page.get_by_role("listitem")).to_have_text(["It is grey here too."])
            take(page, "comments")
        elif step is login:
            page.goto(f"{reader.url}/issues")
            report(page, "The page is slow")
            expect(page.get_by_role("heading", name="Log in")).to_be_visible()
            take(page, "login")


def take(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    path = TARGET / f"tutorial-{name}.png"
    page.screenshot(path=path, animations="disabled")
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} KB")


if __name__ == "__main__":
    main()
