"""The requests of the Inertia client, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from msgspec import Struct, field

Names = str | Iterable[str]
"""Prop paths: a string, which may list several ("users,stats"), or an iterable of strings."""

# Sent with every visit. The client accepts HTML only (protocol B10).
_ALWAYS = {"X-Inertia": "true", "X-Requested-With": "XMLHttpRequest", "Accept": "text/html, application/xhtml+xml"}


class Request(Struct, frozen=True):
    """A request to send."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    """Arguments for httpx: json, data, files, params."""


def names_of(names: Names) -> list[str]:
    """Return paths as a list."""
    parts = names.split(",") if isinstance(names, str) else names
    return [name.strip() for name in parts if name.strip()]


def inertia_headers(version: str | None, *, once: Iterable[str] = (), error_bag: str | None = None) -> dict[str, str]:
    """Return the headers of an Inertia visit.

    Args:
        version: The client's asset version.
        once: The keys of the client's once props.
        error_bag: The error bag.
    """
    headers = {**_ALWAYS, "X-Inertia-Version": version or ""}
    if keys := ",".join(once):
        headers["X-Inertia-Except-Once-Props"] = keys
    if error_bag is not None:
        headers["X-Inertia-Error-Bag"] = error_bag
    return headers


def partial_headers(component: str, only: Names = (), except_: Names = (), reset: Names = ()) -> dict[str, str]:
    """Return the additional headers of a partial reload."""
    headers = {"X-Inertia-Partial-Component": component}
    for name, paths in (("Partial-Data", only), ("Partial-Except", except_), ("Reset", reset)):
        if listed := names_of(paths):
            headers[f"X-Inertia-{name}"] = ",".join(listed)
    return headers


def precognition_headers(only: Names = ()) -> dict[str, str]:
    """Return the headers of a Precognition request. `only` limits validation to these fields."""
    headers = {"Precognition": "true", "Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
    if fields := names_of(only):
        headers["Precognition-Validate-Only"] = ",".join(fields)
    return headers


def inertia_request(page: Mapping[str, Any], only: Names = (), except_: Names = (), reset: Names = ()) -> Request:
    """Return the request that reloads a page, or some of its props."""
    headers = {**inertia_headers(page.get("version")), **partial_headers(page["component"], only, except_, reset)}
    return Request("GET", page["url"], headers)


def target_of(response: httpx.Response, header: str) -> str:
    """Return the target of a redirect as a full URL."""
    return urljoin(str(response.request.url), response.headers[header])


def same_origin(one: str, other: str) -> bool:
    """Return whether two full URLs have the same origin."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def xsrf_headers(cookies: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the header that repeats the XSRF cookie."""
    tokens = [unquote(value) for name, value in cookies if name == "XSRF-TOKEN"]
    return {"X-XSRF-TOKEN": tokens[0]} if tokens else {}
