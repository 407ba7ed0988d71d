"""Listeners for the observations of requests in development and production: Server-Timing, spans and metrics."""
