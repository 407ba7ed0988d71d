"""Live props: publishes events, and sends them to browsers as server-sent events."""
