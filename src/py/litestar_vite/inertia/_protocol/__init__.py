"""The Inertia protocol without I/O: headers in, decisions out. Imports the standard library and msgspec only."""
