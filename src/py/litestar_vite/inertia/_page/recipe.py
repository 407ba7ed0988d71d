"""A route's recipe: everything known about its pages before a request. Compiled once, and kept by the context.

Every route that may send a page has a recipe, and so does the response to a request that matched no route."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from litestar_vite.config._ssr import CachePolicy
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._protocol.durations import Durations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from litestar_vite.config._ssr import SSRConfig
    from litestar_vite.inertia._page.context import InertiaContext
    from litestar_vite.inertia._page.encode import Encoding


# 2,048 names: more than any page has. Names that a handler generates for each request must not fill the memory.
_MAX_NAMES: Final = 2048


class Recipe:
    """The settings of a route's pages, and facts about earlier pages.

    Attributes:
        handler: The route's handler; None for requests that matched no route.
        component: The page component; None if each response names its own.
        ssr: The settings of server-side rendering; None if the browser renders the route's pages (protocol K11).
        hydrates: The route's documents have the scripts of the front end, unless a response sets it otherwise.
        cache_policy: How long rendered pages are cached; None for never.
        impersonal_cookies: With a policy by URL, patterns of the cookies that say nothing about a page's visitor.
        encrypts_history: The setting of the route (or its controller or router), else the app's (protocol I63).
        template: The root template of the route (or its controller or router), else the app's; None for index.html.
        preserves_big_integers: Integers beyond 2^53 are sent as markers, by the setting of the route or the app.
        rejects_nan: NaN is an error: as configured, else in debug mode.
        is_usual: Neither the route nor the app adds anything to a page, except plain values to share.
        has_prop_types: A page contained prop types or callables, so the next one is planned directly.
        known: The names that have held prop types or callables, in the page's order; None until a page was planned.
        durations: The times of deferred props.
        reads_all: All names are searched, and the encoder expects prop types: some are in lists, or under more names
            than are remembered.
    """

    def __init__(
        self,
        context: InertiaContext,
        handler: Any,
        type_encoders: Mapping[Any, Callable[[Any], Any]],
        encoding: Encoding,
        *,
        is_debug: bool,
    ) -> None:
        opt: Mapping[str, Any] = handler.opt if handler is not None else {}
        component, encrypts = opt.get("component"), opt.get("encrypt_history")
        self.context = context
        self.handler = handler
        self.component: str | None = component if isinstance(component, str) else None
        self.type_encoders = type_encoders
        self.encoding = encoding
        self.ssr: SSRConfig | None = context.ssr if opt.get("ssr") is not False else None
        self.hydrates = opt.get("hydrate") is not False
        wanted = opt.get("ssr_cache")
        if wanted is None and context.ssr is not None:
            wanted = context.ssr.cache
        self.cache_policy = _as_policy(wanted) if wanted is not None else None
        self.impersonal_cookies = self._impersonal_cookies()
        config = context.config
        self.encrypts_history = config.encrypt_history if encrypts is None else bool(encrypts)
        self.template: str | None = opt.get("root_template") or config.template
        preserves = opt.get("preserve_big_integers")
        self.preserves_big_integers = config.preserve_big_integers if preserves is None else bool(preserves)
        self.rejects_nan = is_debug if config.reject_nan is None else config.reject_nan
        adds = (
            self.preserves_big_integers
            or self.encrypts_history
            or self.rejects_nan
            or config.url_resolver
            or not context.shares.is_plain
        )
        self.is_usual = not adds
        self.has_prop_types = self.reads_all = False
        self.known: tuple[str, ...] | None = None
        self.durations = Durations(config.inline_deferred_ms)

    def _impersonal_cookies(self) -> tuple[str, ...]:
        policy, context = self.cache_policy, self.context
        if policy is None or policy.by != "url":
            return ()
        # Litestar also sets the cookie of an empty session. A session in use is found in the scope.
        csrf = [context.csrf_cookie] if context.csrf_cookie is not None else []
        return (*policy.ignore_cookies, *csrf, *context.session_cookies(self.handler))

    def is_scriptless(self, *, hydrate: bool | None) -> bool:
        """Return whether a document has no scripts of the front end. `hydrate` is the setting of the response.

        False if the app has turned its server-side rendering off (`SSRConfig.enabled`, tests): the browser renders the
        page instead.

        Raises:
            ConfigError: The page cannot be rendered on the server.
        """
        if self.hydrates if hydrate is None else hydrate:
            return False
        if self.ssr is not None:
            return True
        if self.context.ssr is None and self.context.config.ssr:
            return False
        raise ConfigError(
            "hydrate=False needs server-side rendering: set InertiaConfig(ssr=True), and no ssr=False on the route."
        )

    def learn(self, names: set[str], page: Iterable[str]) -> None:
        """Remember names that contain prop types, in the page's order, in which they are called."""
        held = names.union(self.known or ())
        if len(held) > _MAX_NAMES:
            self.known, self.reads_all = (), True
            return
        self.known = (*(name for name in page if name in held), *sorted(held.difference(page)))


@lru_cache(maxsize=64)
def _as_policy(wanted: CachePolicy | float) -> CachePolicy | None:
    policy = wanted if isinstance(wanted, CachePolicy) else CachePolicy(max(float(wanted), 0.0))
    return policy if policy.seconds > 0 else None
