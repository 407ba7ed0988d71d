"""Sphinx settings."""

import sys
from pathlib import Path

from pygments.lexers import HtmlLexer
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "litestar-vite"
author = "The litestar-vite maintainers"
copyright = "2026, The litestar-vite maintainers"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_design",
    "lookups",
    "llms",
]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_heading_anchors = 3
# Pygments does not know every character of JSX, Vue and Svelte; it colours the rest.
suppress_warnings = ["misc.highlighting_failure"]
myst_enable_extensions = ["colon_fence"]
llms_summary = (
    "A Litestar plugin: React, Vue or Svelte pages without an API. Handlers return props, pages receive them "
    "(Inertia.js), and the server renders the first visit."
)

html_theme = "furo"
html_title = "litestar-vite"
html_static_path = ["_static"]
html_css_files = ["face.css"]
html_favicon = "_static/logo.svg"
html_theme_options = {
    "light_logo": "logo.svg",
    "dark_logo": "logo.svg",
    "top_of_page_buttons": [],
    "light_css_variables": {
        "color-brand-primary": "#5b3fd1",
        "color-brand-content": "#5b3fd1",
        "color-api-name": "#5b3fd1",
        "color-background-secondary": "#f7f6fc",
        "color-sidebar-background": "#f7f6fc",
        "face-code-background": "#f6f5fb",
        "face-border": "#e2def5",
        "font-stack": "Inter, 'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
    },
    "dark_css_variables": {
        "color-brand-primary": "#b6a6ff",
        "color-brand-content": "#b6a6ff",
        "color-api-name": "#b6a6ff",
        "color-background-primary": "#15131f",
        "color-background-secondary": "#1b1828",
        "color-sidebar-background": "#1b1828",
        "face-code-background": "#1f1b2e",
        "face-border": "#322c4a",
    },
}


def setup(app: Sphinx) -> None:
    # Pygments has no lexer for Svelte, whose components are HTML with a few marks.
    app.add_lexer("svelte", HtmlLexer)
