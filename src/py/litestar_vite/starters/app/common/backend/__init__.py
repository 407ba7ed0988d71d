"""The server: a module for each part of the application."""
