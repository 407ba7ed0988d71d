"""The requests that the Inertia client sends, as values; nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from msgspec import Struct, field

if TYPE_CHECKING:
    import httpx

__all__ = (
    "Names",
    "Outgoing",
    "inertia_headers",
    "inertia_request",
    "names_of",
    "partial_headers",
    "same_origin",
    "target_of",
)

Names = str | Iterable[str]
"""Paths of props: one, several, or several in one string, "users,stats"."""

# What the client sends with every visit; it wants pages and no JSON (protocol B10).
_ALWAYS = {"X-Inertia": "true", "X-Requested-With": "XMLHttpRequest", "Accept": "text/html, application/xhtml+xml"}


class Outgoing(Struct, frozen=True):
    """One request."""

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
        version: The asset version that the client runs.
        once: Keys of the once-props that the client has.
        error_bag: The bag for its errors.
    """
    headers = {**_ALWAYS, "X-Inertia-Version": version or ""}
    if keys := ",".join(once):
        headers["X-Inertia-Except-Once-Props"] = keys
    if error_bag is not None:
        headers["X-Inertia-Error-Bag"] = error_bag
    return headers


def partial_headers(component: str, only: Names = (), except_: Names = (), reset: Names = ()) -> dict[str, str]:
    """Return the headers that make a visit a partial reload."""
    headers = {"X-Inertia-Partial-Component": component}
    for name, paths in (("Partial-Data", only), ("Partial-Except", except_), ("Reset", reset)):
        if listed := names_of(paths):
            headers[f"X-Inertia-{name}"] = ",".join(listed)
    return headers


def precognition_headers(only: Names = ()) -> dict[str, str]:
    """Return the headers of a form that asks for validation only; of some fields, or of all."""
    headers = {"Precognition": "true", "Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
    if fields := names_of(only):
        headers["Precognition-Validate-Only"] = ",".join(fields)
    return headers


def inertia_request(page: Mapping[str, Any], only: Names = (), except_: Names = (), reset: Names = ()) -> Outgoing:
    """Return the request by which the client reloads a page, or a part of it."""
    headers = {**inertia_headers(page.get("version")), **partial_headers(page["component"], only, except_, reset)}
    return Outgoing("GET", page["url"], headers)


def target_of(response: httpx.Response, header: str) -> str:
    """Return where a response leads, as a full URL."""
    return urljoin(str(response.request.url), response.headers[header])


def same_origin(one: str, other: str) -> bool:
    """Tell whether two full URLs are of one origin."""
    return urlsplit(one)[:2] == urlsplit(other)[:2]


def xsrf_headers(cookies: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the header by which the client shows its XSRF cookie."""
    tokens = [unquote(value) for name, value in cookies if name == "XSRF-TOKEN"]
    return {"X-XSRF-TOKEN": tokens[0]} if tokens else {}
