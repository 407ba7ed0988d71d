"""Single-page applications: serves index.html for pages that no route answers."""
