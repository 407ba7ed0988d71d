"""The development error page: the app's own line first, without scripts. Production shows none of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, get
from litestar.di import NamedDependency, Provide

from litestar_vite.exceptions import SSRError
from litestar_vite.inertia import InertiaConfig, defer
from tests.integration.asgi import Answer, ask
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from pathlib import Path

# Reversed, since the error page shows this source line too.
HIDDEN = "value-hidden"[::-1]
BROWSER = {"accept": "text/html", "cookie": f"session={HIDDEN}", "x-api-key": HIDDEN}


def fails() -> int:
    raise ValueError("<b>broken</b>")


async def provide_db() -> int:
    raise ConnectionError("the database is down")


@get("/handler", component="Home", sync_to_thread=False)
def handler() -> dict[str, Any]:
    return {"n": int("x")}


@get("/dependency", component="Home", dependencies={"db": Provide(provide_db)}, sync_to_thread=False)
def dependency(db: NamedDependency[int]) -> dict[str, Any]:
    return {"db": db}


@get("/prop", component="Home", sync_to_thread=False)
def prop() -> dict[str, Any]:
    return {"n": fails}


@get("/deferred", component="Home", sync_to_thread=False)
def deferred() -> dict[str, Any]:
    return {"n": defer(fails)}


@get("/encoding", component="Home", sync_to_thread=False)
def encoding() -> dict[str, Any]:
    return {"secret": object()}


@get("/ssr", component="Home", sync_to_thread=False)
def ssr() -> dict[str, Any]:
    raise SSRError(
        "window is not defined",
        kind="browser-api",
        component="Home",
        hint="Use an effect.",
        source_location="src/pages/Home.tsx:2:9",
    )


@get("/no-file", component="Hoem", sync_to_thread=False)
def no_file() -> dict[str, Any]:
    raise SSRError(
        "Page not found: Hoem", kind="render", component="Hoem", hint="A hook.", source_location="x.tsx:17:1"
    )


HANDLERS = [handler, dependency, prop, deferred, encoding, ssr, no_file]
FIRST = {
    "/handler": "handler",
    "/dependency": "provide_db",
    "/prop": "fails",
    "/deferred": "fails",
    "/encoding": "encoding",
    "/ssr": "ssr",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = make_site(tmp_path_factory.mktemp("site"))
    (site / "src" / "pages").mkdir(parents=True)
    (site / "src" / "pages" / "Home.tsx").write_text("export default function Home() {\n  window.here = '</pre>'\n}\n")
    return site


@pytest.fixture(scope="module")
def developed(site: Path) -> Litestar:
    return make_app(site, HANDLERS, InertiaConfig(), vite={"dev_mode": True, "entry": "src/app.tsx"})


def ask_for(app: Litestar, path: str) -> Answer:
    if path == "/deferred":
        return ask(app, "GET", path, inertia_headers(app, partial_component="Home", partial_data="n"))
    return ask(app, "GET", path, BROWSER)


@pytest.mark.parametrize("path", FIRST)
def test_the_line_of_the_app_is_open_and_links_to_the_editor_without_any_script(developed: Litestar, path: str) -> None:
    answer = ask_for(developed, path)
    assert answer.status == 500
    html = answer.text
    opened = re.findall(r"<details[^>]* open><summary><b>([^<]+)</b> <span>([^<]+)</span>", html)
    assert opened[0][0] == FIRST[path]
    assert "test_debug_page.py:" in opened[0][1]
    link = re.search(r'<a href="/static/__open-in-editor\?file=([^"]+)" target="editor">', html)
    assert link is not None
    assert '<iframe name="editor"' in html
    assert html.count("<script") == 1
    assert '<script>document.querySelectorAll("a")' in html
    assert HIDDEN not in html


def test_the_message_is_text_and_source_of_the_front_end_is_escaped(developed: Litestar) -> None:
    assert "<h1>&lt;b&gt;broken&lt;/b&gt;</h1>" in ask_for(developed, "/prop").text
    html = ask_for(developed, "/ssr").text
    assert "<mark><i>    2</i>    window.here = &#x27;&lt;/pre&gt;&#x27;</mark>" in html
    assert '<p class="hint">Use an effect.</p>' in html
    assert "Page component <code>Home</code>" in html


@pytest.mark.parametrize("path", FIRST)
def test_production_shows_nothing_internal(site: Path, path: str) -> None:
    answer = ask_for(make_app(site, HANDLERS), path)
    assert answer.status == 500
    for inside in ("test_debug_page", "broken", "database", "Home.tsx", "effect", "Traceback"):
        assert inside not in answer.text


def test_a_component_without_a_file_gets_our_hint_and_no_place(developed: Litestar) -> None:
    html = ask(developed, "GET", "/no-file", BROWSER).text.split("<main>")[0]
    assert "page component does not exist. Did you mean &#x27;Home&#x27;? Create it" in html
    assert "A hook." not in html
    assert "x.tsx" not in html


def test_parameters_of_the_query_are_shown_without_secrets(developed: Litestar) -> None:
    html = ask(developed, "GET", f"/handler?page=2&reset_token={HIDDEN}", BROWSER).text
    assert "<tr><th>?page</th><td>2</td></tr>" in html
    assert "<tr><th>?reset_token</th><td>[REDACTED]</td></tr>" in html
    assert HIDDEN not in html


def test_clients_that_want_data_get_litestars_answer(developed: Litestar) -> None:
    answer = ask(developed, "GET", "/handler", {"accept": "application/json"})
    assert answer.status == 500
    assert "json" in str(answer.header("content-type")) or "text/plain" in str(answer.header("content-type"))
