"""What the Inertia client does around its requests, without sending any.

How it works: a visit is a generator that yields Outgoing requests and gets responses. It follows redirects as fetch
does, and the two 409s as the client does, until there is a page. What the client remembers between visits is in a
Browser."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import msgspec
from msgspec import Struct

from litestar_vite.testing.outgoing import (
    Names,
    Outgoing,
    inertia_headers,
    partial_headers,
    same_origin,
    target_of,
    xsrf_headers,
)
from litestar_vite.testing.paths import MISSING, look_up
from litestar_vite.testing.reading import Answer, read_answer

if TYPE_CHECKING:
    import httpx

    from litestar_vite.testing.follow import Steps

__all__ = ("Browser", "Form", "visit_document", "visit_inertia")

__tracebackhide__ = True

# As many hops as browsers follow.
_MAX_HOPS = 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CONFLICT = 409


class Browser(Struct):
    """What the client remembers.

    Attributes:
        origin: Scheme, host and port, without a path.
        version: The asset version that the page in it runs.
        page: The page it shows, None before the first.
    """

    origin: str
    version: str | None = None
    page: dict[str, Any] | None = None

    def known_once(self) -> list[str]:
        """Return the keys of the once-props of this page that have not expired."""
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

    def show(self, answer: Answer, *, is_document: bool) -> None:
        """Take over a new page. Once-props that it leaves out are carried over, as the client does."""
        new, old = answer.page, self.page
        if is_document:
            self.version = new.get("version")
        shown: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(new))
        for key, once in ((old or {}).get("onceProps") or {}).items():
            again = (shown.get("onceProps") or {}).get(key)
            if again is not None and old is not None and look_up(shown["props"], again["prop"]) is MISSING:
                shown["props"][again["prop"]] = look_up(old["props"], once["prop"])
                again["expiresAt"] = once["expiresAt"]
        self.page = shown


class Form(Struct, frozen=True):
    """What a visit sends.

    Attributes:
        method: The HTTP method.
        data: Fields; as the query of a GET, else as JSON, or as multipart when there are files.
        files: Files by field, as httpx takes them.
        error_bag: The bag for its errors.
    """

    method: str = "GET"
    data: Any = None
    files: Any = None
    error_bag: str | None = None

    def body(self) -> dict[str, Any]:
        """Return the arguments for httpx."""
        if self.files is not None:
            return {"data": self.data or {}, "files": self.files}
        if self.data is None:
            return {}
        return {"params": self.data} if self.method == "GET" else {"json": msgspec.to_builtins(self.data)}


def visit_inertia(
    browser: Browser,
    url: str,
    form: Form,
    cookies: Iterable[tuple[str, str]],
    headers: Mapping[str, str],
    partial: tuple[Names, Names, Names] | None = None,
) -> Steps[Answer]:
    """Visit a URL as the client does when somebody follows a link or sends a form.

    Args:
        browser: The client's memory, which takes over the page.
        url: Path or full URL.
        form: What is sent.
        cookies: The client's cookies.
        headers: Further headers, which win.
        partial: Only, except and reset of a partial reload.

    Raises:
        AssertionError: The visit ends at no page.
    """
    method, body = form.method, form.body()
    hops: list[str] = []
    ours = inertia_headers(browser.version, once=browser.known_once(), error_bag=form.error_bag)
    if browser.page is not None:
        ours["Referer"] = f"{browser.origin}{browser.page['url']}"
        if partial is not None:
            ours |= partial_headers(browser.page["component"], *partial)
    ours |= {**xsrf_headers(cookies), **headers}
    for _ in range(_MAX_HOPS):
        response = yield Outgoing(method, url, ours, body)
        if response.status_code in _REDIRECTS and "location" in response.headers:
            url = _followed(response, browser.origin, hops)
            if response.status_code == 303 or (response.status_code in {301, 302} and method == "POST"):  # noqa: PLR2004 - as fetch does
                method, body = "GET", {}
        elif response.status_code == _CONFLICT and "x-inertia-redirect" in response.headers:
            url = _target(response, "x-inertia-redirect", hops)
            method, body = "GET", {}
        elif response.status_code == _CONFLICT and "x-inertia-location" in response.headers:
            if browser.version is None and response.headers.get("x-inertia-version"):
                # The client has shown no page yet, so it is not old: it runs what the app says.
                browser.version = ours["X-Inertia-Version"] = response.headers["x-inertia-version"]
                continue
            url = _target(response, "x-inertia-location", hops)
            _refuse_other_origin(response, url, browser.origin)
            return (yield from visit_document(browser, url, headers={}, hops=tuple(hops)))
        else:
            answer = read_answer(response, tuple(hops))
            browser.show(answer, is_document=False)
            return answer
    raise AssertionError(f"More than {_MAX_HOPS} redirects: {' → '.join(hops[:5])} → …")


def visit_document(browser: Browser, url: str, headers: Mapping[str, str], hops: tuple[str, ...] = ()) -> Steps[Answer]:
    """Open a URL as a browser does that somebody types it into."""
    led = list(hops)
    for _ in range(_MAX_HOPS):
        response = yield Outgoing("GET", url, {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", **headers})
        if response.status_code not in _REDIRECTS or "location" not in response.headers:
            answer = read_answer(response, tuple(led))
            browser.show(answer, is_document=True)
            return answer
        url = _followed(response, browser.origin, led)
    raise AssertionError(f"More than {_MAX_HOPS} redirects: {' → '.join(led[:5])} → …")


def _followed(response: httpx.Response, origin: str, hops: list[str]) -> str:
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
            f"{request.method} {request.url.raw_path.decode()} leads away, to {url!r}, where there is no page to test. "
            f"To assert that: assert_redirect(client.inertia({request.method!r}, {request.url.raw_path.decode()!r})).external({url!r})"
        )
