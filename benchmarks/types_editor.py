"""EDITOR: from a saved handler to the error in an editor, for an app with 300 pages.

Why: this is how long a developer waits. "written" ends with the generated file, in a new process that imports the app, as
a reload does. "reported" is the rest: TypeScript's server sees the file and reports the page that still uses the old
name. Like an editor, the benchmark requests the errors of the open file once the server reports a change. Wall time.
"""

import json
import statistics
import subprocess
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

from benchmarks.harness import NOTHING, Row, Settings
from benchmarks.page_types import app_source, run_probe

_SIZE = 300
_SERVER = Path(__file__).parents[1] / "src" / "js" / "node_modules" / "typescript" / "lib" / "tsserver.js"
_PAGE = """import type {{ Pages }} from '../generated/pages.gen'

export const names = ({{ rows }}: Pages['Pages/P{n}']) => rows.map((row) => row.fullName)
"""
_OPTIONS = {"strict": True, "types": [], "target": "es2022", "module": "esnext", "moduleResolution": "bundler"}


class TypeScriptServer:
    """TypeScript's server, with an open file."""

    def __init__(self, process: subprocess.Popen[bytes], file: Path) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input: IO[bytes] = process.stdin
        self._output: IO[bytes] = process.stdout
        self._process = process
        self._file = str(file)
        self._count = 0
        self._ask("open", file=self._file)

    @classmethod
    def open(cls, file: Path) -> Self:
        command = ["node", str(_SERVER), "--disableAutomaticTypingAcquisition"]
        return cls(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE), file)

    def errors(self) -> list[str]:
        """Return the errors of the open file."""
        self._ask("geterr", files=[self._file], delay=0)
        return [each["text"] for each in self._event("semanticDiag")["diagnostics"]]

    def wait_for_change(self) -> None:
        """Wait until the project has changed."""
        self._event("projectsUpdatedInBackground")

    def close(self) -> None:
        self._ask("exit")
        self._process.communicate(timeout=30)

    def _ask(self, command: str, **arguments: Any) -> None:
        self._count += 1
        request = {"seq": self._count, "type": "request", "command": command, "arguments": arguments}
        self._input.write(json.dumps(request).encode() + b"\n")
        self._input.flush()

    def _event(self, name: str) -> dict[str, Any]:
        for line in self._output:
            if line.startswith(b"{"):
                message = json.loads(line)
                if message.get("event") == name:
                    body: dict[str, Any] = message["body"]
                    return body
        msg = "TypeScript's server has ended"
        raise RuntimeError(msg)


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours:
        return []
    written: list[float] = []
    reported: list[float] = []
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        app, pages = folder / "app.py", folder / "src" / "pages"
        pages.mkdir(parents=True)
        for number in range(_SIZE):
            (pages / f"P{number}.ts").write_text(_PAGE.format(n=number), "utf-8")
        (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": _OPTIONS, "include": ["src"]}), "utf-8")
        right = app_source(_SIZE)
        wrong = right.replace("    full_name: str", "    whole_name: str", 1)
        app.write_text(right, "utf-8")
        run_probe(folder)
        server = TypeScriptServer.open(pages / "P0.ts")
        try:
            assert server.errors() == []
            for number in range(2 * min(settings.rounds, 5)):
                is_wrong = number % 2 == 0
                started = time.perf_counter()
                app.write_text(wrong if is_wrong else right, "utf-8")
                run_probe(folder)
                saved = time.perf_counter()
                server.wait_for_change()
                found = server.errors()
                assert bool(found) is is_wrong, found
                if is_wrong:
                    written.append(saved - started)
                    reported.append(time.perf_counter() - saved)
        finally:
            server.close()
    whats = ("written", "a save to the written types"), ("reported", "the written types to the editor's error")
    return [
        Row(
            f"EDITOR.{id_}",
            f"{_SIZE} page routes: from {what}",
            NOTHING,
            f"{statistics.median(found):.2f} s",
            NOTHING,
            NOTHING,
            NOTHING,
            None,
            {"ours": found},
        )
        for (id_, what), found in zip(whats, (written, reported), strict=True)
    ]
