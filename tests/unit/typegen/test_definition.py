"""Go to definition: TypeScript's server follows a prop from a page to the line in Python."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TYPESCRIPT = Path(__file__).parents[3] / "src" / "js" / "node_modules" / "typescript"

APP = """
from typing import Any

from litestar import Litestar, get
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import defer


class Person(Struct, rename="camel"):
    first_name: str
    age: int


class Employee(Person):
    desk: str


def load() -> list[Person]:
    return []


@get("/", component="People/Show")
async def show(person: Employee) -> dict[str, Any]:
    return {
        "person": person,
        "others": defer(load),
    }


app = Litestar([show], plugins=[VitePlugin(ViteConfig(inertia=True, inert=True))], openapi_config=None)
"""
PAGE = """import type { Pages } from './generated/pages.gen'
export function use(page: Pages['People/Show']) {
  return [page.person.firstName, page.person.desk, page.others, page.person, page.others![0]!.age]
}
"""
# Each use in the page, and the definition in the app.
USES = {
    "firstName": "    first_name: str",
    "desk": "    desk: str",
    "others,": '        "others": defer(load),',
    "person,": '        "person": person,',
    ".age": "    age: int",
    "'People/Show'": "async def show(person: Employee) -> dict[str, Any]:",
}


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("node") is None or not (TYPESCRIPT / "lib" / "tsserver.js").is_file(),
    reason="TypeScript is not installed (make install)",
)
def test_a_prop_leads_to_its_line_in_python(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP, "utf-8")
    (tmp_path / "package.json").write_text("{}")
    subprocess.run(
        [sys.executable, "-m", "litestar", "--app", "app:app", "assets", "types"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    page = tmp_path / "src" / "page.ts"
    page.write_text(PAGE, "utf-8")
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": {"strict": True, "types": []}, "include": ["src"]})
    )
    lines = PAGE.splitlines()
    requests: list[dict[str, Any]] = [{"command": "open", "arguments": {"file": str(page)}}]
    for use in USES:
        row = next(number for number, line in enumerate(lines) if use in line)
        place = {"file": str(page), "line": row + 1, "offset": lines[row].index(use) + 2}
        requests.append({"command": "definition", "arguments": place})
    sent = "".join(
        json.dumps({"seq": seq, "type": "request", **request}) + "\n" for seq, request in enumerate(requests)
    )
    answers: dict[int, Any] = {}
    with subprocess.Popen(
        ["node", str(TYPESCRIPT / "lib" / "tsserver.js"), "--disableAutomaticTypingAcquisition"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write(sent)
        server.stdin.flush()
        for line in server.stdout:
            answer = json.loads(line) if line.startswith("{") else {}
            if answer.get("command") == "definition":
                answers[answer["request_seq"]] = answer["body"]
            if len(answers) == len(USES):
                break
        server.terminate()
    app_lines = APP.splitlines()
    found = {
        use: [(Path(each["file"]).name, app_lines[each["start"]["line"] - 1]) for each in answers[seq]]
        for seq, use in enumerate(USES, 1)
    }
    assert found == {use: [("app.py", line)] for use, line in USES.items()}
