"""The services that a request needs from the application. The plugin publishes them in `app.state`, so that no module
has to import the plugin.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

import msgspec
from litestar import Litestar

from litestar_vite._assets.html import HTMLShell
from litestar_vite._assets.loader import AssetLoader
from litestar_vite._assets.mount import Mount
from litestar_vite._routes import path_matcher
from litestar_vite._ssr.rendering import Rendering
from litestar_vite.config import InertiaConfig, SSRConfig
from litestar_vite.inertia._carry import CookieSigner
from litestar_vite.inertia._page.configured_shares import ConfiguredShares
from litestar_vite.inertia._page.encode import Encoding
from litestar_vite.inertia._page.evaluate import Run, run
from litestar_vite.inertia._page.recipe import Recipe


class PageCheck(Protocol):
    """Called with the JSON of each page that is sent in development."""

    def __call__(self, page_json: bytes, *, is_partial: bool) -> None: ...


CONTEXT_KEY: Final = "litestar_vite.inertia"

logger = logging.getLogger("litestar_vite.inertia")

_NOTHING: Final[Mapping[str, Any]] = {}


class InertiaContext:
    """The services behind every page of one app. Made at start-up, read by requests.

    Attributes:
        assets: Manifest, tags and asset version.
        csrf_cookie: The name of the CSRF cookie; None without CSRF protection.
        shell: The HTML around a page, split into bytes.
        ssr: The settings of server-side rendering; None if it is off.
        rendering: The current client, gateway, cache and URL of the render server.
        is_excluded: Matches paths of pages that the browser renders (`SSRConfig.exclude`); None without patterns.
        check_page: Compares a page that is sent with its type; None in production.
        is_development: The app serves the sources through Vite, and the browser shows tracebacks.
        version: The asset version, unless `make_version` makes one for each request.
        root_path: `ViteConfig.root_path`; empty when it is not set.
        plain_mount: The application element of a root template.
        make_version: Returns the asset version for a request; None when it is fixed.
        documents: For each component, the bytes before and after the page's JSON (see `document.py`).
        head_prop: The name of the prop with elements of the document's head; None if it is the client's business
            alone.
        has_scriptless_pages: A route has `hydrate=False`, so browsers send forms without the Inertia client.
        has_plain_documents: Documents need no template, nonce or legacy attribute.
        first_props: The first props of a plain page: empty errors, and the shares of config.
        shared_names: The top-level names of what config shares, `errors` included, as JSON: `sharedProps` of a plain
            page.
        recipes: The recipe of each handler, by the handler's id; cleared when settings change.
        make_encoding: Creates the JSON encoder of a route; an observed one if the app has listeners.
        run_prop: Sets the value of a prop; also observed if the app has listeners.
        render: Renders a page on the server (`_documents/rendering.render`); also observed if the app has listeners.
        session_cookies: Returns the names of the session cookies of a handler.
        channel_type: Returns the type of a live prop's channel, "public" or "private"; None if live props are off.
        publisher: Publishes events of live props while the app runs; None if they are off.
        on_invalidate: Called with the tags that the app invalidates; None without prerendered pages.
        note_share: Called with the request and the name of a prop that it shares; None without listeners.
    """

    def __init__(
        self,
        config: InertiaConfig,
        assets: AssetLoader,
        shell: HTMLShell,
        signer: CookieSigner,
        ssr: SSRConfig | None,
        rendering: Rendering,
        root_path: str = "",
    ) -> None:
        self._warned: set[str] = set()
        self.config = config
        self.assets = assets
        self.signer = signer
        self.ssr = ssr
        self.rendering = rendering
        self.root_path = root_path
        self.csrf_cookie: str | None = None
        self.is_development = False
        self.check_page: PageCheck | None = None
        self.is_excluded = path_matcher(ssr.exclude) if ssr is not None else None
        configured = config.asset_version
        self.make_version = _version_maker(configured) if callable(configured) else None
        self.element_id = config.root_element_id.encode()
        self.plain_mount = Mount.of("div", [("id", config.root_element_id)])
        self.documents: dict[str, tuple[bytes, bytes]] = {}
        self.has_scriptless_pages = False
        self._scriptless_shell: HTMLShell | None = None
        self._token_mark: bytes | None = None
        self.use_build(shell)
        self.has_plain_documents = (
            config.template is None and not config.legacy_root_attribute and assets.nonce is None and assets.dev is None
        )
        self.recipes: dict[int, Recipe] = {}
        # Chosen at start-up, so that requests do not check for listeners.
        self.make_encoding: Callable[[Mapping[Any, Any]], Encoding] = Encoding
        self.run_prop: Run = run
        self.render: Any = None
        self.channel_type: Callable[[str], str] | None = None
        self.publisher: Any = None
        self.note_share: Callable[[Any, str], None] | None = None
        self.on_invalidate: Callable[[Sequence[str]], Awaitable[None]] | None = None
        self.session_cookies: Callable[[Any], Iterable[str]] = lambda _: ()
        self.shares = ConfiguredShares(
            {**config.extra_static_page_props, **config.share}, config.extra_session_page_props
        )
        # Assembled once: fifty shares only cost a page the encoding of their values, which may change, and nothing for
        # their names.
        self.first_props = {"errors": _NOTHING, **self.shares.defaults}
        names = ["errors", *dict.fromkeys(name.split(".", 1)[0] for name in self.shares.names if name != "errors")]
        self.shared_names = msgspec.Raw(msgspec.json.encode(names))
        self.head_prop = "head" if config.server_head is True else config.server_head or None

    def use_build(self, shell: HTMLShell) -> None:
        """Use the build in `assets`, with its document."""
        configured = self.config.asset_version
        self.shell = shell
        self._scriptless_shell = None
        self.version = configured if isinstance(configured, str) else self.assets.version
        self.version_bytes = (self.version or "").encode()
        self.documents.clear()

    @property
    def scriptless_shell(self) -> HTMLShell:
        """The HTML around a page without scripts."""
        if self._scriptless_shell is None:
            self._scriptless_shell = self.assets.shell(self.config.root_element_id, scripts=False)
        return self._scriptless_shell

    @property
    def token_mark(self) -> bytes:
        """A text that stands for the CSRF token in a rendered page, which may be cached for all visitors.

        Secret: otherwise, a link in another visitor's text could contain it, and carry the token away.
        """
        if self._token_mark is None:
            self._token_mark = self.signer.derived("csrf-token").encode()
        return self._token_mark

    @classmethod
    def of(cls, app: Litestar) -> InertiaContext:
        """Return the context of an app.

        Raises:
            KeyError: The Inertia plugin is not installed.
        """
        context: InertiaContext = app.state[CONTEXT_KEY]
        return context

    def recipe(self, handler: Any, app: Litestar) -> Recipe:
        """Return the recipe of a handler; with None, that of error pages for requests that matched no route."""
        found = self.recipes.get(id(handler))
        if found is None or found.handler is not handler:
            encoders: Any = (app.type_encoders if handler is None else handler.resolve_type_encoders()) or {}
            # One for each handler of the app, so it cannot grow with requests.
            found = self.recipes[id(handler)] = Recipe(
                self, handler, encoders, self.make_encoding(encoders), is_debug=app.debug
            )
        return found

    def warn_once(self, message: str, *args: object) -> None:
        """Log a warning about the app's surroundings, the first time only."""
        if message not in self._warned:
            self._warned.add(message)
            logger.warning(message, *args)

    def report_rescue(self, path: str, error: Exception) -> None:
        """Log a deferred prop that failed and was left out, and call the user's hook."""
        logger.error("Deferred prop %r failed and was left out of the page", path, exc_info=error)
        if self.config.on_rescue is not None:
            self.config.on_rescue(path, error)


def _version_maker(configured: Callable[..., str | None]) -> Callable[[Any], str | None]:
    """Wrap the user's callable, which may take the request."""
    return configured if inspect.signature(configured).parameters else lambda _: configured()
