"""The error page in development: the exception, the app's own code first, and the state of the request.

How it works:
1. The app's frames come first, those of libraries are collapsed; the frame of the handler or prop is open.
2. Source lines link to Vite's endpoint that opens the editor.
3. It is one HTML document that works without scripts: Inertia's client shows it in a sandboxed frame. The client also
   sets the target of all links to "_top", which the sandbox forbids; one line of script sets it back.

Rules: shown in debug mode and in development only; values that look like secrets are not shown. A failure in this
module leaves a part out, and never hides the error."""

from __future__ import annotations

import linecache
import sysconfig
from collections.abc import Iterator
from html import escape
from inspect import unwrap
from pathlib import Path
from traceback import walk_tb
from typing import Any, Final
from urllib.parse import quote

from litestar import Request
from litestar.response import Response
from msgspec import Struct

from litestar_vite._assets.pages import page_problems
from litestar_vite.inertia._litestar.debug_style import STYLE
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.observation import SCOPE_KEY as OBSERVATION
from litestar_vite.inertia._page.observation import Observation

_AROUND: Final = 5
_MAX_FRAMES: Final = 40
_MAX_VALUE: Final = 300
_SECRETS: Final = ("cookie", "authorization", "token", "secret", "password", "api-key", "apikey")
_LIBRARIES: Final = tuple(
    {
        sysconfig.get_path("stdlib"),
        sysconfig.get_path("purelib"),
        sysconfig.get_path("platlib"),
        str(Path(__file__).parents[2]),
    }
)


_LINKS: Final = 'document.querySelectorAll("a").forEach((link) => { link.target = "editor" })'


class Frame(Struct):
    """One line of a traceback. `is_own`: it is the app's, and not a library's."""

    file: str
    line: int
    name: str
    is_own: bool


def debug_page(request: Request[Any, Any, Any], exc: Exception, context: InertiaContext) -> Response[bytes]:
    """Return the error page for an exception."""
    html = "".join(_parts(request, exc, context)).encode("utf-8", "replace")
    return Response(html, status_code=500, media_type="text/html")


def _parts(request: Request[Any, Any, Any], exc: Exception, context: InertiaContext) -> Iterator[str]:
    kind, nonce = type(exc).__qualname__, _nonce(request, context)
    editor = context.assets.dev.base if context.assets.dev is not None else None
    root = context.assets.root
    yield (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<link rel="icon" href="data:,">'
        f"<title>{escape(kind)}</title><style{nonce}>{STYLE}</style></head><body>"
        f'<header><p class="kind">{escape(kind)}</p><h1>{escape(str(exc)) or "No message"}</h1>'
        f"<p>{escape(request.scope['method'])} <code>{escape(str(request.url.path))}</code></p>"
    )
    yield from _hints(exc, editor, root)
    yield "</header><main><section><h2>Where</h2>"
    chain = chain_of(exc)
    if not any(frame.is_own for error in chain for frame in frames_of(error)):
        # An error of the encoder, for example: the app's code that led to it is the handler.
        yield from _frames(_handler_frame(request), editor)
    for error in chain:
        if error is not exc:
            yield f'<p class="cause">Caused by {escape(type(error).__qualname__)}: {escape(str(error))}</p>'
        yield from _frames(frames_of(error), editor)
    yield "</section>"
    observation: Any = request.scope.get(OBSERVATION)
    if observation is not None:
        yield from _props(observation)
    yield from _request(request)
    # Links answer into this frame: a sandboxed page may open no window.
    yield f'</main><iframe name="editor" title="editor" hidden></iframe><script{nonce}>{_LINKS}</script></body></html>'


def _nonce(request: Request[Any, Any, Any], context: InertiaContext) -> str:
    nonce = context.assets.nonce(request) if context.assets.nonce is not None else None
    return f' nonce="{escape(nonce, quote=True)}"' if nonce else ""


def chain_of(exc: BaseException) -> list[BaseException]:
    """Return an exception and its causes, without repetition."""
    found: list[BaseException] = []
    error: BaseException | None = exc
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return found


def frames_of(exc: BaseException) -> list[Frame]:
    """Return the frames of a traceback, the innermost first: the app's own, then those of libraries."""
    found = [
        Frame(frame.f_code.co_filename, line, frame.f_code.co_name, _is_own(frame.f_code.co_filename))
        for frame, line in walk_tb(exc.__traceback__)
    ][-_MAX_FRAMES:]
    found.reverse()
    return sorted(found, key=lambda frame: not frame.is_own)


def _is_own(file: str) -> bool:
    return not file.startswith(("<", *_LIBRARIES)) and "site-packages" not in file


def _handler_frame(request: Request[Any, Any, Any]) -> list[Frame]:
    handler: Any = request.scope.get("route_handler")
    function: Any = getattr(handler, "fn", None)
    code = getattr(unwrap(function), "__code__", None) if function is not None else None
    if code is None:
        return []
    return [Frame(code.co_filename, _def_line(code.co_filename, code.co_firstlineno), code.co_name, is_own=True)]


def _def_line(file: str, first: int) -> int:
    """Return the line with the `def` of a function, whose code starts at its first decorator."""
    for number, text in enumerate(linecache.getlines(file)[first - 1 :], first):
        if text.lstrip().startswith(("def ", "async def ")):
            return number
    return first


def _frames(frames: list[Frame], editor: str | None) -> Iterator[str]:
    """Show the app's frames one by one, the first one open, and those of libraries under one title."""
    own = [frame for frame in frames if frame.is_own]
    libraries = [frame for frame in frames if not frame.is_own]
    for index, frame in enumerate(own):
        yield _frame(frame, editor, is_open=not index)
    if libraries:
        count = f"{len(libraries)} line{'s' if len(libraries) > 1 else ''} of libraries"
        yield f'<details class="library"><summary>{count}</summary>'
        yield from (_frame(frame, editor, is_open=False) for frame in libraries)
        yield "</details>"


def _frame(frame: Frame, editor: str | None, *, is_open: bool) -> str:
    return (
        f'<details class="{"own" if frame.is_own else "library"}"{" open" if is_open else ""}>'
        f"<summary><b>{escape(frame.name)}</b> <span>{escape(_short(frame.file))}:{frame.line}</span></summary>"
        f"{_link(frame.file, frame.line, editor)}<pre>{_source(frame.file, frame.line)}</pre></details>"
    )


def _short(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except ValueError:
        return file


def _link(file: str, line: int, editor: str | None, column: int = 1) -> str:
    """Return a link that opens the editor through Vite."""
    if editor is None:
        return ""
    # Vite's endpoint is at the root of its server, which is its base here.
    target = f"{editor}__open-in-editor?file={quote(f'{file}:{line}:{column}', safe='/:')}"
    return f'<a href="{escape(target, quote=True)}" target="editor">Open in editor</a>'


def _source(file: str, line: int) -> str:
    lines = linecache.getlines(file)
    first = max(line - _AROUND, 1)
    shown = []
    for number, text in enumerate(lines[first - 1 : line + _AROUND - 1], first):
        row = f"<i>{number:>5}</i>  {escape(text.rstrip())}"
        shown.append(f"<mark>{row}</mark>" if number == line else row)
    return "\n".join(shown) or "The source is not available."


def _hints(exc: BaseException, editor: str | None, root: Path) -> Iterator[str]:
    """Show the component, place and hint of an error in a page component."""
    for error in chain_of(exc):
        component, hint = getattr(error, "component", None), getattr(error, "hint", None)
        if component:
            yield f"<p>Page component <code>{escape(str(component))}</code></p>"
            # The render server's hint for a component without a file says nothing about files.
            problems = page_problems(root, [(str(component), "The handler")])
            hint = f"{problems[0].problem} {problems[0].hint}" if problems else hint
        if location := getattr(error, "source_location", None):
            yield _place(str(location), editor, root)
        if hint:
            yield f'<p class="hint">{escape(str(hint))}</p>'


def _place(location: str, editor: str | None, root: Path) -> str:
    """Show a location in the front end, `file:line:column`, unless it is outside of the file."""
    file, line, column = (*location.rsplit(":", 2), "1", "1")[:3]
    place = file if file.startswith("/") else f"{root}/{file}"
    if not line.isdigit() or not 0 < int(line) <= len(linecache.getlines(place)):
        return ""
    link = _link(place, int(line), editor, int(column) if column.isdigit() else 1)
    return f"<p><code>{escape(_short(place))}:{line}</code> {link}</p><pre>{_source(place, int(line))}</pre>"


def _props(observation: Observation) -> Iterator[str]:
    """Show the props that were called before the error."""
    if not observation.props:
        return
    yield "<section><h2>Props called so far</h2><table>"
    for path, observed in observation.props.items():
        state = f"raised {observed.error}" if observed.error else "done"
        yield f"<tr><th>{escape(path)}</th><td>{escape(state)}</td><td>{observed.seconds * 1000:.1f} ms</td></tr>"
    yield "</table></section>"


def _request(request: Request[Any, Any, Any]) -> Iterator[str]:
    yield "<section><h2>Request</h2><table>"
    handler: Any = request.scope.get("route_handler")
    if handler is not None:
        yield f"<tr><th>handler</th><td>{escape(str(handler))}</td></tr>"
    yield from (_row(f"?{name}", value) for name, value in request.query_params.multi_items())
    yield "</table><details><summary>Headers</summary><table>"
    yield from (_row(name, value) for name, value in request.headers.items())
    yield "</table></details></section>"


def _row(name: str, value: str) -> str:
    shown = "[REDACTED]" if any(secret in name.lower() for secret in _SECRETS) else value[:_MAX_VALUE]
    return f"<tr><th>{escape(name[:_MAX_VALUE])}</th><td>{escape(shown)}</td></tr>"
