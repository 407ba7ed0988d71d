"""The header names of the Inertia protocol, as ASGI spells them (lower-case bytes) or as responses do (str)."""

from __future__ import annotations

from typing import Final

# Request headers, lower-case bytes: ASGI servers lower-case names (ASGI spec, "HTTP connection scope").
INERTIA: Final = b"x-inertia"
VERSION: Final = b"x-inertia-version"
PARTIAL_COMPONENT: Final = b"x-inertia-partial-component"
PARTIAL_DATA: Final = b"x-inertia-partial-data"
PARTIAL_EXCEPT: Final = b"x-inertia-partial-except"
RESET: Final = b"x-inertia-reset"
EXCEPT_ONCE_PROPS: Final = b"x-inertia-except-once-props"
ERROR_BAG: Final = b"x-inertia-error-bag"
MERGE_INTENT: Final = b"x-inertia-infinite-scroll-merge-intent"
PURPOSE: Final = b"purpose"
# Prefetches of browsers: "prefetch;prerender" (Fetch, "Sec-Purpose"), and of older Firefox.
SEC_PURPOSE: Final = b"sec-purpose"
X_MOZ: Final = b"x-moz"
PRECOGNITION: Final = b"precognition"
VALIDATE_ONLY: Final = b"precognition-validate-only"

# Response headers.
X_INERTIA_VERSION: Final = "X-Inertia-Version"
X_INERTIA_LOCATION: Final = "X-Inertia-Location"
X_INERTIA_REDIRECT: Final = "X-Inertia-Redirect"
