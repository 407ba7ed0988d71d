"""Middleware in front of the app in development: records each request, and serves the extension's read API.

How it works:
1. The read API, `/_inertia/devtools/entries`, is answered here, before the sessions, CSRF protection and logs of the
   app. Its requests are not recorded.
2. Any other request gets an id. Its Observation collects the app's measurements. The first chunks of its body and of
   the response body are kept.
3. When the response starts, the entry is written before the headers are sent, since the extension requests the entry as
   soon as it sees them.

Rule: apart from the added headers, the response is unchanged. Errors in this module are logged, never raised."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs

import msgspec
from anyio import to_thread
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from litestar_vite._assets.pages import component_file
from litestar_vite._devtools.bodies import EMPTY, MAX_BODY, is_textual, omitted, request_body, response_body
from litestar_vite._devtools.entry import Recording, make_entry
from litestar_vite._devtools.statements import counted_statements, is_there
from litestar_vite._devtools.store import FileStore, new_id
from litestar_vite._middleware import in_front_of
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.observation import MARK_KEY, SCOPE_KEY, Observation
from litestar_vite.inertia._protocol.visit import read_visit

logger = logging.getLogger("litestar_vite.devtools")

ENTRIES: Final = "/_inertia/devtools/entries"
_RECORDER: Final = "litestar_vite.devtools"
_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class DevTools:
    """ASGI middleware that records requests."""

    def __init__(self, app: ASGIApp, context: InertiaContext, root: Path, app_path: str = "") -> None:
        self._app = app
        self._context = context
        self._root = root
        self._app_path = app_path.rstrip("/")
        self._has_failed = False
        self._files: dict[str, str] = {}
        self.store = FileStore(folder_of(root))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        base_path = base_path_of(scope, self._app_path)
        path = scope["path"].removeprefix(base_path) if base_path else scope["path"]
        if path == ENTRIES or path.startswith(f"{ENTRIES}/"):
            status, body = await self._answer(scope, path)
            answer = ASGIResponse(body=body, status_code=status, headers={"cache-control": "no-store"})
            await answer(scope, receive, send)
            return
        recorder = Recorder(self, scope, receive, send, base_path)
        carrier: Any = scope
        carrier[MARK_KEY], carrier[_RECORDER] = recorder.mark, recorder
        await self._app(scope, recorder.receive, recorder.send)

    async def _answer(self, scope: Any, path: str) -> tuple[int, bytes]:
        """Return the status and the JSON of the read API."""
        entry_id, headers = path.removeprefix(ENTRIES).strip("/"), dict(scope["headers"])
        if b"origin" in headers or headers.get(b"sec-fetch-site", b"none") not in {b"none", b"same-origin"}:
            # The extension sends neither header. A page from another site must not read the developer's requests.
            return 403, b'{"message":"Forbidden."}'
        if scope["method"] not in {"GET", "HEAD"}:
            return 405, b'{"message":"Method not allowed."}'
        if entry_id:
            found = await to_thread.run_sync(self.store.read, entry_id)
            return 404 if found is None else 200, found or b'{"message":"Not found."}'
        metas = await to_thread.run_sync(self.store.metas)
        return 200, msgspec.json.encode(selected(metas, scope["query_string"]))

    async def record(self, recording: Recording) -> bool:
        """Store the entry of a request, and return whether the extension can read it now."""
        try:
            return await to_thread.run_sync(self._store, recording)
        except Exception:
            if not self._has_failed:
                self._has_failed = True
                logger.exception("DevTools cannot record a request")
            return False

    def _store(self, recording: Recording) -> bool:
        observation = recording.observation
        component_path: str | None = None
        if observation.statements is None and is_there():
            observation.statements = 0
        if (component := observation.component) is not None:
            component_path = self._files.get(component)
            if component_path is None and (file := component_file(self._root, component)) is not None:
                component_path = self._files[component] = str(file)
        entry = make_entry(recording, self._context.shares, component_path)
        return self.store.write(recording.id, msgspec.json.encode(entry), entry["__meta"])

    def __repr__(self) -> str:
        return f"<DevTools {self.store!r}>"


class Recorder:
    """Records one request."""

    def __init__(self, devtools: DevTools, scope: Any, receive: Receive, send: Send, base_path: str) -> None:
        self._devtools = devtools
        self._scope = scope
        self._receive = receive
        self._send = send
        self._base_path = base_path
        self._headers: dict[bytes, bytes] = dict(scope["headers"])
        self._visit = read_visit(self._headers)
        self._id = new_id()
        self._body = bytearray()
        self._is_cut = False
        self._start: Any = None
        self._answer = b""

    def mark(self, nonce: str | None) -> bytes:
        """Return the script element from which the extension reads the entry's id."""
        from html import escape

        base = f' data-inertia-devtools-base-path="{escape(self._base_path)}"' if self._base_path else ""
        nonce_attribute = f' nonce="{escape(nonce)}"' if nonce else ""
        return (
            f"<script data-inertia-devtools-id{base}{nonce_attribute} "
            f'type="application/json">"{self._id}"</script>'.encode()
        )

    async def receive(self) -> Any:
        """Receive a message, and keep the first chunk of the request body."""
        message: Any = await self._receive()
        if message["type"] == "http.request" and not self._is_cut and (chunk := message.get("body")):
            if len(self._body) + len(chunk) > MAX_BODY:
                self._is_cut = True
            else:
                self._body += chunk
        return message

    async def send(self, message: Message) -> None:
        """Send a message. The start of a short textual response is held until its body arrives."""
        if message["type"] == "http.response.start":
            headers = {name.lower(): value for name, value in message["headers"]}
            if self._is_recorded() and self._waits_for_body(headers):
                self._start = message
                return
        elif self._start is not None and message["type"] == "http.response.body":
            start, self._start = self._start, None
            self._answer = b"" if message.get("more_body") else message["body"]
            await self._send(start)
        await self._send(message)

    async def before_send(self, message: Any) -> None:
        """Store the entry when the response starts and, if this succeeds, add the DevTools headers in place."""
        if not self._is_recorded():
            return
        headers = {name.lower(): value for name, value in message["headers"]}
        if self._answer and headers.get(b"content-length") != b"0":
            body = response_body(headers.get(b"content-type", b"").decode("latin-1"), self._answer)
        else:
            body = self._omitted(headers)
        recording = self._recording(message, body)
        if await self._devtools.record(recording):
            message["headers"] = [*message["headers"], *self._ours(recording)]

    def _is_recorded(self) -> bool:
        """Return whether this is a request to the app's own handlers, and not one for a file or a CORS preflight."""
        handler = self._scope.get("route_handler")
        if self._scope["method"] == "OPTIONS":
            return False
        if handler is None:  # No route matches. Missing pages are recorded, but not a browser's request for an icon.
            return self._visit.is_inertia or b"text/html" in self._headers.get(b"accept", b"")
        return hasattr(handler, "http_methods") and not is_litestars(handler)

    def _observation(self) -> Observation:
        found: Observation = self._scope[SCOPE_KEY]
        return found

    def _waits_for_body(self, headers: dict[bytes, bytes]) -> bool:
        content_type = headers.get(b"content-type", b"").decode("latin-1")
        length = headers.get(b"content-length", b"")
        return (
            self._observation().page is None
            and is_textual(content_type)
            and "text/html" not in content_type
            and b"content-encoding" not in headers
            and length.isdigit()
            and 0 < int(length) <= MAX_BODY
            and self._scope["method"] != "HEAD"
        )

    def _omitted(self, headers: dict[bytes, bytes]) -> dict[str, Any]:
        """Return the placeholder for a response body that is not kept."""
        content_type, length = headers.get(b"content-type", b"").decode("latin-1"), headers.get(b"content-length")
        if length == b"0" or self._scope["method"] == "HEAD" or (length is None and not content_type):
            return EMPTY
        if not is_textual(content_type):
            return omitted("non-textual")
        if length is None:
            return omitted("streamed")
        if length.isdigit() and int(length) > MAX_BODY:
            return omitted("too-large")
        return omitted("binary" if b"content-encoding" in headers else "non-inertia-response")

    def _recording(self, start: Any, body: dict[str, Any]) -> Recording:
        return Recording(
            self._id,
            self._scope,
            self._headers,
            self._visit,
            self._observation(),
            start["status"],
            list(start["headers"]),
            request_body(
                self._headers.get(b"content-type", b"").decode("latin-1"),
                bytes(self._body),
                is_inertia=self._visit.is_inertia,
                is_write=self._scope["method"] in _WRITES,
                is_cut=self._is_cut,
            ),
            body,
            self._base_path,
        )

    def _ours(self, recording: Recording) -> list[tuple[bytes, bytes]]:
        ours = [
            (b"x-inertia-devtools-id", self._id.encode()),
            (b"x-inertia-devtools-parent-out", recording.parent_out.encode("latin-1")),
        ]
        if self._base_path:
            ours.append((b"x-inertia-devtools-base-path", self._base_path.encode("latin-1", "replace")))
        return ours


def is_litestars(handler: Any) -> bool:
    """Return whether a route is built into Litestar, such as static files and the API documentation."""
    return str(getattr(handler.fn, "__module__", "")).startswith("litestar.")


def base_path_of(scope: Any, app_path: str) -> str:
    """Return the path at which an app is mounted. It is empty at the root."""
    root = scope.get("root_path", "").rstrip("/")
    return root if not app_path or root.endswith(app_path) else f"{root}{app_path}"


def selected(metas: list[dict[str, Any]], query: bytes) -> list[dict[str, Any]]:
    """Return the entries that match a query of the read API."""
    asked = {name: values[-1] for name, values in parse_qs(query.decode("latin-1")).items()}
    wanted, unwanted = (
        set(filter(None, map(str.strip, asked.get(name, "").split(",")))) for name in ("type", "exclude")
    )
    found = [
        meta
        for meta in metas
        if ("component" not in asked or meta["component"] == asked["component"])
        and (not wanted or meta["requestType"] in wanted)
        and meta["requestType"] not in unwanted
    ]
    offset, limit = (_number(asked.get(name)) for name in ("offset", "limit"))
    found = found[offset or 0 :]
    return found if limit is None else found[: max(1, limit)]


def _number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isascii() and value.isdigit() else None


def folder_of(root: Path) -> Path:
    """Return the folder of a project's entries: in node_modules, which reloaders do not watch, if it exists."""
    parent = root / "node_modules"
    return (parent if parent.is_dir() else root) / ".litestar-vite" / "devtools"


@contextmanager
def recorded(app: Litestar, context: InertiaContext, root: Path) -> Iterator[DevTools]:
    """Record the requests of an app while it runs."""
    hooks = app.before_send
    # The last hook, so that an entry shows the response exactly as it is sent.
    app.before_send = [*hooks, before_send]
    try:
        with counted_statements(), in_front_of(app, lambda inner: DevTools(inner, context, root, app.path)) as devtools:
            yield devtools
    finally:
        app.before_send = hooks


async def before_send(message: Message, scope: Scope) -> None:
    """Record a request when its response starts. This is the app's last before_send hook."""
    if message["type"] == "http.response.start":
        carrier: Any = scope
        recorder: Recorder | None = carrier.pop(_RECORDER, None)
        if recorder is not None:
            try:
                await recorder.before_send(message)
            except Exception:
                logger.exception("DevTools cannot record a request")
