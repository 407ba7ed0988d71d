"""Writes `llms.txt`, the list of pages with a sentence each, and `llms-full.txt`, their text, for language models."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_TITLE = re.compile(r"^# (.+)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$|<!--.*?-->", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"^(?![#:|!<\-\[({])(.+)$", re.MULTILINE)
_INCLUDE = re.compile(r"^```\{include\} (\S+)\n(?P<options>.*?)```$", re.MULTILINE | re.DOTALL)


def page_text(path: Path) -> str:
    """Return the text of a page with what it includes, without its front matter."""

    def included(found: re.Match[str]) -> str:
        text = (path.parent / found[1]).read_text("utf-8")
        if begin := re.search(r":start-after: (.+)", found["options"]):
            text = text.split(begin[1], 1)[1]
        if end := re.search(r":end-before: (.+)", found["options"]):
            text = text.split(end[1], 1)[0]
        return text

    return _INCLUDE.sub(included, _FRONT_MATTER.sub("", path.read_text("utf-8"))).strip()


def groups_of(app: Sphinx) -> list[tuple[str, list[str]]]:
    """Return the captions of the table of contents, each with the names of its pages."""
    trees = app.env.get_doctree("index").findall(addnodes.toctree)
    return [(tree["caption"] or "Pages", [name for _, name in tree["entries"]]) for tree in trees]


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write both files beside the built pages."""
    if exception is not None or app.builder.format != "html":
        return
    brief = [f"# {app.config.project}", "", f"> {app.config.llms_summary}"]
    full = []
    for caption, names in groups_of(app):
        brief += ["", f"## {caption}", ""]
        for name in names:
            text = page_text(Path(app.env.doc2path(name)))
            title = found[1] if (found := _TITLE.search(text)) else name
            sentence = _SENTENCE.search(_CODE.sub("", text[found.end() :] if found else text))
            brief.append(f"- [{title}]({name}.html)" + (f": {sentence[1]}" if sentence else ""))
            full.append(text)
    (Path(app.outdir) / "llms.txt").write_text("\n".join(brief) + "\n", "utf-8")
    (Path(app.outdir) / "llms-full.txt").write_text("\n\n".join(full) + "\n", "utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("llms_summary", "", "env", str)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
