"""Public pages as files, which a web server sends without the app."""
