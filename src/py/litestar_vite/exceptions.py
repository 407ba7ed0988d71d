"""The exceptions of this package.

    LitestarViteError
    ├── ConfigError                  an invalid setting, found at start-up
    │   ├── MissingDependencyError   an optional extra is not installed
    │   └── ManifestError            the Vite build
    │       ├── ManifestNotFoundError
    │       └── ManifestInvalidError
    ├── PropEncodingError            a prop that cannot be sent as JSON
    │   └── NonFiniteFloatError      NaN or an infinity
    ├── PropError                    props that are neither a mapping nor an object with fields
    ├── BlockingRenderError          a sync call that would block or deadlock the running event loop
    ├── DevServerError               Vite cannot be started, or failed
    └── SSRError                     the render server (kind: connection, timeout, protocol, render, …)

The messages are for developers. Litestar only shows them in the browser in debug mode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar_vite._older_names import older_names

__all__ = (
    "BlockingRenderError",
    "ConfigError",
    "DevServerError",
    "LitestarViteError",
    "ManifestError",
    "ManifestInvalidError",
    "ManifestNotFoundError",
    "MissingDependencyError",
    "NonFiniteFloatError",
    "PropEncodingError",
    "PropError",
    "SSRError",
)


class LitestarViteError(Exception):
    """The base class of all exceptions of this package."""


class ConfigError(LitestarViteError):
    """A setting is invalid. The message names it and says what to do."""


class MissingDependencyError(ConfigError, ImportError):
    """An optional dependency is not installed. The message contains the install command."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed. "
            f"Run: pip install 'litestar-vite[{extra}]'"
        )


class ManifestError(ConfigError):
    """The manifest of the Vite build is unusable."""


class ManifestNotFoundError(ManifestError):
    """The manifest does not exist at the configured path."""


class ManifestInvalidError(ManifestError):
    """The manifest is invalid: truncated, not JSON, or not in Vite's format."""


class PropError(LitestarViteError):
    """A handler returned a value that is not a set of props."""


class PropEncodingError(LitestarViteError):
    """A prop cannot be encoded as JSON. The message names its path."""


class NonFiniteFloatError(PropEncodingError):
    """A prop contains NaN or an infinity, which JSON cannot represent."""


class BlockingRenderError(LitestarViteError, RuntimeError):
    """A sync call would block or deadlock the running event loop."""


class DevServerError(LitestarViteError):
    """Vite failed or cannot be started. The message says what to do."""


class SSRError(LitestarViteError):
    """The render server failed. Only raised with `SSRConfig(raise_on_error=True)`, and for pages with `hydrate=False`
    if the app has an exception handler for it.

    Attributes:
        kind: connection, timeout, protocol (a malformed response), or the render server's error class: browser-api,
            component-resolution, render, unknown. For pages with `hydrate=False` also overload, open, unavailable or
            quarantined, if no request was sent.
        component: The page component; None if unknown.
        hint: The render server's suggestion; None if it sent none.
        source_location: `file:line:column` of the error in the front end; None if unknown.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        component: str | None = None,
        hint: str | None = None,
        source_location: str | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.component = component
        self.hint = hint
        self.source_location = source_location


if not TYPE_CHECKING:  # For type checkers, a module with __getattr__ has every name.
    __getattr__ = older_names("litestar_vite.exceptions")
