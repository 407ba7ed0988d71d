"""A hand-written built front end, a manifest and documents, so that benchmarks do not need Node."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

_MANIFEST = {
    "src/app.tsx": {
        "file": "assets/app-4f1c2a9b.js",
        "name": "app",
        "src": "src/app.tsx",
        "isEntry": True,
        "dynamicImports": ["src/pages/Bench.tsx"],
        "css": ["assets/app-8b1d7e22.css"],
    },
    "src/pages/Bench.tsx": {
        "file": "assets/Bench-0c9d1f34.js",
        "name": "Bench",
        "src": "src/pages/Bench.tsx",
        "isDynamicEntry": True,
        "imports": ["src/app.tsx"],
    },
}
_SHELL = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Bench</title>
    {head}
  </head>
  <body>
    <div id="app"></div>
    {foot}
  </body>
</html>
"""
_SOURCE_TAG = '<script type="module" src="/src/app.tsx"></script>'
_BUILT_TAGS = (
    '<script type="module" crossorigin src="/static/assets/app-4f1c2a9b.js"></script>\n'
    '    <link rel="stylesheet" crossorigin href="/static/assets/app-8b1d7e22.css">'
)


@contextmanager
def built_project(bundle: str = "dist/client", manifest: str = ".vite/manifest.json") -> Iterator[Path]:
    """Create a project folder like `vite build`, with the given bundle folder and manifest."""
    with TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        (root / "index.html").write_text(_SHELL.format(head="", foot=_SOURCE_TAG))
        bundle_dir = root / bundle
        for path in (bundle_dir / manifest, bundle_dir / "assets" / "any"):
            path.parent.mkdir(parents=True, exist_ok=True)
        (bundle_dir / manifest).write_text(json.dumps(_MANIFEST))
        (bundle_dir / "index.html").write_text(_SHELL.format(head=_BUILT_TAGS, foot=""))
        for chunk in ("app-4f1c2a9b.js", "Bench-0c9d1f34.js", "app-8b1d7e22.css"):
            (bundle_dir / "assets" / chunk).write_text("")
        yield root
