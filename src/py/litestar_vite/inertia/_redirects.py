"""Redirects, as the Inertia client needs them.

How it works:
1. `InertiaRedirect`, `InertiaBack` and `InertiaExternalRedirect` are Litestar Redirects that check their target.
2. Whatever made a redirect, a plain Litestar `Redirect` included, `convert_start` adapts it on the way out of an
   Inertia request: PUT, PATCH and DELETE with 301/302 become 303; another http(s) origin becomes 409 with
   X-Inertia-Location; a fragment becomes 409 with X-Inertia-Redirect; an empty 200, 201 or 204 becomes a redirect back.
3. No cache stores what was made for an Inertia client. `differs` names the answers to browsers that have to vary.

Rules: targets are read as browsers read them ("///evil.com" and "/\\evil.com" are other hosts, tabs and line ends
vanish); `back` never leaves the origin."""

from __future__ import annotations

import logging
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._protocol.headers import X_INERTIA_LOCATION, X_INERTIA_REDIRECT

if TYPE_CHECKING:
    from litestar import Request
    from litestar.response.redirect import RedirectStatusType
    from litestar.types import HTTPResponseStartEvent, HTTPScope


logger = logging.getLogger("litestar_vite.inertia")

# Browsers drop these from a URL before they parse it (WHATWG URL, "basic URL parser": C0 and space at the ends, tab and
# line ends anywhere).
_DROPPED: Final = re.compile(r"^[\x00-\x20]+|[\x00-\x20]+$|[\t\r\n]")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME: Final = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.\-]*:")
_QUERY: Final = re.compile(r"[?#]")
_PATH: Final = re.compile(r"[/?#]")
_ORIGIN: Final = re.compile(r"[^:/?#]+://[^/?#]*")
_WEB_SCHEMES: Final = frozenset({"http:", "https:"})
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_SEE_OTHER: Final = 303
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PERMANENT: Final = frozenset({301, 308})
_SUCCESS: Final = frozenset({200, 201, 204})
_CONFLICT: Final = 409
_FOR_THE_CLIENT: Final = frozenset({X_INERTIA_LOCATION.lower().encode(), X_INERTIA_REDIRECT.lower().encode()})


class InertiaRedirect(Redirect):
    """Redirect to a path of this site, as it is written; another origin is refused and goes to the app's "/", with a
    warning in the log.

    `redirect_to` is the older name of `to`.
    """

    def __init__(self, request: Request[Any, Any, Any], to: str = "", *, redirect_to: str = "", **kwargs: Any) -> None:
        to = to or redirect_to
        target = local_path(to, request.scope)
        if target is None:
            logger.warning(
                "Refused to redirect to %r, which is not of this app. Use InertiaExternalRedirect for other sites.", to
            )
            target = with_root_path("/", InertiaRequest.of(request))
        super().__init__(target, **{"status_code": _status_for(request), **kwargs})


class InertiaBack(Redirect):
    """Redirect to where the visitor came from: the Referer if it is of this origin, else the session's previous URL,
    else the app's "/".
    """

    def __init__(self, request: Request[Any, Any, Any], **kwargs: Any) -> None:
        super().__init__(back_path(InertiaRequest.of(request)), **{"status_code": _status_for(request), **kwargs})


class InertiaExternalRedirect(Redirect):
    """Leave the app: an Inertia client makes a full browser visit to the URL (it becomes a 409 on its way out).

    Raises:
        ConfigError: The target is neither an http(s) URL nor a path, or holds control characters.
    """

    def __init__(self, request: Request[Any, Any, Any], to: str = "", *, redirect_to: str = "", **kwargs: Any) -> None:
        to = to or redirect_to  # The older name.
        scheme = _SCHEME.match(to.lstrip(" "))  # Browsers drop spaces in front.
        if _CONTROLS.search(to) or (scheme and scheme[0].lower() not in _WEB_SCHEMES):
            msg = f"InertiaExternalRedirect to {to!r}: use an http(s) URL or a path, without control characters."
            raise ConfigError(msg)
        super().__init__(to, **{"status_code": _status_for(request), **kwargs})
        InertiaRequest.of(request).is_external = True


def _status_for(request: Request[Any, Any, Any]) -> RedirectStatusType:
    return 302 if request.method in {"GET", "HEAD"} else 303


def back_path(inertia: InertiaRequest) -> str:
    """Return the path that `InertiaBack` goes to."""
    scope = inertia.scope
    referer = inertia.headers.get(b"referer", b"").decode("latin-1")
    if referer:
        # Behind a proxy that ends TLS the app sees http and the Referer says https. Only the path is used, so either
        # will do.
        path = _path_on(referer, (_request_origin(scope), _request_origin(scope, "https")))
        if path is not None:
            return path
    return local_path(inertia.carry.get("previous") or "", scope) or with_root_path("/", inertia)


def with_root_path(path: str, inertia: InertiaRequest) -> str:
    """Return a path of the app as browsers ask for it: under the prefix, unless it begins with the prefix already.

    For what settings and we ourselves name. Targets that handlers write stay as they are, as in Litestar's own
    `Redirect`."""
    root = (inertia.context.root_path or inertia.scope.get("root_path") or "").rstrip("/")
    has_it = path == root or path.startswith((f"{root}/", f"{root}?", f"{root}#"))
    return path if not root or has_it or not path.startswith("/") or path.startswith("//") else root + path


def local_path(target: str, scope: HTTPScope) -> str | None:
    """Return path, query and fragment of a target on this origin, None when a browser would leave it.

    Args:
        target: A path or a full URL.
        scope: The request, with the origin that counts.
    """
    return _path_on(target, (_request_origin(scope),))


def _path_on(target: str, origins: tuple[_Origin | None, ...]) -> str | None:
    target = _DROPPED.sub("", target)
    if not target or _CONTROLS.search(target):
        return None
    # Browsers read a backslash as a slash in http URLs, but not in query and fragment.
    head = _QUERY.split(target, maxsplit=1)[0]
    target = head.replace("\\", "/") + target[len(head) :]
    if target.startswith("/"):
        return None if target.startswith("//") else target
    if not _SCHEME.match(target):
        return None if target.startswith(("?", "#")) else f"/{target}"
    origin = _origin_of(target)
    if origin is None or origin not in origins:  # None: the Host of the request may be odd too.
        return None
    rest = target.split("://", 1)[1]
    slash = _PATH.search(rest)
    if slash is None:
        return "/"
    path = rest[slash.start() :]
    path = path if path.startswith("/") else f"/{path}"
    return None if path.startswith("//") else path


_Origin = tuple[str, str, int]


def _origin_of(url: str) -> _Origin | None:
    """Return scheme, host and port of a full http(s) URL; None for anything else, also when it is odd enough to be read
    in two ways.
    """
    found = _ORIGIN.match(url)
    if found is None:
        return None
    return (_remembered_origin if found.end() <= _MAX_REMEMBERED_ORIGIN else _read_origin)(found[0])


def _read_origin(origin: str) -> _Origin | None:
    try:
        parts = urlsplit(origin)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if (
        scheme not in _DEFAULT_PORTS
        or not origin[len(scheme) :].startswith("://")
        or not parts.hostname
        or "@" in parts.netloc
    ):
        return None
    return scheme, parts.hostname.lower(), port or _DEFAULT_PORTS[scheme]


# Each redirect compares its own origin with that of the Referer, and an app has few.
_remembered_origin: Final = lru_cache(maxsize=64)(_read_origin)
_MAX_REMEMBERED_ORIGIN: Final = 300


def _request_origin(scope: HTTPScope, scheme: str = "") -> _Origin | None:
    host = next((value for name, value in scope["headers"] if name == b"host"), b"").decode("latin-1")
    return _origin_of(f"{scheme or scope['scheme']}://{host}")


def convert_start(message: HTTPResponseStartEvent, inertia: InertiaRequest) -> bool:
    """Adapt the start of a response to an Inertia request, in place; return whether caches must not store it.

    Browsers keep a 301 or 308 without being asked to, and would use it for other visits to the same URL."""
    status, method = message["status"], inertia.scope["method"]
    if status in _REDIRECTS:
        location = _take(message, b"location", remove=False)
        if location is not None:
            _convert_redirect(message, inertia, location.decode("latin-1"), method)
            # The fragment of a prefetch stays, that of a visit does not.
            return message["status"] != status or status in _PERMANENT or b"#" in location
    elif (
        status in _SUCCESS and method != "OPTIONS" and (_is_empty(message) or _returns_nothing(inertia.scope))
    ):  # Protocol D31
        target = back_path(inertia)
        if method in {"GET", "HEAD"} and target == inertia.request_url:  # It would come back for ever.
            return False
        message["status"] = 302 if method in {"GET", "HEAD"} else _SEE_OTHER
        message["headers"] = [*message["headers"], (b"location", target.encode("latin-1", "replace"))]
    return message["status"] != status or any(name.lower() in _FOR_THE_CLIENT for name, _ in message["headers"])


def differs(message: HTTPResponseStartEvent, scope: HTTPScope, *, is_external: bool = False) -> bool:
    """Return whether an Inertia client gets another answer to a GET than this one, which a browser gets."""
    if scope["method"] not in {"GET", "HEAD"}:
        return False
    if message["status"] in _REDIRECTS:
        location = (_take(message, b"location", remove=False) or b"").decode("latin-1")
        return is_external or "#" in location or _leaves_origin(location, scope)
    return message["status"] in _SUCCESS and (_is_empty(message) or _returns_nothing(scope))


def _convert_redirect(message: HTTPResponseStartEvent, inertia: InertiaRequest, location: str, method: str) -> None:
    if inertia.is_external or _leaves_origin(location, inertia.scope):
        if (scheme := _SCHEME.match(_DROPPED.sub("", location))) and scheme[0].lower() not in _WEB_SCHEMES:
            # As a redirect a browser ignores "javascript:…"; as the window's location it would run it.
            logger.warning(
                "Left the redirect to %r as it is: an Inertia client is sent to http(s) URLs only.", location
            )
            return
        # A fetch cannot follow to another origin; the client makes a browser visit of it (protocol D25, D26).
        _conflict(message, X_INERTIA_LOCATION, location)
    elif "#" in location and not inertia.visit.is_prefetch:
        # A fetch follows redirects by itself and loses the fragment (protocol D27).
        _conflict(message, X_INERTIA_REDIRECT, location)
    elif message["status"] in {301, 302} and method in {"PUT", "PATCH", "DELETE"}:
        # With 302 browsers repeat the method on the new URL (protocol D24).
        message["status"] = _SEE_OTHER


def _leaves_origin(location: str, scope: HTTPScope) -> bool:
    """Return whether a Location is of another origin; a bare query or fragment is of this page."""
    cleaned = _DROPPED.sub("", location)
    return bool(cleaned) and not cleaned.startswith(("?", "#")) and local_path(cleaned, scope) is None


def _conflict(message: HTTPResponseStartEvent, header: str, location: str) -> None:
    _take(message, b"location", remove=True)
    message["status"] = _CONFLICT
    message["headers"] = [*message["headers"], (header.lower().encode(), location.encode("latin-1"))]


def _take(message: HTTPResponseStartEvent, name: bytes, *, remove: bool) -> bytes | None:
    headers = list(message["headers"])
    found = next((value for key, value in headers if key.lower() == name), None)
    if remove:
        message["headers"] = [(key, value) for key, value in headers if key.lower() != name]
    return found


def _is_empty(message: HTTPResponseStartEvent) -> bool:
    """Return whether an answer is empty, and not a page."""
    names = {key.lower(): value for key, value in message["headers"]}
    return names.get(b"content-length") == b"0" and b"x-inertia" not in names


def _returns_nothing(scope: HTTPScope) -> bool:
    """Return whether an HTTP handler is annotated to return None.

    Litestar answers it with the JSON `null`, or with 204 after a DELETE. An ASGI app returns None in any case.
    """
    handler: Any = scope.get("route_handler")
    return isinstance(handler, HTTPRouteHandler) and handler.parsed_fn_signature.return_type.is_none_type
