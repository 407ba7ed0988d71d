"""Draw docs/_static/types-editor.png: what an editor shows for a page with two mistakes.

The code, the messages, their places and the hover text are the answers of TypeScript's server (src/js, tests/types);
only the drawing is made here, in Chromium. Run: python scripts/editor_pictures.py
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402
from tests.e2e.conftest import find_chromium  # noqa: E402
from tests.types.projects import make_project  # noqa: E402

TARGET = ROOT / "docs" / "_static" / "types-editor.png"
TSSERVER = ROOT / "src" / "js" / "node_modules" / "typescript" / "lib" / "tsserver.js"
APP = """
from typing import Any

from litestar import Litestar, get
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import defer


class User(Struct, rename="camel"):
    id: int
    first_name: str


class Visit(Struct):
    page: str


async def visits_of(user_id: int) -> list[Visit]:
    return []


@get("/users/{user_id:int}", component="Users/Show", name="users.show")
async def show(user_id: int) -> dict[str, Any]:
    return {"user": User(user_id, "Ada"), "visits": defer(visits_of, user_id)}


app = Litestar([show], plugins=[VitePlugin(ViteConfig(inertia=True, inert=True))], openapi_config=None)
"""
PAGE = """import type { PageProps } from '../generated/pages.gen'

export default function Show({ user, visits }: PageProps<'Users/Show'>) {
  return (
    <main>
      <h1>{user.fistName}</h1>
      <p>{visits.length} visits</p>
    </main>
  )
}
"""
HOVERED = "visits }"
STYLE = """
body { margin: 0; padding: 22px 26px; background: #1e1e1e; color: #d4d4d4; font: 15px/1.65 ui-monospace, Menlo, Consolas,
  monospace; width: 830px }
pre { margin: 0; font: inherit; position: relative }
.number { color: #858585; display: inline-block; width: 2em; margin-right: 1.4em; text-align: right }
.keyword { color: #c586c0 } .text { color: #ce9178 } .tag { color: #569cd6 } .type { color: #4ec9b0 }
.wrong { text-decoration: underline wavy #f14c4c 1.5px; text-underline-offset: 4px }
.hover { position: absolute; background: #252526; border: 1px solid #454545; padding: 4px 10px; border-radius: 3px;
  box-shadow: 0 4px 12px #0008; white-space: pre; z-index: 1 }
ul { list-style: none; margin: 18px 0 0; padding: 12px 0 0; border-top: 1px solid #454545; font-size: 14px }
li::before { content: "✕"; color: #f14c4c; margin-right: 10px } li span { color: #858585; margin-left: 10px }
"""
_TOKENS = re.compile(
    r"(?P<text>'[^']*')|(?P<keyword>\b(?:import|type|from|export|default|function|return)\b)"
    r"|(?P<type>\b[A-Z]\w+)|(?P<tag></?[a-z]\w*>)"
)


def main() -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "front").mkdir()
        project = make_project(folder / "front", "react", {"Users": PAGE})
        _generate(folder, project)
        problems, hover = _answers(project / "src" / "Users" / "Show.tsx")
    _draw(problems, hover)
    print(f"{TARGET.relative_to(ROOT)}: {[problem['text'] for problem in problems]}, hover {hover!r}")


def _generate(folder: Path, project: Path) -> None:
    source = APP.replace("inert=True", f"inert=True, root={str(project)!r}")
    (folder / "app.py").write_text(source, "utf-8")
    command = [sys.executable, "-W", "ignore", "-m", "litestar", "--app", "app:app", "assets", "types"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _answers(page: Path) -> tuple[list[dict[str, Any]], str]:
    """Return the problems of the page and the text for the hovered name."""
    lines = PAGE.splitlines()
    row = next(number for number, line in enumerate(lines) if HOVERED in line)
    place = {"file": str(page), "line": row + 1, "offset": lines[row].index(HOVERED) + 1}
    requests = [
        {"command": "open", "arguments": {"file": str(page)}},
        {"command": "semanticDiagnosticsSync", "arguments": {"file": str(page)}},
        {"command": "quickinfo", "arguments": place},
    ]
    sent = "".join(json.dumps({"seq": seq, "type": "request", **each}) + "\n" for seq, each in enumerate(requests))
    answers: dict[str, Any] = {}
    with subprocess.Popen(
        ["node", str(TSSERVER), "--disableAutomaticTypingAcquisition"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        if server.stdin is None or server.stdout is None:
            raise RuntimeError
        server.stdin.write(sent)
        server.stdin.flush()
        for line in server.stdout:
            answer = json.loads(line) if line.startswith("{") else {}
            if answer.get("type") == "response":
                answers[answer["command"]] = answer.get("body")
            if "quickinfo" in answers:
                break
        server.terminate()
    return answers["semanticDiagnosticsSync"], answers["quickinfo"]["displayString"]


def _draw(problems: list[dict[str, Any]], hover: str) -> None:
    rows = []
    for number, line in enumerate(PAGE.splitlines(), 1):
        found = [each for each in problems if each["start"]["line"] == number]
        rows.append(f'<span class="number">{number}</span>{_coloured(line, found)}')
    row, column = next(
        (number, line.index(HOVERED)) for number, line in enumerate(PAGE.splitlines()) if HOVERED in line
    )
    box = f'<div class="hover" style="left: calc(3.4em + {column}ch - 1em); top: {(row - 1) * 1.65 - 0.35}em">{html.escape(hover)}</div>'
    listed = "".join(
        f"<li>{html.escape(each['text'])}<span>ts({each['code']}) [{each['start']['line']}, {each['start']['offset']}]</span></li>"
        for each in problems
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium())
        page = browser.new_page(viewport={"width": 882, "height": 400}, device_scale_factor=2)
        page.set_content(f"<style>{STYLE}</style><pre>{'<br>'.join(rows)}{box}</pre><ul>{listed}</ul>")
        page.screenshot(path=TARGET, full_page=True)
        browser.close()


def _coloured(line: str, problems: list[dict[str, Any]]) -> str:
    """Return a line as HTML, with its tokens coloured and its problems underlined."""
    kinds = [""] * len(line)
    for token in _TOKENS.finditer(line):
        kinds[token.start() : token.end()] = [token.lastgroup or ""] * len(token.group())
    for each in problems:
        for place in range(each["start"]["offset"] - 1, each["end"]["offset"] - 1):
            kinds[place] += " wrong"
    text, start = "", 0
    for place in range(1, len(line) + 1):
        if place == len(line) or kinds[place] != kinds[start]:
            part = html.escape(line[start:place])
            text += f'<span class="{kinds[start]}">{part}</span>' if kinds[start] else part
            start = place
    return text


if __name__ == "__main__":
    main()
