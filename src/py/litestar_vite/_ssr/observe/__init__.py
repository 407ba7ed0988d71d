"""Optional metrics and tracing of renders."""
