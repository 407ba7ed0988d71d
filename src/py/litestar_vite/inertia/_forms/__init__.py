"""Forms: how bodies and query strings reach handlers, and how errors reach the next page."""
