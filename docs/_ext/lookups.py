"""Search words of a page: `search: auth, login` at the top of a page makes the search find it by these words.

Each word becomes a main entry of the index, which Sphinx' own search ranks before titles and text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def add_entries(app: Sphinx, document: nodes.document) -> None:
    """Add an index entry for each search word of a page."""
    words = str(app.env.metadata[app.env.docname].get("search", ""))
    entries = [("single", word.strip(), "search-words", "main", None) for word in words.split(",") if word.strip()]
    if entries:
        target = nodes.target("", "", ids=["search-words"])
        document.note_explicit_target(target, target)
        # Behind the title, which has to stay the first node of the page.
        place = document.next_node(nodes.title)
        if place is not None and place.parent is not None:
            place.parent.insert(1, [addnodes.index(entries=entries), target])


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", add_entries)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
