"""A single-page application: index.html for the pages that no route answers."""
