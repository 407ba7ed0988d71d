"""The integration with Litestar."""
