"""Sphinx settings."""

project = "litestar-vite"
author = "The litestar-vite maintainers"
copyright = "2026, The litestar-vite maintainers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "litestar-vite"
html_static_path = ["_static"]
myst_heading_anchors = 3
