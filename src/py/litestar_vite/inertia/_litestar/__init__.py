"""Where the adapter meets Litestar."""
