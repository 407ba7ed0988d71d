"""Redirects for the Inertia client.

How it works:
1. `InertiaRedirect`, `InertiaBack` and `InertiaExternalRedirect` are Litestar Redirects that check their target.
2. `convert_start` adapts every redirect of an Inertia request before it is sent, including a plain Litestar
   `Redirect`: PUT, PATCH and DELETE with 301/302 become 303; another http(s) origin becomes 409 with
   X-Inertia-Location; a fragment becomes 409 with X-Inertia-Redirect. An empty 200, 201, 202 or 204 becomes a redirect
   to its Location, else back. A download becomes a 409 with X-Inertia-Location, so that the browser fetches it.
3. Responses for an Inertia client are never cached. `differs` detects the responses to browsers that have to vary.

Rules: the response decides, regardless of what made it. Targets are read as browsers read them ("///evil.com" and
"/\\evil.com" are other hosts, tabs and line ends vanish). `back` never leaves the origin, and never loops."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, Final
from urllib.parse import unquote

from litestar import Request
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect, Response
from litestar.response.base import ASGIResponse
from litestar.response.redirect import RedirectStatusType
from litestar.types import HTTPResponseStartEvent, HTTPScope
from typing_extensions import override

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._page.demands import is_bare
from litestar_vite.inertia._page.request import InertiaRequest
from litestar_vite.inertia._protocol.headers import X_INERTIA_LOCATION, X_INERTIA_REDIRECT
from litestar_vite.inertia._redirect_targets import (
    is_for_browsers,
    leaves_origin,
    local_path,
    origin_of,
    own_path,
    path_on,
)

logger = logging.getLogger("litestar_vite.inertia")

_SEE_OTHER: Final = 303
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_PERMANENT: Final = frozenset({301, 308})
_SUCCESS: Final = frozenset({200, 201, 202, 204})
_OK: Final = 200
_NO_CONTENT: Final = 204
_CONFLICT: Final = 409
# Eight characters each in the cookie. Browsers stop after twenty redirects.
_MAX_SEEN: Final = 20
# Browsers send only the origin instead of a longer Referer.
_MAX_REFERER: Final = 4_096
# The JSON of None.
_NULL_LENGTH: Final = b"4"
_FOR_THE_CLIENT: Final = frozenset({X_INERTIA_LOCATION.lower().encode(), X_INERTIA_REDIRECT.lower().encode()})


class _OwnRedirect(Redirect):
    """A redirect to a computed target. Without a target, the response is 404, with a warning in the log."""

    def __init__(self, request: Request[Any, Any, Any], target: str | None, kwargs: dict[str, Any]) -> None:
        super().__init__(target or "/", **{"status_code": _status_for(request), **kwargs})
        self._inertia = inertia = InertiaRequest.of(request)
        is_itself = request.method in {"GET", "HEAD"} and _short(self.url) == _short(inertia.request_url)
        self._is_lost = target is None or is_itself
        if self._is_lost:
            logger.warning(
                "%s has no page to go to from %s %s. Answer this URL with a page, or redirect elsewhere.",
                type(self).__name__,
                request.method,
                inertia.request_url,
            )

    @override
    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        if not self._is_lost:
            return super().to_asgi_response(*args, **kwargs)
        answer = Response("There is no page to go back to.", status_code=404, media_type="text/plain")
        answer.cookies, answer.headers, answer.background = self.cookies, self.headers, self.background
        kwargs.pop("status_code", None)
        return answer.to_asgi_response(*args, **kwargs)


class InertiaRedirect(_OwnRedirect):
    """Redirect to a path of this site, as written. Another origin is refused: the redirect goes to the app's "/", with
    a warning in the log.

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
        super().__init__(request, target, kwargs)


class InertiaBack(_OwnRedirect):
    """Redirect to the page that the visitor came from: the Referer if it is of this origin, else the session's previous
    URL, else the app's "/".

    A GET is never redirected to itself, nor to another GET that has just been redirected back. Without any other URL,
    the response is 404, with a warning in the log.
    """

    def __init__(self, request: Request[Any, Any, Any], **kwargs: Any) -> None:
        inertia = InertiaRequest.of(request)
        seen = _turned_back(inertia)
        path = next((path for path in _ways_back(inertia) if _short(path) not in seen), None)
        super().__init__(request, path, kwargs)

    @override
    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        if not self._is_lost:
            remember_turn(self._inertia)
        return super().to_asgi_response(*args, **kwargs)


class InertiaExternalRedirect(Redirect):
    """Leave the app: an Inertia client makes a full browser visit to the URL (the response becomes a 409).

    Raises:
        ConfigError: The target is neither an http(s) URL nor a path, or contains control characters.
    """

    def __init__(self, request: Request[Any, Any, Any], to: str = "", *, redirect_to: str = "", **kwargs: Any) -> None:
        to = to or redirect_to  # The older name.
        if not is_for_browsers(to, may_have_controls=False):
            raise ConfigError(
                f"InertiaExternalRedirect to {to!r}: use an http(s) URL or a path, without control characters."
            )
        super().__init__(to, **{"status_code": _status_for(request), **kwargs})
        self._inertia = InertiaRequest.of(request)

    @override
    def to_asgi_response(self, *args: Any, **kwargs: Any) -> ASGIResponse:
        # Here and not earlier: a handler may create a redirect and return something else.
        self._inertia.is_external = True
        return super().to_asgi_response(*args, **kwargs)


def _status_for(request: Request[Any, Any, Any]) -> RedirectStatusType:
    return 302 if request.method in {"GET", "HEAD"} else 303


def back_path(inertia: InertiaRequest) -> str | None:
    """Return the path that the visitor came from; None if that is this GET, or one that was redirected back."""
    path, seen = next(_ways_back(inertia)), _turned_back(inertia)
    return None if seen and _short(path) in seen else path


def remember_turn(inertia: InertiaRequest) -> None:
    """Remember that a GET was redirected back, until the next page: two pages may redirect back to each other."""
    if seen := _turned_back(inertia):
        inertia.carry.put("back", seen)


def _turned_back(inertia: InertiaRequest) -> list[str]:
    """Return the GETs that were redirected back since the last page, including this one; none for a form."""
    if inertia.scope["method"] not in {"GET", "HEAD"}:
        return []
    own, before = _short(inertia.request_url), inertia.carry.get("back") or []
    return [*(each for each in before[-_MAX_SEEN:] if each != own), own]


def _ways_back(inertia: InertiaRequest) -> Iterator[str]:
    """Return the possible targets of `back`, the best first."""
    ways = [_referer_path, _previous_path]
    # With `Referrer-Policy: origin`, each Referer looks like that of the first page.
    if is_bare(inertia.headers.get(b"referer", b"")):
        ways.reverse()
    yield from (path for way in ways if (path := way(inertia)) is not None)
    yield with_root_path("/", inertia)


def _previous_path(inertia: InertiaRequest) -> str | None:
    return local_path(inertia.carry.get("previous") or "", inertia.scope)


def _short(url: str) -> str:
    return sha256(unquote(url.split("#", 1)[0]).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _referer_path(inertia: InertiaRequest) -> str | None:
    """Return the path of a Referer of this origin."""
    referer, scope, headers = inertia.headers.get(b"referer", b"").decode("latin-1"), inertia.scope, inertia.headers
    if not referer or len(referer) > _MAX_REFERER:
        return None
    if headers.get(b"sec-fetch-site") == b"same-origin":  # Browsers set this header; pages cannot.
        return own_path(referer)
    # Behind a proxy that terminates TLS, the app sees http but the Referer has https. Only the path is used, so either
    # is accepted, and so is the host that was requested from the proxy.
    hosts = (headers.get(b"host", b""), headers.get(b"x-forwarded-host", b"").split(b",")[0].strip())
    names, schemes = (host.decode("latin-1") for host in hosts if host), {scope["scheme"], "https"}
    path = path_on(referer, [origin_of(f"{scheme}://{name}") for name in names for scheme in schemes])
    if path is None and inertia.visit.is_inertia:
        inertia.context.warn_once(
            "Going back ignores the Referer %.200r: requests arrive with the Host %.200r. Let the proxy pass on the "
            "Host that it is asked for, or X-Forwarded-Host.",
            referer,
            hosts[0].decode("latin-1"),
        )
    return path


def with_root_path(path: str, inertia: InertiaRequest) -> str:
    """Return a path of the app as browsers request it: under the prefix, unless it already starts with the prefix.

    For targets from settings and from this package. Targets in handlers are unchanged, as in Litestar's own
    `Redirect`."""
    root = (inertia.context.root_path or inertia.scope.get("root_path") or "").rstrip("/")
    has_it = path == root or path.startswith((f"{root}/", f"{root}?", f"{root}#"))
    return path if not root or has_it or not path.startswith("/") or path.startswith("//") else root + path


def convert_start(message: HTTPResponseStartEvent, inertia: InertiaRequest) -> bool:
    """Adapt the start of a response to an Inertia request, in place. Return whether caches must not store it.

    Browsers cache a 301 or 308 by default, and would use it for other visits to the same URL."""
    status, method = message["status"], inertia.scope["method"]
    if method != "OPTIONS" and redirect_if_empty(message, inertia):
        pass
    elif method == "GET" and is_download(message):
        _conflict(message, X_INERTIA_LOCATION, inertia.request_url)
    if message["status"] in _REDIRECTS:
        location = _header(message, b"location")
        if location is not None:
            _convert_redirect(message, inertia, location.decode("latin-1"), method)
            # The fragment of a prefetch is kept, that of a visit is not.
            return message["status"] != status or status in _PERMANENT or b"#" in location
    return message["status"] != status or any(name.lower() in _FOR_THE_CLIENT for name, _ in message["headers"])


def redirect_if_empty(message: HTTPResponseStartEvent, inertia: InertiaRequest) -> bool:
    """Turn a success without content into a redirect, in place (protocol D31). Return whether it was one."""
    is_empty = message["status"] in _SUCCESS and _says_nothing(message, inertia.scope)
    if is_empty:
        _redirect_onwards(message, inertia, inertia.scope["method"])
    return is_empty


def _redirect_onwards(message: HTTPResponseStartEvent, inertia: InertiaRequest, method: str) -> None:
    """Turn a response without content into a redirect, unless it would loop."""
    named = _header(message, b"location")
    target = back_path(inertia) if named is None else None
    if target is not None:
        remember_turn(inertia)
        message["headers"] = [*message["headers"], (b"location", target.encode("latin-1", "replace"))]
    if target is not None or (named is not None and named.decode("latin-1") != inertia.request_url):
        message["status"] = 302 if method in {"GET", "HEAD"} else _SEE_OTHER


def redirects(status: int, headers: Mapping[str, str]) -> bool:
    """Return whether a response with this status and these headers is a redirect."""
    return status in _REDIRECTS and any(name.lower() == "location" for name in headers)


def is_download(message: HTTPResponseStartEvent) -> bool:
    """Return whether a browser would save a response instead of showing it."""
    found = _header(message, b"content-disposition") if message["status"] == _OK else None
    return found is not None and found.lstrip().lower().startswith(b"attachment")


def differs(message: HTTPResponseStartEvent, scope: HTTPScope, *, is_external: bool = False) -> bool:
    """Return whether an Inertia client gets another response to a GET than this one, which a browser gets."""
    if scope["method"] not in {"GET", "HEAD"}:
        return False
    if message["status"] in _REDIRECTS:
        location = (_header(message, b"location") or b"").decode("latin-1")
        return is_external or "#" in location or leaves_origin(location, scope)
    return message["status"] in _SUCCESS and (_says_nothing(message, scope) or is_download(message))


def _convert_redirect(message: HTTPResponseStartEvent, inertia: InertiaRequest, location: str, method: str) -> None:
    if inertia.is_external or leaves_origin(location, inertia.scope):
        if not is_for_browsers(location):
            # As a redirect, a browser ignores "javascript:…"; as the window's location, it would run it.
            logger.warning(
                "Left the redirect to %r as it is: an Inertia client is sent to http(s) URLs only.", location
            )
            return
        # A fetch cannot follow to another origin, so the client makes a browser visit (protocol D25, D26).
        _conflict(message, X_INERTIA_LOCATION, location)
    elif "#" in location and not inertia.visit.is_prefetch:
        # A fetch follows redirects automatically and loses the fragment (protocol D27).
        _conflict(message, X_INERTIA_REDIRECT, location)
    elif message["status"] in {301, 302} and method in {"PUT", "PATCH", "DELETE"}:
        # With 302, browsers repeat the method on the new URL (protocol D24).
        message["status"] = _SEE_OTHER


def _conflict(message: HTTPResponseStartEvent, header: str, location: str) -> None:
    kept = [(name, value) for name, value in message["headers"] if name.lower() != b"location"]
    message["status"] = _CONFLICT
    message["headers"] = [*kept, (header.lower().encode(), location.encode("latin-1"))]


def _header(message: HTTPResponseStartEvent, name: bytes) -> bytes | None:
    return next((value for key, value in message["headers"] if key.lower() == name), None)


def _says_nothing(message: HTTPResponseStartEvent, scope: HTTPScope) -> bool:
    """Return whether a response is empty, and not a page.

    The JSON of None is recognised by its length and the handler's annotation. An ASGI app always returns None, and a
    hook may respond instead of the handler.
    """
    names = {key.lower(): value for key, value in message["headers"]}
    if b"x-inertia" in names:
        return False
    length = names.get(b"content-length")
    if message["status"] == _NO_CONTENT or length == b"0":
        return True
    handler: Any = scope.get("route_handler")
    return (
        length == _NULL_LENGTH
        and names.get(b"content-type", b"").startswith(b"application/json")
        and isinstance(handler, HTTPRouteHandler)
        and handler.parsed_fn_signature.return_type.is_none_type
    )
