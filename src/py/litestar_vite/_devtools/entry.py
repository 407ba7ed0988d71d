"""An entry: one request and its response, in the format that the official extension reads.

The fields of the server protocol come first. The extension ignores the additional ones under `litestar`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from msgspec import Struct

from litestar_vite._devtools.bodies import EMPTY, MAX_BODY, Body, omitted, present
from litestar_vite._devtools.props import describe_props
from litestar_vite._devtools.redaction import REDACTED, is_secret, redact, redact_headers, redact_url
from litestar_vite._devtools.sources import HandlerSource, action_of, source, source_of
from litestar_vite.inertia._page.configured_shares import ConfiguredShares
from litestar_vite.inertia._page.observation import Observation
from litestar_vite.inertia._protocol.visit import Visit

TAB: Final = b"x-inertia-devtools-tab"
VISIT: Final = b"x-inertia-devtools-visit"
PARENT: Final = b"x-inertia-devtools-parent"
DEFERRED: Final = b"x-inertia-devtools-deferred"
POLL: Final = b"x-inertia-devtools-poll"
_LOCATION: Final = b"x-inertia-location"
_REDIRECTION: Final = 3


class Recording(Struct):
    """A request and its response, from which an entry is made.

    Attributes:
        headers: The request's headers by lower-case name.
        answer_headers: The headers of the response.
        response_body: The body of a response without a page.
        base_path: The path at which the app is mounted.
    """

    id: str
    scope: Any
    headers: Mapping[bytes, bytes]
    visit: Visit
    observation: Observation
    status: int
    answer_headers: list[tuple[bytes, bytes]]
    request_body: Body
    response_body: Body
    base_path: str

    @property
    def batch_id(self) -> str | None:
        """The batch that an Inertia request belongs to."""
        return _text(self.headers, PARENT) if self.visit.is_inertia else None

    @property
    def parent_out(self) -> str:
        """The batch that the following requests belong to."""
        return self.id if self.visit.is_prefetch else self.batch_id or self.id


def request_type(headers: Mapping[bytes, bytes], visit: Visit, *, is_page: bool) -> str:
    """Return the type of a request. The first match decides."""
    if b"precognition" in headers:
        return "precognition"
    if not visit.is_inertia:
        return "initial" if is_page else "http"
    if headers.get(DEFERRED):
        return "deferred"
    if headers.get(POLL):
        return "poll"
    if visit.partial_component is not None:
        return "partial"
    return "prefetch" if visit.is_prefetch else "navigate"


def make_entry(recording: Recording, shares: ConfiguredShares, component_path: str | None) -> dict[str, Any]:
    """Return the entry of a recording."""
    observation, headers, visit = recording.observation, recording.headers, recording.visit
    is_page = observation.page is not None
    handler_lines = _handler_source(recording.scope)
    page, page_body = _page_of(observation)
    props: Mapping[str, Any] = page.get("props") or {}
    described = (
        describe_props(observation, props, visit, shares, handler_lines, is_deferred=bool(headers.get(DEFERRED)))
        if is_page
        else {}
    )
    values = {path: REDACTED if _is_secret_path(path) else value for path in described for value in _value(props, path)}
    return {
        "__meta": _meta(recording, is_page=is_page),
        "http": {
            "requestHeaders": redact_headers(recording.scope["headers"]),
            "responseHeaders": redact_headers(recording.answer_headers),
            "requestBody": recording.request_body,
            "responseBody": page_body if is_page else recording.response_body,
        },
        "props": described,
        "propValues": values,
        "route": _route(recording.scope, handler_lines),
        "renderSource": source(handler_lines.file, handler_lines.render_line) if is_page and handler_lines else None,
        "componentPath": component_path,
        "litestar": _ours(observation),
    }


def _is_secret_path(path: str) -> bool:
    return any(map(is_secret, path.split(".")))


def _meta(recording: Recording, *, is_page: bool) -> dict[str, Any]:
    observation, headers = recording.observation, recording.headers
    utime = observation.started_ns / 1e9
    timestamp = datetime.fromtimestamp(utime, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "id": recording.id,
        "tabUuid": _text(headers, TAB),
        "batchId": recording.batch_id,
        "timestamp": timestamp,
        "utime": utime,
        "method": recording.scope["method"],
        "url": redact_url(url_of(recording.scope, headers, recording.base_path)),
        "component": observation.component,
        "requestType": request_type(headers, recording.visit, is_page=is_page),
        "status": recording.status,
        "redirectLocation": _redirect(recording),
        "serverTimingMs": round(observation.seconds * 1000, 3),
        "visitId": _text(headers, VISIT),
    }


def url_of(scope: Any, headers: Mapping[bytes, bytes], base_path: str) -> str:
    """Return the absolute URL of a request as the browser sees it."""
    host = headers.get(b"host", b"").decode("latin-1") or ":".join(map(str, scope.get("server") or ("localhost",)))
    path = (scope.get("raw_path") or scope["path"].encode()).partition(b"?")[0].decode("latin-1")
    if base_path and path != base_path and not path.startswith(f"{base_path}/"):
        path = base_path + path
    query = scope["query_string"].decode("latin-1")
    return f"{scope.get('scheme', 'http')}://{host}{path}{'?' + query if query else ''}"


def _redirect(recording: Recording) -> str | None:
    answer = {name.lower(): value.decode("latin-1") for name, value in recording.answer_headers}
    is_redirect = recording.status // 100 == _REDIRECTION
    location = answer.get(_LOCATION) or (answer.get(b"location") if is_redirect else None)
    return redact_url(location) if location else None


def _page_of(observation: Observation) -> tuple[dict[str, Any], Body]:
    """Return the page object as the client receives it, and the body that contains it."""
    if observation.page is None:
        return {}, EMPTY
    try:
        page = redact(msgspec.json.decode(observation.page_json))
    except (msgspec.DecodeError, RecursionError):
        return {}, omitted("unserializable")
    return page, omitted("too-large") if len(observation.page_json) > MAX_BODY else present(page)


def _value(props: Mapping[str, Any], path: str) -> list[Any]:
    """Return a list with the value at a path, or an empty list if the path does not exist."""
    value: Any = props
    if path in props:
        return [props[path]]
    for key in path.split("."):
        if not isinstance(value, dict) or key not in value:
            return []
        value = value[key]
    return [value]


def _handler_source(scope: Any) -> HandlerSource | None:
    handler = scope.get("route_handler")
    return source_of(handler.fn) if handler is not None else None


def _route(scope: Any, lines: HandlerSource | None) -> dict[str, Any]:
    handler = scope.get("route_handler")
    if handler is None:
        return {"name": None, "uri": "", "action": None}
    route = {"name": handler.name, "uri": scope.get("path_template") or scope["path"], "action": action_of(handler.fn)}
    if lines is not None:
        route["actionSource"] = source(lines.file, lines.line)
    return route


def _ours(observation: Observation) -> dict[str, Any]:
    """Return the fields that this package adds to the protocol. Times are in seconds."""
    found: dict[str, Any] = {
        "dependencySeconds": observation.dependency_seconds,
        "handlerSeconds": observation.handler_seconds,
        "propSeconds": observation.prop_seconds,
        "encodeSeconds": observation.encode_seconds,
        "renderSeconds": observation.render_seconds,
        "renderOutcome": observation.outcome,
        "cache": observation.cache,
        "statements": observation.statements,
        "exception": type(observation.raised).__qualname__ if observation.raised is not None else None,
    }
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in found.items()}


def _text(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    # 256 characters: the protocol's limit for an id.
    return headers[name].decode("latin-1")[:256] if headers.get(name) else None
