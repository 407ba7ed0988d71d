"""Keeps responses for one client out of caches for others: ETags by variant, no personal data with `public` (protocol
J67, J69).

How it works:
1. One URL has several responses: the document, the page as JSON, partial pages, and those of each build. An ETag that
   the app sets on a page gets a suffix that names the variant, and loses it again in the `If-None-Match` of a request
   for the same variant, so that the app compares its own value.
2. A page that showed one visitor's flash or errors, or sets the carry cookie, is never cached. The CSRF cookie is
   removed from every response that shared caches may keep.
3. A response that was made for Inertia clients (a conflict, a converted redirect) is never cached. A response to
   browsers that Inertia clients would not receive varies on `X-Inertia`.
4. Litestar's response cache runs outside its CSRF middleware, and so stores the token of the first visitor. The token
is removed again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Any, Final, cast

from litestar.types import HTTPResponseStartEvent, Message

from litestar_vite.inertia._page.assemble import SHOWN
from litestar_vite.inertia._page.request import InertiaRequest

_OURS: Final = (b"x-inertia", b"precognition")
_TAG: Final = re.compile(r'-lv([0-9a-f]{8})(?=")')
_NOT_SHARED: Final = re.compile(rb"(?i)\b(?:private|no-store)\b")
_SHARED: Final = re.compile(rb"(?i)\bpublic\b|\bs-maxage=")
# Such a response is not reused without a request to the app, and nginx does not store it.
_ASKED_FIRST: Final = re.compile(rb"(?i)\bno-cache\b|\bmax-age=0\b")
_NO_STORE: Final = re.compile(rb"(?i)\bno-store\b")
# CDNs and nginx prefer the last three to Cache-Control.
_CACHE_HEADERS: Final = frozenset(
    {b"cache-control", b"expires", b"x-accel-expires", b"surrogate-control", b"cdn-cache-control"}
)
# Browsers store these forever without a Cache-Control (RFC 9110, section 15.4).
_PERMANENT: Final = frozenset({301, 308})
_INERTIA: Final = b"X-Inertia"
# Headers that describe the content of a response.
_DESCRIBING: Final = (b"content-", b"etag", b"last-modified", b"accept-ranges")


def variant_of(headers: Iterable[Any], version: str | None) -> str:
    """Return the name of the page variant for a request with these headers, in 32 hexadecimal digits."""
    ours = sorted((bytes(name), bytes(value)) for name, value in headers if name.startswith(_OURS))
    return sha256(repr((version, ours)).encode()).hexdigest()[:32]


def tag_etag(etag: str, inertia: InertiaRequest) -> str:
    """Return the app's ETag for this variant of its page."""
    return f'{etag[:-1]}-lv{_short(inertia)}"' if etag.endswith('"') else etag


def strip_etags(inertia: InertiaRequest) -> None:
    """Restore the app's own ETags in `If-None-Match`, if they belong to this variant."""
    scope: Any = inertia.scope
    asked = inertia.headers[b"if-none-match"].decode("latin-1")
    short = _short(inertia)
    own = _TAG.sub(lambda tag: "" if tag[1] == short else tag[0], asked)
    if own != asked:
        scope["headers"] = [
            (name, own.encode("latin-1") if name == b"if-none-match" else value) for name, value in scope["headers"]
        ]


def _short(inertia: InertiaRequest) -> str:
    return variant_of(inertia.scope["headers"], inertia.version)[:8]


def keep_private(message: HTTPResponseStartEvent, csrf_cookie: str | None, *, is_private: bool) -> None:
    """Forbid caching of a response for one visitor, or remove the CSRF cookie from one that shared caches may keep, in
    place.

    Shared caches may keep every response that has a lifetime and is not private (RFC 9111, section 3), `public` or not.
    An app that sends `no-cache` everywhere still needs the CSRF cookie."""
    headers = list(message["headers"])
    if message["status"] not in _PERMANENT and not any(name.lower() in _CACHE_HEADERS for name, _ in headers):
        return
    said = _cache_control(headers)
    if is_private:
        if not _NO_STORE.search(said):
            kept = [(name, value) for name, value in headers if name.lower() not in _CACHE_HEADERS]
            message["headers"] = [*kept, (b"cache-control", b"private, no-store")]
    elif csrf_cookie is not None and _is_shared(said):
        prefix = f"{csrf_cookie}=".encode("latin-1")
        message["headers"] = [(n, v) for n, v in headers if not (n.lower() == b"set-cookie" and v.startswith(prefix))]


def _is_shared(said: bytes) -> bool:
    return not _NOT_SHARED.search(said) and bool(_SHARED.search(said) or not _ASKED_FIRST.search(said))


def forbids_sharing(headers: Iterable[Any]) -> bool:
    """Return whether `Cache-Control` says that a response is for one visitor, or must not be stored."""
    return bool(_NOT_SHARED.search(_cache_control(headers)))


def sets_cookies(message: HTTPResponseStartEvent) -> bool:
    """Return whether a response sets cookies."""
    # A loop: every data route of an app with CSRF protection pays for it, and a generator costs five times as much.
    for name, _ in message["headers"]:  # noqa: SIM110
        if name.lower() == b"set-cookie":
            return True
    return False


def forbid_storing(message: HTTPResponseStartEvent) -> None:
    """Keep a response out of every cache, in place."""
    kept = [(name, value) for name, value in message["headers"] if name.lower() not in _CACHE_HEADERS]
    message["headers"] = [*kept, (b"cache-control", b"no-store")]


def vary_on_inertia(message: HTTPResponseStartEvent) -> None:
    """Append X-Inertia to the Vary header of a response, in place."""
    vary = b", ".join(value for name, value in message["headers"] if name.lower() == b"vary" and value)
    if _INERTIA.lower() not in {item.strip().lower() for item in vary.split(b",")}:
        kept = [(name, value) for name, value in message["headers"] if name.lower() != b"vary"]
        message["headers"] = [*kept, (b"vary", vary + b", " + _INERTIA if vary else _INERTIA)]


def _cache_control(headers: Iterable[Any]) -> bytes:
    return b", ".join(value for name, value in headers if name.lower() == b"cache-control")


def shows_carried(inertia: InertiaRequest) -> bool:
    """Return whether a page would show flash, errors or marks to this visitor, so that a cached page would be wrong."""
    carried = inertia.carried
    return carried is not None and any(carried.get(section) for section in SHOWN)


def drop_visitors_cookies(message: HTTPResponseStartEvent, names: Iterable[bytes]) -> None:
    """Remove cookies from a response that is stored for other visitors, in place. Session cookies may be numbered."""
    ours = re.compile(rb"(?:%s)(?:-\d+)?=" % b"|".join(map(re.escape, names)))
    message["headers"] = [
        (name, value) for name, value in message["headers"] if not (name.lower() == b"set-cookie" and ours.match(value))
    ]


def drop_content(message: HTTPResponseStartEvent) -> None:
    """Mark a response as empty, in place. Its content must then not be sent."""
    if (b"content-length", b"0") in message["headers"]:
        return
    kept = [(name, value) for name, value in message["headers"] if not name.lower().startswith(_DESCRIBING)]
    message["headers"] = [*kept, (b"content-length", b"0")]


def empty(message: Message) -> None:
    """Remove the content of a part of a response, in place."""
    more_body = message.get("more_body", False) if message["type"] == "http.response.body" else False
    cast("Any", message).clear()
    cast("Any", message).update(type="http.response.body", body=b"", more_body=more_body)


def drop_others_token(message: HTTPResponseStartEvent, inertia: InertiaRequest, csrf_cookie: str) -> None:
    """Remove the CSRF cookie of an earlier visitor from a stored response, in place. The last one belongs to this
    visitor.
    """
    prefix = f"{csrf_cookie}=".encode("latin-1")
    headers = [(name, value) for name, value in message["headers"]]  # A store returns lists.
    ours = [(name, value) for name, value in headers if name.lower() == b"set-cookie" and value.startswith(prefix)]
    has_token = any(part.strip().startswith(prefix) for part in inertia.headers.get(b"cookie", b"").split(b";"))
    kept = [] if has_token else ours[-1:]
    message["headers"] = [*(header for header in headers if header not in ours), *kept]
