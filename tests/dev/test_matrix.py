"""Failures of a development server: it continues or exits, and leaves no process behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest

from litestar_vite._devserver.state import DevState, StateFile, running_states
from litestar_vite._processes.liveness import Owner, is_running
from tests.dev.conftest import DEADLINE_SECONDS, DevApp, ssr_text, wait_for
from tests.dev.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.dev


def pid_of_vite(app: DevApp) -> int:
    vite = wait_for(lambda: app.vite, "Vite")
    pid: int = vite.pid
    return pid


@pytest.mark.protocol("K12")
def test_a_cold_start_leads_to_a_page_that_the_server_rendered(
    app: DevApp, record_property: Callable[[str, object], None]
) -> None:
    app.start()
    # The first request arrives before Vite is ready. It gets the page or a 503, and never an error of the app.
    with Traffic(app) as traffic:
        first = app.get("/")
        assert first.status_code in {200, 503}
        html = app.page_with("component one")
    traffic.judge(record_property)
    assert "hello" in ssr_text(html)
    assert "/static/@vite/client" in html
    assert "/static/@react-refresh" in html
    vite = app.vite
    assert vite is not None
    assert vite.url is not None
    for hidden in ("0.0.0.0", vite.url.rpartition(":")[2], "__inertia_ssr", "__litestar_vite"):
        assert hidden not in html
    assert app.interrupt() == 0
    app.wait_until_nobody_is_left()


def test_the_proxied_module_is_the_one_of_vite(shared: DevApp) -> None:
    vite = shared.vite
    assert vite is not None
    path = "/static/src/Pages/Home.tsx"
    direct = httpx.get(f"{vite.url}{path}", timeout=DEADLINE_SECONDS, trust_env=False)
    through = shared.get(path)
    assert through.content == direct.content
    assert through.headers["etag"] == direct.headers["etag"]
    assert through.headers["content-type"] == direct.headers["content-type"]
    assert len(through.headers.get_list("date")) == 1
    assert shared.get(path, headers={"If-None-Match": through.headers["etag"]}).status_code == 304


def test_routes_of_the_app_win_under_vites_base(shared: DevApp) -> None:
    assert shared.get("/static/mine").text == "a route of the app under Vite's base"
    assert shared.get("/static/src/mine").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/__inertia_ssr",
        "/static/__inertia_ssr",
        "/static//__INERTIA_SSR/x",
        "/static/%5f%5finertia_ssr",
        "/static/../__inertia_ssr",
        "/static/__litestar_vite/x/ping",
        "/__litestar_vite/x/ping",
    ],
)
@pytest.mark.protocol("K12")
def test_the_render_endpoint_is_not_exposed(shared: DevApp, path: str) -> None:
    with socket.create_connection(("127.0.0.1", shared.port), timeout=DEADLINE_SECONDS) as connection:
        body = b'{"component":"Home","props":{"greeting":"leak"},"url":"/","version":null}'
        connection.sendall(
            b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            % (path.encode(), len(body))
            + body
        )
        answer = b""
        while data := connection.recv(65536):
            answer += data
    assert answer.split(b" ", 2)[1] in {b"404", b"405"}
    assert b"leak" not in answer


def test_a_killed_vite_is_started_again_and_no_request_hangs(
    app: DevApp, record_property: Callable[[str, object], None]
) -> None:
    app.started()
    first = pid_of_vite(app)
    with Traffic(app) as traffic:
        os.kill(first, signal.SIGKILL)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: app.get("/static/src/app.tsx").status_code, range(16)))
        wait_for(lambda: app.vite is not None and app.vite.pid != first, "another Vite")
        wait_for(lambda: app.get("/static/src/app.tsx").status_code == 200, "modules")
    assert set(answers) <= {200, 502, 503}
    assert "component one" in app.page_with("component one")
    traffic.judge(record_property)
    app.interrupt()
    app.wait_until_nobody_is_left()


def test_a_hung_vite_holds_up_neither_pages_nor_the_loop(
    app: DevApp, record_property: Callable[[str, object], None]
) -> None:
    app.started()
    app.page_with("component one")
    pid = pid_of_vite(app)
    with Traffic(app) as traffic:
        os.kill(pid, signal.SIGSTOP)
        try:
            with ThreadPoolExecutor(8) as pool:
                pages = list(pool.map(lambda _: app.get("/"), range(8)))
        finally:
            os.kill(pid, signal.SIGCONT)
    # Rendered in the browser, in the document that Vite made earlier.
    assert {page.status_code for page in pages} == {200}
    assert all("/static/@vite/client" in page.text and '"greeting":"hello"' in page.text for page in pages)
    traffic.judge(record_property)


def test_a_slow_vite_holds_up_only_what_it_answers(app: DevApp, record_property: Callable[[str, object], None]) -> None:
    slow = "{ name: 'slow', configureServer: (server) => { server.middlewares.use((_, __, next) => setTimeout(next, 400)) } },"
    app.edit("vite.config.ts", "plugins: [", f"plugins: [{slow}")
    app.started()
    with Traffic(app) as traffic, ThreadPoolExecutor(8) as pool:
        pages = pool.map(lambda _: app.get("/").status_code, range(8))
        modules = pool.map(lambda number: app.get(f"/static/src/app.tsx?{number}").status_code, range(16))
        assert {*pages, *modules} == {200}
    traffic.judge(record_property)


def test_a_port_that_is_taken_is_no_problem(app: DevApp, record_property: Callable[[str, object], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        app.edit("vite.config.ts", "plugins:", f"server: {{ port: {port}, strictPort: false }}, plugins:")
        app.start()
        with Traffic(app) as traffic:
            assert "component one" in app.page_with("component one")
        assert app.vite is not None
        assert app.vite.url != f"http://127.0.0.1:{port}"
    traffic.judge(record_property)
    app.interrupt()
    app.wait_until_nobody_is_left()


def test_a_strict_port_that_is_taken_is_reported_in_vites_own_words(app: DevApp) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        app.edit(
            "vite.config.ts", "plugins:", f"server: {{ port: {other.getsockname()[1]}, strictPort: true }}, plugins:"
        )
        app.start()
        html = app.page_with("Vite is not running")
        assert "already in use" in html
    # The port is free again, and Vite is restarted automatically.
    app.page_with("component one")


def test_a_broken_vite_config_is_shown_and_recovers(app: DevApp) -> None:
    app.edit("vite.config.ts", "export default", "throw new Error('a <b>broken</b> config')\nexport default")
    app.start()
    response = wait_for(
        lambda: answer if "Vite is not running" in (answer := app.get("/")).text else None, "the failure page"
    )
    assert response.status_code == 503
    assert "a &lt;b&gt;broken&lt;/b&gt; config" in response.text
    assert 'http-equiv="refresh"' in response.text
    app.edit("vite.config.ts", "throw new Error('a <b>broken</b> config')\n", "")
    assert "hello" in ssr_text(app.page_with("component one"))


def test_without_node_modules_the_app_runs_and_names_the_install_command(app: DevApp) -> None:
    shutil.rmtree(app.folder / "node_modules")
    (app.folder / "pnpm-lock.yaml").write_text("")
    app.start()
    html = app.page_with("Vite is not running")
    assert "pnpm install" in html
    assert app.get("/plain").status_code == 200
    assert app.get("/static/src/app.tsx").status_code == 503


def test_a_base_of_the_vite_config_is_the_one_of_every_link(app: DevApp) -> None:
    app.edit("vite.config.ts", "defineConfig({", "defineConfig({ base: '/',")
    app.start()
    html = app.page_with("component one")
    links = re.findall(r'(?:src|from)(?:=| )"(/[^"]+)"', html)
    assert links.count("/src/app.tsx") == 1
    assert {"/@vite/client", "/@react-refresh"} <= set(links)
    for link in links:
        assert app.get(link).status_code == 200, link
    broken = wait_for(lambda: page if "ErrorOverlay" in (page := app.get("/broken").text) else None, "the overlay")
    assert 'import { ErrorOverlay } from "/@vite/client"' in broken


@pytest.mark.protocol("K12")
def test_an_error_of_the_render_is_shown_in_vites_overlay_and_the_terminal(shared: DevApp) -> None:
    shared.page_with("component one")
    html = wait_for(lambda: page if "ErrorOverlay" in (page := shared.get("/broken").text) else None, "the overlay")
    assert 'import { ErrorOverlay } from "/static/@vite/client"' in html
    assert "window is not defined" in html
    assert "Broken.tsx" in html
    # The document contains the title from the handler, although the render failed.
    assert "Broken, with a title</title>" in html.partition("</head>")[0]
    assert html.count("<title") == 1
    assert "window is not defined" in shared.log


def test_a_syntax_error_in_a_page_reaches_the_page_and_not_the_server(
    app: DevApp, record_property: Callable[[str, object], None]
) -> None:
    app.started()
    app.page_with("component one")
    with Traffic(app) as traffic:
        app.edit("src/Pages/Home.tsx", "return (", "return ((")
        wait_for(lambda: app.get("/static/src/Pages/Home.tsx").status_code == 500, "Vite's error")
        assert app.get("/").status_code == 200
        app.edit("src/Pages/Home.tsx", "return ((", "return (")
        wait_for(lambda: app.get("/static/src/Pages/Home.tsx").status_code == 200, "the module")
    traffic.judge(record_property)
    app.interrupt()
    app.wait_until_nobody_is_left()


def test_reloads_and_a_syntax_error_in_python_keep_vite(
    app: DevApp, record_property: Callable[[str, object], None]
) -> None:
    app.started("--reload")
    vite = pid_of_vite(app)
    # While the app cannot be imported, no process accepts connections on the reloader's socket, so requests wait.
    with Traffic(app, waits=True) as traffic:
        app.edit("app.py", 'GREETING = "hello"', 'GREETING = "changed"')
        app.page_with("changed")
        assert pid_of_vite(app) == vite
        good = (app.folder / "app.py").read_text()
        (app.folder / "app.py").write_text(f"{good}\ndef (:\n")
        wait_for(lambda: "SyntaxError" in app.log, "the traceback")
        assert is_running(vite)
        (app.folder / "app.py").write_text(good.replace("changed", "repaired"))
        app.page_with("repaired")
    assert pid_of_vite(app) == vite
    traffic.judge(record_property, may_refuse=True)
    app.interrupt()
    app.wait_until_nobody_is_left()


def test_a_request_during_a_reload_is_answered_or_cleanly_refused(
    app: DevApp, record_property: Callable[[str, object], None]
) -> None:
    app.started("--reload")
    vite = pid_of_vite(app)
    with Traffic(app, waits=True) as traffic, ThreadPoolExecutor(4) as pool:
        slow = [pool.submit(app.get, "/slow") for _ in range(4)]
        app.edit("app.py", 'GREETING = "hello"', 'GREETING = "later"')
        outcomes = []
        for request in slow:
            try:
                outcomes.append(request.result().status_code)
            except httpx.TransportError:
                outcomes.append(0)
        app.page_with("later")
    assert set(outcomes) <= {200, 0}
    assert pid_of_vite(app) == vite
    traffic.judge(record_property, may_refuse=True)
    app.interrupt()
    app.wait_until_nobody_is_left()


def test_two_apps_at_once_do_not_meet(
    new_app: Callable[[], DevApp], record_property: Callable[[str, object], None]
) -> None:
    one, two = new_app(), new_app()
    two.edit("src/Pages/Home.tsx", "component one", "component of two")
    one.start()
    two.start()
    with Traffic(two) as of_two:
        with Traffic(one) as of_one:
            one.page_with("component one")
            two.page_with("component of two")
            assert pid_of_vite(one) != pid_of_vite(two)
        of_one.judge(record_property)
        one.interrupt()
        one.wait_until_nobody_is_left()
        assert "component of two" in two.page_with("component of two")
    assert is_running(pid_of_vite(two))
    of_two.judge(record_property)
    two.interrupt()
    two.wait_until_nobody_is_left()


@pytest.mark.parametrize("arguments", [(), ("--reload",)], ids=["plain", "reload"])
def test_ctrl_c_leaves_nothing_behind(
    app: DevApp, arguments: tuple[str, ...], record_property: Callable[[str, object], None]
) -> None:
    app.started(*arguments)
    with Traffic(app) as traffic:
        app.page_with("component one")
        traffic.see_lag()
        app.interrupt()
    app.wait_until_nobody_is_left()
    traffic.judge(record_property, may_refuse=True)


def test_sigkill_of_the_server_takes_vite_along(app: DevApp, record_property: Callable[[str, object], None]) -> None:
    app.started()
    assert app.process is not None
    with Traffic(app) as traffic:
        app.page_with("component one")
        traffic.see_lag()
        app.process.kill()
        app.process.wait()
        app.wait_until_nobody_is_left()
    traffic.judge(record_property, may_refuse=True)


def test_sigkill_of_a_server_that_nobody_waits_for_takes_vite_along(app: DevApp) -> None:
    app.started()
    assert app.process is not None
    vite = pid_of_vite(app)
    app.process.kill()
    # The process is not reaped: as a zombie, it keeps its process id.
    wait_for(lambda: not is_running(vite), "Vite to end")


def test_a_vite_that_hangs_before_its_config_is_read_ends_with_the_server(app: DevApp) -> None:
    app.edit("vite.config.ts", "export default", "while (true) {}\nexport default")
    app.start()
    wait_for(lambda: len(app.processes()) > 1, "Vite")
    assert app.process is not None
    app.process.kill()
    app.process.wait()
    app.wait_until_nobody_is_left()


def test_sigterm_with_a_hung_vite_and_open_requests_ends_within_its_deadline(
    app: DevApp, record_property: Callable[[str, object], None]
) -> None:
    app.started()
    pid = pid_of_vite(app)
    os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(4) as pool:
        hung = [pool.submit(app.get, f"/static/src/app.css?{number}") for number in range(4)]
        time.sleep(0.5)  # The requests are in progress.
        started = time.monotonic()
        app.interrupt(signal.SIGTERM)
        seconds = time.monotonic() - started
        for request in hung:
            with contextlib.suppress(httpx.TransportError):
                assert request.result().status_code in {200, 500, 502, 503, 504}
    record_property("exit with a hung Vite and four open requests, in seconds", seconds)
    app.wait_until_nobody_is_left()


def test_stale_state_is_not_believed(app: DevApp) -> None:
    """A state file with the id of a running process and the URL of an unrelated server is ignored."""
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        answering = threading.Thread(target=_answer_everything, args=(stranger,), daemon=True)
        answering.start()
        url = f"http://127.0.0.1:{stranger.getsockname()[1]}"
        stale = DevState(os.getpid(), "a stale nonce", url, base="/static/", ssr=True)
        # The process id was used before, by a server that could not clean up.
        app.start(prepare=lambda pid: StateFile(app.folder, Owner(pid, None, is_parent=False)).write(stale))
        assert "stranger" not in app.page_with("component one")
        assert [state.nonce == stale.nonce for state in running_states(app.folder)] == [False]


def test_the_settings_for_vite_are_only_in_its_environment(app: DevApp) -> None:
    """Our settings for Vite are only in its environment, and not in that of the app or its other child processes."""
    app.started()
    assert app.process is not None
    environment = (f"/proc/{app.process.pid}/environ", f"/proc/{pid_of_vite(app)}/environ")
    with open(environment[0], "rb") as ours, open(environment[1], "rb") as vites:  # noqa: PTH123 - not files
        assert b"LITESTAR_VITE_DEV" not in ours.read()
        settings = dict(entry.split(b"=", 1) for entry in vites.read().split(b"\0") if b"=" in entry)
    assert json.loads(settings[b"LITESTAR_VITE_DEV"])["owner"]["pid"] == app.process.pid


def _answer_everything(server: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nstranger")
