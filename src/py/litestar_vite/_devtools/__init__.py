"""Inertia DevTools: records visits in development for the official browser extension. Never imported in production."""
