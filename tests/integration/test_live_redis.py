"""Live props across restarts, with a real Redis."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.redis import RedisChannelsPubSubBackend, RedisChannelsStreamBackend
from redis.asyncio import Redis

from litestar_vite.inertia import InertiaConfig, LiveConfig
from litestar_vite.inertia._live import hub
from tests.live import home, listening, now, position_now, served
from tests.support import make_app, make_site

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.services


def app_of(root: Path, redis_socket: str, *, keeps: bool = True, history: int = 100) -> Litestar:
    redis = Redis(unix_socket_path=redis_socket)

    async def close() -> None:
        await redis.aclose()

    backend: Any = (
        RedisChannelsStreamBackend(
            history, redis=redis, stream_sleep_no_subscriptions=50, cap_streams_approximate=False
        )
        if keeps
        else RedisChannelsPubSubBackend(redis=redis)
    )
    return make_app(
        make_site(root),
        [home, now],
        InertiaConfig(live=LiveConfig(channels=["orders", "ORDERS"], heartbeat_seconds=0.2)),
        plugins=[ChannelsPlugin(backend, arbitrary_channels_allowed=True)],
        on_shutdown=[close],
    )


@pytest.fixture(autouse=True)
def _empty(redis_socket: str) -> None:
    async def flush() -> None:
        async with Redis(unix_socket_path=redis_socket) as redis:
            await redis.flushall()

    asyncio.run(flush())


def names(stream: Any, count: int) -> list[str]:
    return [stream.next().data["event"] for _ in range(count)]


def test_no_event_is_lost_while_the_server_restarts(tmp_path: Path, redis_socket: str) -> None:
    with served(app_of(tmp_path, redis_socket)) as url, listening(url, f"orders@{position_now()}") as stream:
        stream.next("hello")
        httpx.post(f"{url}/now?event=one")
        last_id = stream.next().id
    with served(app_of(tmp_path, redis_socket)) as other:  # Another process publishes in the meantime.
        for name in ("two", "three"):
            httpx.post(f"{other}/now?event={name}")
    with served(app_of(tmp_path, redis_socket)) as url, listening(url, "orders@0", last_id=last_id) as stream:
        assert names(stream, 2) == ["two", "three"]
        httpx.post(f"{url}/now?event=four")
        assert names(stream, 1) == ["four"]


def test_a_quiet_channel_needs_no_reload_after_a_restart(tmp_path: Path, redis_socket: str) -> None:
    with served(app_of(tmp_path, redis_socket)) as url, listening(url, f"orders@{position_now() - 20_000}") as stream:
        position = stream.next("beat").data["orders"]
    with served(app_of(tmp_path, redis_socket)) as url, listening(url, f"orders@{position}") as stream:
        assert [next(iter(stream)).name, next(iter(stream)).name] == ["hello", "beat"]


def test_a_history_that_was_cut_is_a_reload(tmp_path: Path, redis_socket: str) -> None:
    app = app_of(tmp_path, redis_socket, history=3)
    position = position_now()
    with served(app) as url:
        for index in range(5):
            httpx.post(f"{url}/now?event=e{index}")
        with listening(url, f"orders@{position}") as stream:
            assert stream.next("lost").data.keys() == {"orders"}


def test_channels_that_differ_in_case_are_two(tmp_path: Path, redis_socket: str) -> None:
    """Litestar's stream backend writes both under one key."""
    with served(app_of(tmp_path, redis_socket)) as url:
        position = position_now()
        httpx.post(f"{url}/now?event=upper&channel=ORDERS")
        httpx.post(f"{url}/now?event=lower")
        with listening(url, f"orders@{position}") as stream:
            assert names(stream, 1) == ["lower"]


def test_a_backend_without_history_resumes_in_the_same_process(tmp_path: Path, redis_socket: str) -> None:
    with served(app_of(tmp_path, redis_socket, keeps=False)) as url:
        with listening(url, f"orders@{position_now()}") as stream:
            stream.next("lost")
            httpx.post(f"{url}/now?event=one")
            last_id = stream.next().id
        httpx.post(f"{url}/now?event=two")
        with listening(url, "orders@0", last_id=last_id) as stream:
            assert names(stream, 1) == ["two"]
    with served(app_of(tmp_path, redis_socket, keeps=False)) as url, listening(url, f"orders@{last_id}") as stream:
        stream.next("lost")


@pytest.mark.parametrize("keeps", [True, False])
def test_the_delivery_goes_on_after_redis_has_dropped_the_connection(
    tmp_path: Path, redis_socket: str, keeps: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hub, "_CHECK_SECONDS", 0.2)

    async def drop() -> None:
        async with Redis(unix_socket_path=redis_socket) as redis:
            await redis.client_kill_filter(_type="normal", skipme=True)
            await redis.client_kill_filter(_type="pubsub", skipme=True)

    with served(app_of(tmp_path, redis_socket, keeps=keeps)) as url:
        with listening(url, f"orders@{position_now()}") as stream:
            stream.next("hello")
            httpx.post(f"{url}/now?event=one")
            names(stream, 1)
            asyncio.run(drop())
            httpx.post(f"{url}/now?event=two")
            message = next(message for message in stream if message.name in {"lost", "message"})
            httpx.post(f"{url}/now?event=three")
            while message.name != "message" or message.data["event"] != "three":
                message = next(iter(stream))
