"""Settings of the Inertia adapter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from litestar_vite.config.ssr import SSRConfig

if TYPE_CHECKING:
    from litestar import Request

__all__ = ("InertiaConfig",)


@dataclass
class InertiaConfig:
    """How pages are put together."""

    ssr: SSRConfig | bool | None = None
    """Server-side rendering; True is `SSRConfig()`. Default: None, pages are rendered in the browser."""

    share: Mapping[str, Any] = field(default_factory=dict)
    """Props of every page: values, prop kinds, or callables. A callable with a parameter gets the request. Default:
    none.
    """

    extra_static_page_props: Mapping[str, Any] = field(default_factory=dict)
    """The older name of `share`; both are shared. Default: none."""

    extra_session_page_props: Collection[str] = ()
    """Names of session values that every page gets as props, None where the session has none. Default: none."""

    redirect_unauthorized_to: str | None = None
    """Where an Inertia request or a browser that gets 401 is sent to, a path of this app. Default: None, the 401 is
    answered.
    """

    root_element_id: str = "app"
    """Id of the element the client mounts on. Default: "app"."""

    template: str | None = None
    """Name of a template of the app's template engine that renders the page's HTML. It calls `{{ vite() }}` and prints
    `{{ inertia_head }}` and `{{ inertia }}`. Default: None, the shell comes from index.html in the Vite root, or is
    built in."""

    asset_version: str | Callable[..., str | None] | None = None
    """The asset version: a string, or a callable that may take the request and may return None (then no check is made).
    Default: a hash of the Vite manifest, computed once."""

    encrypt_history: bool = False
    """Encrypt the page data that the browser keeps in its history. A response can override it. Default: False."""

    all_errors: bool = False
    """Give all messages of a field as a list and not only the first. Default: False."""

    share_names: bool = True
    """Tell the client which props are shared (`sharedProps`), for instant visits. Default: True."""

    server_head: bool | str = False
    """Put the elements of the prop `head`, or of the prop of this name, into the head of a document that the browser
    renders; the client takes them over when its `serverHead` option says the same. The prop is HTML, so it must not
    come from visitors. Default: False."""

    concurrent_props: bool = False
    """Run the async props of an answer together and not one after another. Not for props that share a database session.
    Default: False.
    """

    legacy_root_attribute: bool = False
    """Put the page into a `data-page` attribute for clients 1.x and 2.x. Default: False."""

    secret: str | None = None
    """Signs the cookie that carries flash and errors over a redirect when the app has no session. Default: made up at
    start-up, which is right for one process only. Env: INERTIA_SECRET; VITE_INERTIA_SECRET works, too, and is a name
    that front-end code can read."""

    reject_nan: bool | None = None
    """Raise NonFiniteFloatError when a prop holds NaN or an infinity, at the price of a walk through props that hold a
    null. When off they are sent as null, as JavaScript does. Default: None, on in debug mode."""

    url_resolver: Callable[[Request[Any, Any, Any]], str] | None = None
    """Makes the URL of every page (its `url` key) from the request, for an app behind a proxy that rewrites paths.
    `InertiaResponse(url=...)` overrides it. Default: None, path and query of the request."""

    error_page: str | Mapping[int, str] | Callable[..., Any] | None = None
    """The page that shows an exception: a component for all statuses, one for each status, or a callable, sync or
    async, that gets request, status and exception and returns an InertiaResponse, a component, or None for Litestar's
    own answer. Handlers of yours for the exception or the status come first. Default: None, Litestar's answers."""

    redirect_validation_errors: bool = True
    """Send an Inertia request whose validation failed back with its errors, although the app has an exception handler
    for 400 or HTTPException. One for ValidationException itself is always respected. A route's opt of this name
    overrides it. Default: True."""

    validation_message: Callable[[str, str], str] | None = None
    """Says a validation error in your words or language: gets the dotted field path and our message. Default: None."""

    csrf_message: str = "The page has expired. Please try again."
    """The flash message, of the category "error", with which an Inertia request goes back when its CSRF token is wrong.
    Default: that one.
    """

    on_rescue: Callable[[str, Exception], None] | None = None
    """Called with path and error when a deferred prop with `rescue` fails, besides the log entry. Default: None."""
