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
    # Without an anchor, so that the search shows the page once, with its text.
    entries = [("single", word.strip(), "", "main", None) for word in words.split(",") if word.strip()]
    # Behind the title, which has to stay the first node of the page.
    title = document.next_node(nodes.title)
    if entries and title is not None and title.parent is not None:
        title.parent.insert(1, addnodes.index(entries=entries))


def setup(app: Sphinx) -> dict[str, Any]:
    app.connect("doctree-read", add_entries)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
