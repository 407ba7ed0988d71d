"""The Vite build: its manifest, the tags that load it, and the HTML document around a page."""
