"""Server-side rendering: requests to a render server, and the app's own render workers."""
