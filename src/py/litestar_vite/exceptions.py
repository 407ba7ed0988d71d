"""Everything this package raises, in one tree.

    LitestarViteError
    ├── ConfigError                  our user's mistake, found at start-up
    │   ├── MissingDependencyError   an optional extra is not installed
    │   └── ManifestError            the Vite build
    │       ├── ManifestNotFoundError
    │       └── ManifestInvalidError
    ├── PropEncodingError            a prop that cannot be sent as JSON
    │   └── NonFiniteFloatError      NaN or an infinity
    ├── PropError                    props that are not a mapping or an object with fields
    ├── BlockingRenderError          a sync call that would block or deadlock the running event loop
    ├── DevServerError               Vite cannot be started, or failed
    └── SSRError                     the render server (kind: connection, timeout, protocol, render, …)

The messages are for developers. Litestar shows none of them to a browser unless debug is on.
"""

from __future__ import annotations

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
    """The root of all errors of this package."""


class ConfigError(LitestarViteError):
    """A setting is wrong; the message names it and says what to do."""


class MissingDependencyError(ConfigError, ImportError):
    """An optional dependency is needed and not installed; the message holds the install command."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed. Run: pip install 'litestar-vite[{extra}]'"
        )


class ManifestError(ConfigError):
    """The manifest of the Vite build cannot be used."""


class ManifestNotFoundError(ManifestError):
    """There is no manifest where the configuration says."""


class ManifestInvalidError(ManifestError):
    """The manifest is not what Vite writes: truncated, not JSON, or of another shape."""


class PropError(LitestarViteError):
    """A handler returned something that is no set of props."""


class PropEncodingError(LitestarViteError):
    """A prop cannot be sent as JSON; the message names its path."""


class NonFiniteFloatError(PropEncodingError):
    """A prop holds NaN or an infinity, which JSON cannot carry."""


class BlockingRenderError(LitestarViteError, RuntimeError):
    """A sync call was made on a running event loop that it would block or deadlock."""


class DevServerError(LitestarViteError):
    """Vite cannot be started, or it failed; the message says what to do."""


class SSRError(LitestarViteError):
    """The render server failed; raised only with `SSRConfig(raise_on_error=True)`.

    Attributes:
        kind: connection, timeout, protocol (an answer that is none), or the render server's own class of error:
            browser-api, component-resolution, render, unknown.
        component: The page component, None when unknown.
        hint: What to do about it, in the render server's words, None when it gave none.
        source_location: `file:line:column` of the error in the front end, None when unknown.
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
