"""P25: a built script of 100 KB and one of 348 KB with its Brotli copy, against Litestar's own static files router.

Why: every page needs its files. They are found at start-up and looked up by name, and a compressed copy was made by the
build. CPU time is measured, since both sides read files in threads.
"""

import json
import random
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from litestar.static_files import create_static_files_router

from benchmarks.asgi import FETCH, Caller
from benchmarks.harness import Goal, Row, Settings, compare_cpu, interleave, latency_ratio, ratio_text
from benchmarks.p17_prop_types import serve
from benchmarks.project import built_project

# Words of a script. The copy simulates one from the build, with a third of the size.
_SCRIPT = "".join(
    random.Random(25).choices(["const ", "return ", "(e,t)=>", "children:", "null,", "className:"], k=60_000)
)
_FILES = {"large-4f1c2a9b.js": _SCRIPT[:348_000].encode(), "script-4f1c2a9b.js": _SCRIPT[:100_000].encode()}
_IDENTITY = [header for header in FETCH if header[0] != b"accept-encoding"]


def _write(folder: Path) -> None:
    """Write the files, a copy of each, and the list that the Vite plugin writes."""
    listed: dict[str, Any] = {}
    for name, content in _FILES.items():
        copy = content[: len(content) // 3]
        (folder / "assets" / name).write_bytes(content)
        (folder / "assets" / f"{name}.br").write_bytes(copy)
        listed[f"assets/{name}"] = {"hash": "0" * 16, "size": len(content), "hashed": True, "br": len(copy)}
    (folder / "assets" / "public.js").write_bytes(_SCRIPT[:100_000].encode())
    (folder / ".vite" / "litestar-vite.json").write_text(json.dumps({"version": 1, "files": listed}))


async def measure(settings: Settings) -> list[Row]:
    if not settings.ours:
        return []
    from litestar_vite import ViteConfig, VitePlugin

    rows: list[Row] = []
    async with AsyncExitStack() as stack:
        root = stack.enter_context(built_project())
        _write(root / "dist" / "client")
        router = create_static_files_router(path="/static", directories=[root / "dist" / "client"])
        floor = await serve(stack, [router], [], [])
        ours = await serve(stack, [], [VitePlugin(ViteConfig(root=root))], [])
        for id_, what, name, headers in (
            ("P25", "built script of 100 KB", "script-4f1c2a9b.js", _IDENTITY),
            ("P25.br", "the same script, its Brotli copy", "script-4f1c2a9b.js", FETCH),
            ("P25.public", "file of 100 KB from public/", "public.js", _IDENTITY),
            ("P25.large", "built script of 348 KB, its Brotli copy", "large-4f1c2a9b.js", FETCH),
        ):
            path = f"/static/assets/{name}"
            sides = {"floor": Caller(floor, _IDENTITY, path), "ours": Caller(ours, headers, path)}
            for side in sides.values():
                await side.check("")
            rounds = await interleave(sides, settings, cpu_of=list(sides))
            row = compare_cpu(id_, f"{what}, CPU against Litestar's static router", rounds, goal=Goal("at most", 0.6))
            row.notes.append(f"elapsed {ratio_text(latency_ratio(rounds, 'floor', 'ours'))}")
            rows.append(row)
    return rows
