"""What listens to the observations of requests in development and production: Server-Timing, spans, metrics."""
