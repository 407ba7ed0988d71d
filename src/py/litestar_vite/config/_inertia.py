"""Configuration of the Inertia adapter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from litestar_vite._older_names import refuses_older_settings
from litestar_vite.config._live import LiveConfig
from litestar_vite.config._ssr import OpenTelemetryProviders, SSRConfig

if TYPE_CHECKING:
    from litestar import Request

    from litestar_vite.inertia._forms.messages import FieldError


@refuses_older_settings
@dataclass
class InertiaConfig:
    """Configuration of Inertia pages."""

    ssr: SSRConfig | bool | None = None
    """Server-side rendering. True is short for `SSRConfig()`. Default: None, which renders pages in the browser."""

    share: Mapping[str, Any] = field(default_factory=dict)
    """Props shared with every page: values, prop types, or callables. A callable with a parameter receives the request.
    Default: none.
    """

    extra_static_page_props: Mapping[str, Any] = field(default_factory=dict)
    """An older name for `share`. Both are shared. Default: none."""

    extra_session_page_props: Collection[str] = ()
    """Session keys shared with every page as props, while the session has them. Default: none."""

    flash_keys: Mapping[str, Any] | Collection[str] | None = None
    """The keys that `flash` and `flash_data` may set: names, or types by name, such as
    `{"success": list[str], "receipt": Receipt}`. They are the keys of the generated type `FlashData`. Another key is an
    error when it is set in development, in `litestar assets types` and in the log at start-up. "error" is always
    allowed. Default: None, which allows all and generates the keys found in the app's code."""

    redirect_unauthorized_to: str | Callable[[Request[Any, Any, Any], Exception], str | None] | None = None
    """A path in this app that Inertia requests and browsers are redirected to on a 401, or a function that returns it
    for a request and exception; None from the function sends the 401. `intended` returns the page that the visitor
    asked for. A form of the login page itself is refused as in `refused_forms`. Default: None, which sends the 401.
    """

    root_element_id: str = "app"
    """The id of the element that the client mounts on. Default: "app"."""

    template: str | None = None
    """The name of a template, rendered by the app's template engine, for the HTML document. It calls `{{ vite() }}` and
    outputs `{{ inertia_head }}` and `{{ inertia }}`. Default: None, which uses index.html in the Vite root, or a
    built-in document."""

    asset_version: str | Callable[..., str | None] | None = None
    """The asset version: a string, or a callable that may take the request. None from the callable skips the version
    check. Default: a hash of the Vite manifest, computed once."""

    encrypt_history: bool = False
    """Encrypt the page data in the browser's history. A response can override this. Default: False."""

    once_scope: Callable[[Request[Any, Any, Any]], Any] | None = None
    """A function that returns the owner of a request's once-props, such as the user's id, or None for a guest. Clients
    keep once-props while it returns the same value. Called for pages with once-props, including error pages of
    unknown URLs, which have no user and no session. Default: None, which keeps once-props when the user changes."""

    live: LiveConfig | None = None
    """Live props: the channels that pages may listen to. Needs Litestar's ChannelsPlugin. Default: None (off)."""

    preserve_big_integers: bool = False
    """Send integers beyond 2^53 in props and flash data so that clients from 3.8 on read them as BigInt. Others round
    them. The route opt with this name and a response override it. Default: False."""

    all_errors: bool = False
    """Send all error messages of a field as a list, instead of the first one. Default: False."""

    share_names: bool = True
    """Send the names of shared props (`sharedProps`), which the client needs for instant visits. Default: True."""

    server_head: bool | str = False
    """Insert the elements in the prop `head`, or in the prop with this name, into the document's head for pages
    rendered in the browser. The client takes them over if its `serverHead` option has the same value. The prop is HTML
    and must not contain visitors' input. Default: False."""

    concurrent_props: bool = False
    """Evaluate the async props of a response concurrently instead of sequentially. Unsuitable for props that share a
    database session. Default: False.
    """

    inline_deferred_ms: float | None = None
    """Send deferred props with the page, instead of afterwards, once they are known to take at most this many
    milliseconds together. `defer(inline_within_ms=)` overrides it for one prop; 0 always defers. Default: None, which
    always defers."""

    legacy_root_attribute: bool = False
    """Put the page into a `data-page` attribute, for Inertia clients 1.x and 2.x. Default: False."""

    secret: str | Sequence[str] | None = None
    """The key that signs the cookie with flash data and errors during a redirect. With several keys, the first signs
    and all are accepted: put a new key in front, and remove the old one a minute later. Default: derived from the app's
    CSRF or cookie session secret; without either, a random one that the processes of this user share on this machine.
    Env: INERTIA_SECRET, with commas between several. VITE_INERTIA_SECRET also works, but Vite exposes it to
    front-end code."""

    reject_nan: bool | None = None
    """Raise NonFiniteFloatError for a prop that contains NaN or an infinity. Props that contain a null are searched,
    which takes time. When off, these values are sent as null, as in JavaScript. Default: None, which is on in debug
    mode."""

    url_resolver: Callable[[Request[Any, Any, Any]], str] | None = None
    """A function that returns a page's URL (its `url` key) for a request, for apps behind a proxy that rewrites paths.
    `InertiaResponse(url=...)` overrides it. Default: None, which uses the request's path and query."""

    error_page: str | Mapping[int, str] | Callable[..., Any] | None = None
    """The page for exceptions: a component, components by status, or a sync or async callable. The callable receives
    the request, status and exception, and returns an InertiaResponse, a component, or None for Litestar's response.
    Your exception handlers take precedence. Default: None, which leaves exceptions to Litestar."""

    redirect_validation_errors: bool = True
    """Redirect an Inertia request back with its validation errors, even if the app has an exception handler for 400 or
    HTTPException. A handler for ValidationException always takes precedence. A route's opt with this name overrides
    the setting. Default: True."""

    refused_forms: Mapping[int, bool | str | Callable[[Request[Any, Any, Any], Exception], str | None]] = field(
        default_factory=dict
    )
    """Statuses with which an Inertia form goes back to its page with a message, in addition to 400, 401, 403, 409, 413,
    422 and 429. The value is True, a default message for exceptions without their own text, a function that returns the
    message (None leaves the exception to your handlers and `error_page`), or False, which turns a status off. An
    exception handler for the status or its class takes precedence. Default: none.
    """

    validation_message: Mapping[str, str] | Callable[[FieldError, Request[Any, Any, Any]], str] | None = None
    """The wording of validation messages: a catalogue, such as `litestar_vite.inertia.german.GERMAN`, or a function
    that receives a `FieldError` (path, rule, limits, value and English message) and the request. Default: None, which
    is English."""

    csrf_message: str = "The page has expired. Please try again."
    """The flash message, in the category "error", for an Inertia request that is redirected back because of an invalid
    CSRF token. Default: "The page has expired. Please try again."
    """

    devtools: bool = True
    """Record visits in development for the Inertia DevTools extension of browsers. Nothing is recorded in production.
    Default: True. Env: VITE_DEVTOOLS."""

    server_timing: bool | None = None
    """Send the times of handler, props, rendering and encoding as `Server-Timing`, which the browser's network panel
    shows. Default: None, which is on in development. Env: VITE_SERVER_TIMING."""

    early_hints: bool = False
    """Send a `Link` header with the files of a page in documents of routes with a `component`, and `103 Early Hints`
    before the handler runs if the server supports it. Not with `ViteConfig.csp_nonce`. Default: False."""

    prerender_dir: str | Path = "dist/pages"
    """The folder of the pages that `litestar assets prerender` writes, relative to `ViteConfig.root`. Default:
    "dist/pages"."""

    opentelemetry: bool | OpenTelemetryProviders = False
    """Record OpenTelemetry spans and metrics of pages, and of renders. True uses the global providers; the
    `OpenTelemetryConfig` of Litestar's plugin brings its own. Needs `litestar-vite[opentelemetry]`. Default: False."""

    prometheus: bool | Any = False
    """Export Prometheus metrics of pages, and of renders. True uses prometheus_client's default registry, which
    Litestar's `PrometheusController` exposes; or pass a `CollectorRegistry`. Needs `litestar-vite[prometheus]`.
    Default: False."""

    slow_prop_seconds: float = 0.5
    """Props that take longer have a span and are counted by name, if spans or metrics are on. Default: 0.5 seconds."""

    on_rescue: Callable[[str, Exception], None] | None = None
    """A function called with the path and the exception when a deferred prop with `rescue` fails, in addition to the
    log entry. Default: None."""
