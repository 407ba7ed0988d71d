"""The public import path of the head elements."""

from litestar_vite.inertia._documents.head import link, meta, script, title

__all__ = ("link", "meta", "script", "title")
