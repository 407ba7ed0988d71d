"""Live props on a real server: the page key, the event stream, its guards, and publishing from handlers."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Litestar, Request, get, post
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.exceptions import ClientException, PermissionDeniedException
from litestar.params import FromQuery
from msgspec import Struct

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia import InertiaConfig, InertiaRedirect, LiveConfig, live, publish, publish_now
from litestar_vite.testing import InertiaTestClient
from tests.live import listening, position_now, served
from tests.support import make_app, make_site, page_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path


class Order(Struct):
    number: int


def owns(request: Request[Any, Any, Any], parameters: Mapping[str, str]) -> bool:
    return request.headers.get("user") == parameters["user"]


async def is_staff(request: Request[Any, Any, Any], _: Mapping[str, str]) -> bool:
    if request.headers.get("user") != "staff":
        raise PermissionDeniedException
    return True


@get("/", component="Home", sync_to_thread=False)
def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
    return {"orders": live(lambda: request.app.state.orders, channel="orders"), "plain": 1}


@get("/own", component="Home", sync_to_thread=False)
def own() -> dict[str, Any]:
    return {"mine": live(1, channel="user.7", throttle_ms=250)}


@get("/typo", component="Home", sync_to_thread=False)
def typo() -> dict[str, Any]:
    return {"mine": live(1, channel="oders")}


@post("/orders", sync_to_thread=False)
def order(
    request: Request[Any, Any, Any], value: FromQuery[bool] = False, fails: FromQuery[str] = ""
) -> InertiaRedirect:
    publish(request, "orders", {"orders": [Order(1)]} if value else None)
    if fails == "exception":
        raise ClientException
    return InertiaRedirect(request, "/#last" if fails == "fragment" else "/")


@post("/now")
async def now(request: Request[Any, Any, Any], channel: FromQuery[str], event: FromQuery[str] = "changed") -> None:
    await publish_now(request.app, channel, event=event)


@post("/foreign")
async def foreign(channels: NamedDependency[ChannelsPlugin]) -> None:
    await channels.wait_published("line\nbreak", "orders")


@post("/burst")
async def burst(request: Request[Any, Any, Any], count: FromQuery[int]) -> None:
    for number in range(count):
        await publish_now(request.app, "orders", event=f"event-{number}")


@post("/values")
async def values(request: Request[Any, Any, Any], count: FromQuery[int], size: FromQuery[int]) -> None:
    for _ in range(count):
        await publish_now(request.app, "orders", {"orders": "x" * size})
        await asyncio.sleep(0)


@get("/streams", sync_to_thread=False)
def streams(request: Request[Any, Any, Any]) -> str:
    return repr(next(each for each in request.app.plugins if type(each).__name__ == "LivePlugin"))


LIVE = {"orders": None, "user.{user}": owns, "staff": is_staff}


def app_of(
    root: Path, *, backend: Any = None, options: Any = None, channels_options: Any = None, **live_config: Any
) -> Litestar:
    channels = ChannelsPlugin(
        backend or MemoryChannelsBackend(history=50), arbitrary_channels_allowed=True, **(channels_options or {})
    )
    return make_app(
        make_site(root),
        [home, own, typo, order, now, burst, values, foreign, streams],
        InertiaConfig(live=LiveConfig(**{"channels": LIVE, **live_config})),
        plugins=[channels],
        state=State({"orders": []}),
        **(options or {}),
    )


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    with served(app_of(tmp_path, heartbeat_seconds=0.2)) as url:
        yield url


def make_page(url: str) -> int:
    """Open the page and return its position in milliseconds."""
    at: int = page_in(httpx.get(url).text)["liveProps"]["orders"]["at"]
    return at * 1000


# The page --------------------------------------------------------------------------------------------------------------


def test_only_a_page_with_a_live_prop_has_the_key(tmp_path: Path) -> None:
    with InertiaTestClient(app_of(tmp_path)) as client:
        page = client.visit("/own").page
    entry = page["liveProps"]["mine"]
    assert entry["listeners"] == [{"channel": {"name": "user.7", "type": "private"}, "events": ["changed"]}]
    assert entry["throttle"] == 250


def test_a_channel_that_is_not_configured_is_an_error_with_the_known_ones(tmp_path: Path) -> None:
    with InertiaTestClient(app_of(tmp_path, options={"debug": True})) as client:
        text = client.get("/typo").text
    assert "No live channel 'oders': LiveConfig.channels has 'orders'" in text


def test_an_app_without_the_channels_plugin_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="ChannelsPlugin"):
        make_app(make_site(tmp_path), [home], InertiaConfig(live=LiveConfig(channels=["orders"])))


def test_a_channels_plugin_that_lacks_a_channel_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"'user\.\{id\}'"):
        make_app(
            make_site(tmp_path),
            [home],
            InertiaConfig(live=LiveConfig(channels=["orders", "user.{id}"])),
            plugins=[ChannelsPlugin(MemoryChannelsBackend(), channels=["orders"])],
        )


@pytest.mark.parametrize("names", [[], "orders", ["two words"], ["user.{id"], ["a/b"]])
def test_a_wrong_name_of_a_channel_is_an_error(tmp_path: Path, names: Any) -> None:
    with pytest.raises(ConfigError, match=r"LiveConfig"):
        app_of(tmp_path, channels=names)


# The stream ------------------------------------------------------------------------------------------------------------


def test_a_published_event_arrives(url: str) -> None:
    with listening(url, f"orders@{make_page(url)}") as stream:
        assert stream.next("hello").data["positions"].keys() == {"orders"}
        httpx.post(f"{url}/orders")
        message = stream.next()
    assert message.data["channel"] == "orders"
    assert message.data["event"] == "changed"
    assert "__inertia" not in message.data
    assert message.id == f"orders@{message.data['id']}"


def test_a_published_value_arrives(url: str) -> None:
    with listening(url, f"orders@{make_page(url)}") as stream:
        stream.next("hello")
        httpx.post(f"{url}/orders?value=true")
        assert stream.next().data["__inertia"] == {"props": {"orders": [{"number": 1}]}}


def test_a_limit_for_other_subscribers_drops_no_event(tmp_path: Path) -> None:
    with served(app_of(tmp_path, channels_options={"subscriber_max_backlog": 2})) as url:
        with listening(url, "orders") as stream:
            stream.next("hello")
            httpx.post(f"{url}/burst?count=20")
            assert [stream.next().data["event"] for _ in range(20)] == [f"event-{number}" for number in range(20)]


def test_a_stream_is_neither_compressed_nor_stored(tmp_path: Path) -> None:
    gzip = CompressionConfig(backend="gzip", minimum_size=1)
    with served(app_of(tmp_path, options={"compression_config": gzip})) as url, listening(url, "orders") as stream:
        headers = stream.response.headers
        assert stream.next("hello")
    assert headers["content-type"].startswith("text/event-stream")
    assert "no-store" in headers["cache-control"]
    assert "content-encoding" not in headers
    assert "x-inertia" not in headers


def test_an_event_between_the_page_and_the_stream_is_not_lost(url: str) -> None:
    position = make_page(url)
    httpx.post(f"{url}/orders")
    with listening(url, f"orders@{position}") as stream:
        assert next(message for message in stream if message.name in {"message", "lost"})


def test_a_stream_resumes_after_the_last_event(url: str) -> None:
    with listening(url, f"orders@{make_page(url)}") as stream:
        stream.next("hello")
        httpx.post(f"{url}/now?channel=orders&event=one")
        last_id = stream.next().id
    for name in ("two", "three"):
        httpx.post(f"{url}/now?channel=orders&event={name}")
    with listening(url, "orders@0", last_id=last_id) as stream:
        assert [stream.next().data["event"], stream.next().data["event"]] == ["two", "three"]


def test_a_client_without_a_position_reloads(url: str) -> None:
    with listening(url, "orders") as stream:
        assert stream.next("lost").data.keys() == {"orders"}


def test_a_client_from_before_the_history_reloads(tmp_path: Path) -> None:
    with served(app_of(tmp_path, backend=MemoryChannelsBackend(history=3), history=3)) as url:
        position = position_now()
        with listening(url, f"orders@{position}"):
            pass
        for _ in range(5):
            httpx.post(f"{url}/orders")
        with listening(url, f"orders@{position}") as stream:
            assert stream.next("lost").data.keys() == {"orders"}


def test_a_client_of_an_earlier_process_reloads(tmp_path: Path) -> None:
    with served(app_of(tmp_path)) as url, listening(url, f"orders@{position_now() - 60_000}-ab") as stream:
        assert stream.next("lost").data.keys() == {"orders"}


def test_heartbeats_move_a_quiet_position(url: str) -> None:
    early = position_now() - 20_000
    with listening(url, f"orders@{early}") as stream:
        stream.next("hello")
        assert int(stream.next("beat").data["orders"]) > early + 10_000


def test_the_channels_of_a_stream_have_positions_of_their_own(url: str) -> None:
    with listening(url, f"orders@{position_now()}", f"user.7@{position_now()}", user="7") as stream:
        stream.next("hello")
        httpx.post(f"{url}/now?channel=orders")
        first = stream.next()
        httpx.post(f"{url}/now?channel=user.7")
        second = stream.next()
    ids = dict(pair.split("@") for pair in second.id.split(","))
    assert ids == {"orders": first.data["id"], "user.7": second.data["id"]}


def test_a_stream_ends_so_that_its_guards_are_asked_again(tmp_path: Path) -> None:
    with served(app_of(tmp_path, reconnect_after_seconds=0.5, heartbeat_seconds=0.1)) as url:
        with listening(url, "orders") as stream:
            assert [message.name for message in stream][:2] == ["hello", "lost"]


def test_foreign_data_in_a_channel_is_an_event(url: str) -> None:
    with listening(url, f"orders@{make_page(url)}") as stream:
        stream.next("hello")
        httpx.post(f"{url}/foreign")
        assert stream.next().data["event"] == "changed"


@pytest.mark.parametrize("query", ["", "?channel=", "?" + "&".join(f"channel=c{index}" for index in range(65))])
def test_a_stream_names_its_channels(url: str, query: str) -> None:
    assert httpx.get(f"{url}/live{query}").status_code == 400


# Guards ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("channel", "user", "allowed"),
    [
        ("user.7", "7", True),
        ("user.7", "8", False),
        ("user.7.x", "7", False),
        ("user.", "", False),
        ("staff", "staff", True),
        ("staff", "7", False),
        ("unknown", "7", False),
    ],
)
def test_a_private_channel_asks_its_guard(url: str, channel: str, user: str, allowed: bool) -> None:
    with listening(url, channel, "orders", user=user) as stream:
        assert (channel in stream.next("hello").data["positions"]) is allowed
        if not allowed:
            assert stream.next("denied").data == [channel]


def test_a_stream_without_an_allowed_channel_ends(url: str) -> None:
    with listening(url, "staff", user="7") as stream:
        assert [message.name for message in stream] == ["hello", "denied"]


# Publishing ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("fails", "arrives"), [("exception", False), ("fragment", True), ("", True)])
def test_only_a_request_that_succeeds_publishes(url: str, fails: str, arrives: bool) -> None:
    with listening(url, f"orders@{make_page(url)}") as stream:
        stream.next("hello")
        httpx.post(f"{url}/orders?fails={fails}", headers={"X-Inertia": "true", "Referer": f"{url}/"})
        httpx.post(f"{url}/now?channel=orders&event=last")
        assert stream.next().data["event"] == ("changed" if arrives else "last")


def test_an_event_is_published_after_other_plugins_have_committed(tmp_path: Path) -> None:
    app = app_of(tmp_path)
    seen: list[str] = []
    committed_ms = event_ms = 0

    class Backend(MemoryChannelsBackend):
        async def publish(self, data: bytes, channels: Any) -> None:
            nonlocal event_ms
            seen.append("published")
            event_ms = int(json.loads(data)["id"].partition("-")[0])

    async def commit(message: Any, scope: Any) -> None:
        nonlocal committed_ms
        if message["type"] == "http.response.start" and scope["path"] == "/orders":
            await asyncio.sleep(0.01)
            seen.append("committed")
            committed_ms = time.time_ns() // 1_000_000

    app = make_app(
        make_site(tmp_path / "late"),
        [home, order],
        InertiaConfig(live=LiveConfig(channels=["orders"])),
        plugins=[ChannelsPlugin(Backend(), channels=["orders"])],
        state=State({"orders": []}),
    )
    app.before_send = [*app.before_send, commit]
    with InertiaTestClient(app) as client:
        client.post("/orders")
    assert seen == ["committed", "published"]
    # A page with the old data was made before this time. A later page has the new data.
    assert event_ms >= committed_ms


def test_a_backend_that_does_not_answer_holds_up_no_response(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from litestar_vite.inertia._live import publishing

    published: list[bytes] = []

    class Silent(MemoryChannelsBackend):
        async def publish(self, data: bytes, channels: Any) -> None:
            await asyncio.sleep(5)
            published.append(data)

    monkeypatch.setattr(publishing, "_PUBLISH_SECONDS", 0.05)
    with InertiaTestClient(app_of(tmp_path, backend=Silent(history=50))) as client:
        assert client.post("/orders", follow_redirects=False).status_code == 303
    assert published == []
    assert "The live events of /orders could not be published" in caplog.text


def test_publishing_after_the_response_has_started_is_an_error(tmp_path: Path) -> None:
    requests: list[Request[Any, Any, Any]] = []

    @get("/keep", sync_to_thread=False)
    def keep(request: Request[Any, Any, Any]) -> str:
        requests.append(request)
        return ""

    app = make_app(
        make_site(tmp_path),
        [keep],
        InertiaConfig(live=LiveConfig(channels=["orders"])),
        plugins=[ChannelsPlugin(MemoryChannelsBackend(), channels=["orders"])],
    )
    with InertiaTestClient(app) as client:
        client.get("/keep")
        with pytest.raises(RuntimeError, match="publish_now"):
            publish(requests[0], "orders")


def test_a_value_that_the_backend_refuses_becomes_a_reload(tmp_path: Path) -> None:
    published: list[dict[str, Any]] = []

    class Small(MemoryChannelsBackend):
        async def publish(self, data: bytes, channels: Any) -> None:
            if len(data) > 110:
                raise ValueError("too long")
            published.append(json.loads(data))

    with InertiaTestClient(app_of(tmp_path, backend=Small())) as client:
        client.post("/orders?value=true")
    assert [event.keys() for event in published] == [{"id", "channel", "event"}]


def test_a_channel_that_could_not_be_opened_is_tried_again(tmp_path: Path) -> None:
    """Litestar considers it open: it keeps the subscriber and does not subscribe to the backend again."""

    class Flaky(MemoryChannelsBackend):
        failures = 1

        async def subscribe(self, channels: Any) -> None:
            self.failures -= 1
            if self.failures >= 0:
                raise ConnectionError
            await super().subscribe(channels)

    with served(app_of(tmp_path, backend=Flaky(history=50))) as url:
        with listening(url, "orders") as failed:
            assert failed.response.status_code == 500
        with listening(url, "orders") as stream:
            stream.next("hello")
            httpx.post(f"{url}/orders")
            assert stream.next().data["event"] == "changed"


# Slow clients ----------------------------------------------------------------------------------------------------------


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_client_that_does_not_read_loses_events_and_is_told(url: str) -> None:
    """40 MB are sent, more than the kernel and the server buffer."""
    port = int(url.rpartition(":")[2])
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(30)
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET /live?channel=orders HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        received = bytearray(client.recv(4096))
        assert httpx.post(f"{url}/values?count=400&size=100000", timeout=30).status_code == 201
        httpx.post(f"{url}/now?channel=orders&event=last")
        while b'"event":"last"' not in received[-2000:]:
            part = client.recv(1 << 20)
            assert part, "the stream has ended"
            received += part
    assert received.rindex(b"event: lost") > received.index(b'"event":"changed"')
    assert len(received) < 30_000_000


def test_the_server_forgets_a_client_that_has_left(url: str) -> None:
    with listening(url, "orders") as stream:
        stream.next("hello")
        assert "streams=1" in httpx.get(f"{url}/streams").text
    wait_for(lambda: "streams=0" in httpx.get(f"{url}/streams").text)


def test_a_plain_page_has_no_live_key(tmp_path: Path) -> None:
    @get("/plain", component="Home", sync_to_thread=False)
    def plain() -> dict[str, Any]:
        return {"a": 1, "b": lambda: 2}

    app = make_app(make_site(tmp_path), [plain], InertiaConfig())
    with InertiaTestClient(app) as client:
        assert "liveProps" not in client.visit("/plain").page


def test_an_app_without_live_props_loads_nothing_of_them(tmp_path: Path) -> None:
    make_site(tmp_path)
    program = f"""
import sys
from litestar import Litestar
from litestar_vite import ViteConfig, VitePlugin
from litestar_vite.inertia import InertiaConfig, live, publish
Litestar([], plugins=[VitePlugin(ViteConfig(root={str(tmp_path)!r}, inertia=InertiaConfig()))])
print([name for name in sys.modules if "_live." in name or "litestar.channels" in name])
"""
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
