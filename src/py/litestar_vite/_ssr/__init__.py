"""Server-side rendering: the hop to a render server, and the worker that we start ourselves."""
