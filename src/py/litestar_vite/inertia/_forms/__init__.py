"""Forms: passes bodies and query strings to handlers, and errors to the next page."""
