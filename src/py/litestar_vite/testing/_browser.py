"""The state and the visits of the Inertia client, without I/O.

How it works: a visit is a generator that yields Requests and receives responses. It follows redirects as fetch does,
and both 409 responses as the client does, until a page arrives. `Browser` holds the state between visits.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Mapping
from typing import Any, cast
from urllib.parse import urljoin

import httpx
import msgspec
from msgspec import Struct

from litestar_vite.inertia._page.big_integers import MARKER, mark_unsafe
from litestar_vite.testing._follow import Steps
from litestar_vite.testing._paths import MISSING, look_up
from litestar_vite.testing._requests import (
    Names,
    Request,
    inertia_headers,
    partial_headers,
    same_origin,
    target_of,
    xsrf_headers,
)
from litestar_vite.testing._response import PageResponse, read_page

__tracebackhide__ = True

# The limit in browsers.
_MAX_HOPS = 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SEE_OTHER = 303
_CONFLICT = 409


class Browser(Struct):
    """The state of the client.

    Attributes:
        origin: Scheme, host and port, without a path.
        version: The asset version of the loaded front end.
        page: The current page object; None before the first visit.
    """

    origin: str
    version: str | None = None
    page: dict[str, Any] | None = None

    def known_once(self) -> list[str]:
        """Return the keys of the current page's once props that have not expired."""
        page = self.page
        if page is None:
            return []
        now_ms = time.time() * 1000
        return [
            key
            for key, once in (page.get("onceProps") or {}).items()
            if look_up(page["props"], once["prop"]) is not MISSING
            and (not once["expiresAt"] or once["expiresAt"] > now_ms)
        ]

    def show(self, page_response: PageResponse, *, is_document: bool) -> None:
        """Replace the current page. Once props that the response omits are carried over, as in the client."""
        new, old = page_response.page, self.page
        if is_document:
            self.version = new.get("version")
        shown: dict[str, Any] = copy.deepcopy(dict(new))
        for key, once in ((old or {}).get("onceProps") or {}).items():
            again = (shown.get("onceProps") or {}).get(key)
            if again is not None and old is not None and look_up(shown["props"], again["prop"]) is MISSING:
                shown["props"][again["prop"]] = look_up(old["props"], once["prop"])
                again["expiresAt"] = once["expiresAt"]
        self.page = shown


class Form(Struct, frozen=True):
    """The method and data of a visit.

    Attributes:
        method: The HTTP method.
        data: The fields: sent as the query of a GET, as multipart if there are files, else as JSON.
        files: Files by field, in httpx's format.
        error_bag: The error bag.
    """

    method: str = "GET"
    data: Any = None
    files: Any = None
    error_bag: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the keyword arguments for httpx. Integers beyond 2^53 are sent as the BigInts that a client holds."""
        if self.files is not None:
            return {"data": _marked_fields(self.data or {}), "files": self.files}
        if self.data is None:
            return {}
        if self.method == "GET":
            return {"params": _marked_fields(self.data)}
        return {"json": mark_unsafe(msgspec.to_builtins(self.data))}


def _marked_fields(data: Any) -> Any:
    """Return the fields of a form or a query, in which a BigInt has a bracket."""
    if not isinstance(data, Mapping):
        return data
    fields = cast("Mapping[str, Any]", data)
    unsafe = {name for name, value in fields.items() if value != mark_unsafe(value)}
    return {f"{name}[{MARKER}]" if name in unsafe else name: value for name, value in fields.items()}


def visit_inertia(
    browser: Browser,
    url: str,
    form: Form,
    cookies: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    partial: tuple[Names, Names, Names] | None = None,
) -> Steps[PageResponse]:
    """Visit a URL as the client does for a link or a form.

    Args:
        browser: The client's state. Its current page is replaced.
        url: Path or full URL.
        form: The method and data.
        cookies: The client's cookies.
        headers: Extra headers, which override the client's.
        partial: `only`, `except` and `reset` of a partial reload.

    Raises:
        AssertionError: The visit does not end at a page.
    """
    method, body = form.method, form.body()
    hops: list[str] = []
    request_headers = inertia_headers(browser.version, once=browser.known_once(), error_bag=form.error_bag)
    if browser.page is not None:
        request_headers["Referer"] = f"{browser.origin}{browser.page['url']}"
        if partial is not None:
            request_headers |= partial_headers(browser.page["component"], *partial)
    request_headers |= {**xsrf_headers(cookies), **headers}
    for _ in range(_MAX_HOPS):
        response = yield Request(method, url, request_headers, body)
        if response.status_code in _REDIRECTS and "location" in response.headers:
            url = _redirect_target(response, browser.origin, hops)
            if response.status_code == _SEE_OTHER or (response.status_code in {301, 302} and method == "POST"):
                method, body = "GET", {}
        elif response.status_code == _CONFLICT and "x-inertia-redirect" in response.headers:
            url = _target(response, "x-inertia-redirect", hops)
            method, body = "GET", {}
        elif response.status_code == _CONFLICT and "x-inertia-location" in response.headers:
            if browser.version is None and response.headers.get("x-inertia-version"):
                # The first visit: the client cannot be outdated, so it takes over the app's version.
                browser.version = request_headers["X-Inertia-Version"] = response.headers["x-inertia-version"]
                continue
            url = _target(response, "x-inertia-location", hops)
            _refuse_other_origin(response, url, browser.origin)
            return (yield from visit_document(browser, url, headers={}, hops=tuple(hops)))
        else:
            page_response = read_page(response, tuple(hops))
            browser.show(page_response, is_document=False)
            return page_response
    raise AssertionError(f"More than {_MAX_HOPS} redirects: {' → '.join(hops[:5])} → …")


def visit_document(
    browser: Browser, url: str, headers: Mapping[str, str], hops: tuple[str, ...] = ()
) -> Steps[PageResponse]:
    """Open a URL as a browser does for a typed address."""
    followed = list(hops)
    for _ in range(_MAX_HOPS):
        response = yield Request("GET", url, {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", **headers})
        if response.status_code not in _REDIRECTS or "location" not in response.headers:
            page_response = read_page(response, tuple(followed))
            browser.show(page_response, is_document=True)
            return page_response
        url = _redirect_target(response, browser.origin, followed)
    raise AssertionError(f"More than {_MAX_HOPS} redirects: {' → '.join(followed[:5])} → …")


def _redirect_target(response: httpx.Response, origin: str, hops: list[str]) -> str:
    url = _target(response, "location", hops)
    _refuse_other_origin(response, url, origin)
    return url


def _target(response: httpx.Response, header: str, hops: list[str]) -> str:
    url = target_of(response, header)
    hops.append(url.removeprefix(urljoin(url, "/")[:-1]) or "/")
    return url


def _refuse_other_origin(response: httpx.Response, url: str, origin: str) -> None:
    if not same_origin(url, origin):
        request = response.request
        raise AssertionError(
            f"{request.method} {request.url.raw_path.decode()} redirects to another origin, {url!r}. To assert that: "
            f"assert_redirect(client.inertia({request.method!r}, {request.url.raw_path.decode()!r})).external({url!r})"
        )
