"""`litestar assets make page`."""
