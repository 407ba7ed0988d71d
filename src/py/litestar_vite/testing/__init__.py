"""Test pages without a browser, without a build and without Node."""

from __future__ import annotations

from litestar_vite.testing._client import AsyncInertiaTestClient, InertiaTestClient
from litestar_vite.testing._follow import AsyncLivePage, LivePage, assert_inertia
from litestar_vite.testing._page import InertiaPage
from litestar_vite.testing._precognition import ValidationAssertions
from litestar_vite.testing._props import PropAssertions
from litestar_vite.testing._redirects import RedirectAssertions, assert_redirect
from litestar_vite.testing._without_build import inert

__all__ = (
    "AsyncInertiaTestClient",
    "AsyncLivePage",
    "InertiaPage",
    "InertiaTestClient",
    "LivePage",
    "PropAssertions",
    "RedirectAssertions",
    "ValidationAssertions",
    "assert_inertia",
    "assert_redirect",
    "inert",
)
