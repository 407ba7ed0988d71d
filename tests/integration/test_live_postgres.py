"""Live props with a real PostgreSQL. It stores no events, so pages that missed events reload their props."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import asyncpg
import httpx
import pytest
from litestar import Litestar, Request, post
from litestar.channels import ChannelsBackend, ChannelsPlugin
from litestar.channels.backends.asyncpg import AsyncPgChannelsBackend
from litestar.channels.backends.psycopg import PsycoPgChannelsBackend
from litestar.params import FromQuery

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import InertiaConfig, LiveConfig, publish
from litestar_vite.inertia._litestar import channel_seams
from litestar_vite.inertia._live import hub
from tests.live import DEADLINE_SECONDS, Stream, home, listening, now, position_now, served
from tests.support import make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.postgres import Postgres

pytestmark = pytest.mark.services

BACKENDS = {"asyncpg": AsyncPgChannelsBackend, "psycopg": PsycoPgChannelsBackend}
LONGEST = "x" * 63


@post("/value")
async def value(request: Request[Any, Any, Any], size: FromQuery[int]) -> None:
    publish(request, "orders", {"orders": "ü" * size})


def app_of(root: Path, backend: ChannelsBackend, channels: tuple[str, ...] = ("orders", "{name}")) -> Litestar:
    return make_app(
        make_site(root),
        [home, now, value],
        InertiaConfig(live=LiveConfig(channels=channels, heartbeat_seconds=0.2)),
        plugins=[ChannelsPlugin(backend, arbitrary_channels_allowed=True)],
    )


def app_from_environment() -> Litestar:
    """Create the app in a process that a test starts."""
    from pathlib import Path

    return app_of(Path(os.environ["ROOT"]), BACKENDS[os.environ["BACKEND"]](os.environ["POSTGRES_URL"]))


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(tmp_path: Path, postgres: Postgres, backend: str) -> Iterator[str]:
    with served(app_of(tmp_path, BACKENDS[backend](postgres.url))) as url:
        yield url


@contextlib.contextmanager
def process(root: Path, postgres: Postgres, backend: str) -> Iterator[str]:
    """Serve the app with uvicorn in a separate process, and yield its URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        module = f"{__name__}:{app_from_environment.__name__}"
        server = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--factory", module, "--fd", str(listener.fileno()), "--log-level=error"],
            pass_fds=[listener.fileno()],
            env={**os.environ, "ROOT": str(root), "POSTGRES_URL": postgres.url, "BACKEND": backend},
        )
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.terminate()
            server.wait(DEADLINE_SECONDS)


def send(url: str, event: str, channel: str = "orders") -> None:
    answer = httpx.post(f"{url}/now", params={"event": event, "channel": channel}, timeout=DEADLINE_SECONDS)
    assert answer.status_code == 201, answer.text


def names(stream: Stream, count: int) -> list[str]:
    return [stream.next().data["event"] for _ in range(count)]


def read_until(stream: Stream, event: str) -> list[str]:
    """Read messages until an event, and return their names: events and "lost"."""
    found: list[str] = []
    for message in stream:
        if message.name in {"message", "lost"}:
            found.append(message.data["event"] if message.name == "message" else "lost")
            if found[-1] == event:
                return found
    raise AssertionError(found)


def test_two_processes_share_the_events_and_both_can_continue_a_stream(
    tmp_path: Path, postgres: Postgres, backend: str
) -> None:
    with process(tmp_path, postgres, backend) as one, process(tmp_path, postgres, backend) as two:
        with listening(one, "orders") as here, listening(two, "orders") as there:
            for stream in (here, there):
                stream.next("lost")
            send(one, "first")
            send(two, "second")
            assert names(here, 2) == ["first", "second"]
            first = there.next()
            assert (first.data["event"], names(there, 1)) == ("first", ["second"])
        send(one, "third")  # No client is connected, but both processes still listen.
        for url in (one, two):
            with listening(url, "orders", last_id=first.id) as stream:
                assert read_until(stream, "third") == ["second", "third"]


def test_events_before_anybody_listened_are_a_reload(url: str) -> None:
    position = position_now()
    send(url, "unheard")
    with listening(url, f"orders@{position}") as stream:
        assert stream.next("lost").data.keys() == {"orders"}
        send(url, "heard")
        assert names(stream, 1) == ["heard"]


def test_an_interruption_during_a_restart_is_a_reload(tmp_path: Path, postgres: Postgres, backend: str) -> None:
    with served(app_of(tmp_path, BACKENDS[backend](postgres.url))) as url, listening(url, "orders") as stream:
        stream.next("lost")
        send(url, "one")
        last_id = stream.next().id
    with (
        served(app_of(tmp_path, BACKENDS[backend](postgres.url))) as url,
        listening(url, "orders", last_id=last_id) as stream,
    ):
        stream.next("lost")


def test_no_event_is_lost_while_other_channels_are_opened(url: str) -> None:
    """psycopg's listener is interrupted for each new channel."""
    events = [f"e{index}" for index in range(60)]
    with listening(url, "orders") as stream, contextlib.ExitStack() as stack:
        stream.next("lost")
        publisher = threading.Thread(target=lambda: [send(url, event) for event in events])
        publisher.start()
        for index in range(8):
            other = stack.enter_context(listening(url, f"other-{index}"))
            other.next("hello")
        publisher.join()
        assert names(stream, len(events)) == events


def test_a_value_that_is_too_large_for_postgres_becomes_a_reload(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with listening(url, "orders") as stream:
        stream.next("lost")
        httpx.post(f"{url}/value?size=3000")
        assert stream.next().data["__inertia"] == {"props": {"orders": "ü" * 3000}}
        httpx.post(f"{url}/value?size=4000")
        assert "__inertia" not in stream.next().data
    assert "pages reload instead" in caplog.text


def test_names_that_postgres_would_cut_are_errors(tmp_path: Path, postgres: Postgres, backend: str) -> None:
    with pytest.raises(ConfigError, match="63"):
        app_of(tmp_path, BACKENDS[backend](postgres.url), (LONGEST + "x",))
    with served(app_of(tmp_path, BACKENDS[backend](postgres.url))) as url:
        with listening(url, LONGEST, LONGEST + "x") as stream:
            assert stream.next("denied").data == [LONGEST + "x"]
            stream.next("lost")
            send(url, "arrives", LONGEST)
            assert names(stream, 1) == ["arrives"]
        assert httpx.post(f"{url}/now", params={"event": "no", "channel": LONGEST + "x"}).status_code == 500


def test_the_delivery_goes_on_after_a_lost_connection(
    url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hub, "_CHECK_SECONDS", 0.2)
    with listening(url, "orders") as stream, listening(url, "quiet") as other:
        for each in (stream, other):
            each.next("lost")
        send(url, "one")
        assert names(stream, 1) == ["one"]
        postgres.drop_listeners()
        send(url, "two")
        read_until(stream, "lost")
        other.next("lost")
        send(url, "three")
        send(url, "four", "quiet")
        read_until(stream, "three")
        assert names(other, 1) == ["four"]
    assert "The channels backend failed" in caplog.text


def test_the_delivery_goes_on_after_postgres_was_down(
    url: str, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hub, "_CHECK_SECONDS", 0.2)
    with listening(url, "orders") as stream:
        stream.next("lost")
        postgres.stop()
        try:
            for _ in iter(lambda: caplog.text.count("The channels backend failed") < 3, False):
                time.sleep(0.05)
            # A channel that cannot be opened now must work later.
            with contextlib.suppress(httpx.HTTPError), listening(url, "new") as failed:
                assert failed.response.status_code >= 500
        finally:
            postgres.start()
        stream.next("lost")
        send(url, "one")
        read_until(stream, "one")
        with listening(url, "new") as other:
            send(url, "two", "new")
            read_until(other, "two")


def test_a_connection_of_a_pool_is_replaced(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that has gone back to its pool cannot be closed."""
    monkeypatch.setattr(hub, "_CHECK_SECONDS", 0.2)
    pools: list[Any] = []

    async def connect() -> Any:
        if not pools:
            pools.append(await asyncpg.create_pool(postgres.url, min_size=1))
        return await pools[0].acquire()

    app = app_of(tmp_path, AsyncPgChannelsBackend(make_connection=connect))
    with served(app) as url, listening(url, "orders") as stream:
        stream.next("lost")
        postgres.drop_listeners()
        stream.next("lost")
        send(url, "one")
        read_until(stream, "one")


@pytest.mark.parametrize("opens_another", [False, True])
def test_a_connection_that_has_gone_silent_is_replaced(
    tmp_path: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch, opens_another: bool
) -> None:
    """A firewall may drop idle connections like this. psycopg relies on the keepalives of its DSN.

    A channel that is opened in the meantime waits for the answer to its LISTEN.
    """
    monkeypatch.setattr(hub, "_CHECK_SECONDS", 0.2)
    monkeypatch.setattr(channel_seams, "_PING_SECONDS", 0.5)
    app = app_of(tmp_path, AsyncPgChannelsBackend(postgres.url))
    with served(app) as url, listening(url, "orders") as stream:
        stream.next("lost")
        stopped = postgres.listeners()
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            if opens_another:
                with contextlib.suppress(httpx.ReadTimeout):
                    httpx.get(f"{url}/live?channel=other", timeout=0.1)
            stream.next("lost")
            send(url, "one")
            read_until(stream, "one")
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
