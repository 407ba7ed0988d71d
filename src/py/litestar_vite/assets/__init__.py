"""What Vite built: its manifest, the tags that load it, and the HTML shell around a page."""
