"""The HTML around a page."""
