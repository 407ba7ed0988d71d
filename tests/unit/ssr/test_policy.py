"""The gateway's policy on real sockets: admission, breaker, choice of server, statistics (a small R8-R11)."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from litestar_vite._net.pool import Peer
from litestar_vite._ssr.client import open_client
from litestar_vite._ssr.gateway import RenderGateway
from litestar_vite._ssr.outcome import Failed, Rendered
from litestar_vite._ssr.upstreams import Upstreams
from litestar_vite.config import SSRConfig
from litestar_vite.exceptions import SSRError
from tests.unit.ssr.servers import answering, hang, read_request, reply, serving, turns, until, url_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from litestar_vite._ssr.outcome import Outcome

pytestmark = pytest.mark.anyio

PAGE = reply(b'{"head":[],"body":"b"}')
THROWS = reply(b'{"error":"boom","type":"render"}', 500)


@asynccontextmanager
async def gateway_to(*peers: Peer, **config: Any) -> AsyncIterator[RenderGateway]:
    urls = [url_of(peer) for peer in peers]
    ssr = SSRConfig(**{"timeout_seconds": 30.0, "queue_seconds": 30.0, **config})
    async with open_client(urls[0] if len(urls) == 1 else urls, max_connections=ssr.max_connections) as client:
        gateway = RenderGateway(
            client, f"{urls[0]}/render" if len(urls) == 1 and urls[0].startswith("http") else "http://x/render", ssr
        )
        try:
            yield gateway
        finally:
            await gateway.aclose()
            assert gateway.admission.running == 0


def kind_of(outcome: Outcome) -> str:
    return outcome.kind if isinstance(outcome, Failed) else type(outcome).__name__


async def render(gateway: RenderGateway, times: int = 1, component: str = "Home") -> list[str]:
    return [
        kind_of(outcome) for outcome in await asyncio.gather(*(gateway.render(b"{}", component) for _ in range(times)))
    ]


async def test_the_excess_is_turned_away_and_the_others_are_rendered() -> None:
    running = most = 0

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal running, most
        while True:
            await read_request(reader)
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.05)
            running -= 1
            writer.write(PAGE)

    async with serving(slow) as (peer, _), gateway_to(peer, max_connections=2, queue_seconds=0.001) as gateway:
        kinds = await render(gateway, 10)
        stats = gateway.stats()
    assert kinds == ["Rendered"] * 2 + ["overload"] * 8
    assert most == 2
    assert (stats.rendered, stats.failed, stats.running, stats.waiting) == (2, {"overload": 8}, 0, 0)


async def test_a_server_that_is_gone_is_not_asked_again_before_its_time(caplog: pytest.LogCaptureFixture) -> None:
    async with serving(answering(b"")) as (peer, _):
        pass
    with caplog.at_level(logging.INFO, "litestar_vite.ssr"):
        async with gateway_to(peer) as gateway:
            assert await render(gateway, 5) == ["connection"] * 5
            assert await render(gateway, 100) == ["open"] * 100
            stats = gateway.stats()
            assert "<Breaker open for" in repr(gateway)
    assert (stats.breaker, stats.breaker_opened, stats.failed) == ("open", 1, {"connection": 5, "open": 100})
    assert len(caplog.records) == 2, "one failure, one transition"


async def test_queued_requests_are_rejected_when_the_server_goes_down() -> None:
    down = asyncio.Event()

    async def script(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await down.wait()

    async with serving(script) as (peer, served), gateway_to(peer, max_connections=5) as gateway:
        rendering = asyncio.create_task(render(gateway, 20))
        await until(lambda: served.connections == 5 and gateway.admission.waiting == 15)
        down.set()
        kinds = await rendering
    assert set(kinds) == {"connection", "open"}
    assert kinds.count("open") >= 10


async def test_a_page_that_throws_never_opens_the_breaker_and_is_counted_for_its_component() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(THROWS if b"Poison" in await read_request(reader) else PAGE)

    async with serving(script) as (peer, _), gateway_to(peer) as gateway:
        for _ in range(20):
            await gateway.render(b'{"component":"Poison"}', "Poison")
        assert isinstance(await gateway.render(b"{}", "Home"), Rendered)
        stats = gateway.stats()
    assert stats.page_errors == {"Poison": 20}
    assert (stats.breaker, stats.breaker_opened) == ("closed", 0)


async def test_while_the_breaker_is_half_open_one_probe_runs_and_no_visitor_waits_for_it() -> None:
    """Also with many concurrent requests (R11)."""
    asked = 0
    go = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        while True:
            request = await read_request(reader)
            if request.startswith(b"POST"):
                asked += 1
                if asked <= 5:
                    return
                await go.wait()
            writer.write(PAGE)

    async with serving(script) as (peer, _), gateway_to(peer) as gateway:
        assert await render(gateway, 5) == ["connection"] * 5
        assert await render(gateway, 50) == ["open"] * 50
        gateway.breaker.try_again()
        await until(lambda: asked == 6)
        assert gateway.breaker.state == "half-open"
        assert await render(gateway, 50) == ["open"] * 50
        go.set()
        await until(lambda: gateway.breaker.state == "closed")
        assert asked == 6
        assert await render(gateway, 3) == ["Rendered"] * 3


async def test_a_failed_probe_is_reported_to_the_hook_and_the_next_one_waits_for_a_visitor() -> None:
    seen: list[str] = []

    async def script(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await read_request(reader)

    async with (
        serving(script) as (peer, served),
        gateway_to(peer, on_failure=lambda _, component: seen.append(component)) as gateway,
    ):
        await render(gateway, 5)
        await render(gateway, component="Probe")
        gateway.breaker.try_again()
        await until(lambda: "Probe" in seen)
        assert gateway.breaker.opened_total == 2
        gateway.breaker.try_again()
        polls = served.connections
        await until(lambda: served.connections >= polls + 3)
        assert seen == ["Home"] * 5 + ["Probe"], "without visitors, nothing is rendered"
        assert gateway.breaker.state == "open"


async def test_a_probe_waits_until_earlier_renders_have_left_it_a_place(caplog: pytest.LogCaptureFixture) -> None:
    polls = fails = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal polls, fails
        while True:
            if (await read_request(reader)).startswith(b"GET"):
                polls += 1
            elif fails < 5:
                fails += 1
                return
            writer.write(PAGE)

    async with serving(script) as (peer, _), gateway_to(peer, max_connections=5) as gateway:
        assert await render(gateway, 6) == ["connection"] * 5 + ["open"]
        held = 0
        while gateway.admission.enter():
            held += 1
        gateway.breaker.try_again()
        seen = polls
        with caplog.at_level(logging.INFO, "litestar_vite.ssr"):
            await until(lambda: polls >= seen + 3)
            assert gateway.breaker.state == "open"
            assert "half open" not in caplog.text
            for _ in range(held):
                gateway.admission.leave()
            await until(lambda: gateway.breaker.state == "closed")
        assert caplog.text.count("half open") == 1


async def test_nothing_is_probed_while_no_worker_is_up(caplog: pytest.LogCaptureFixture) -> None:
    upstreams = Upstreams()
    client = open_client(upstreams)
    gateway = RenderGateway(client, "http://x/render", SSRConfig())
    looks = 0

    async def is_there() -> bool:
        nonlocal looks
        looks += 1
        return False

    gateway._prober._is_there = is_there
    with caplog.at_level(logging.INFO, "litestar_vite.ssr"):
        for _ in range(5):
            gateway.breaker.failed(gateway.breaker.enter(), "the worker ended")
        gateway.breaker.try_again()
        assert await render(gateway) == ["open"]
        await until(lambda: looks >= 3)
    await gateway.aclose()
    await client.aclose()
    assert gateway.breaker.state == "open"
    assert "half open" not in caplog.text


async def test_a_server_that_listens_again_is_asked_at_once() -> None:
    """The gateway polls the server, regardless of how long the breaker would stay open."""
    async with serving(answering(b"")) as (peer, _):
        pass
    async with gateway_to(peer) as gateway:
        await render(gateway, 6)
        gateway.breaker._retry_at += 3600
        await asyncio.sleep(0.6)
        async with serving(answering(PAGE), port=peer.port):
            assert await render(gateway) == ["open"]
            await until(lambda: gateway.breaker.state == "closed")
            assert await render(gateway) == ["Rendered"]
            await gateway.aclose()


@pytest.mark.protocol("K9")
async def test_the_least_busy_of_several_servers_is_asked_and_a_dead_one_is_passed_over() -> None:
    async with serving(answering(b"")) as (dead, _):
        pass
    async with serving(answering(PAGE)) as (one, at_one), serving(answering(PAGE)) as (two, at_two):
        async with gateway_to(dead, one, two) as gateway:
            assert await render(gateway, 20) == ["Rendered"] * 20
            assert await render(gateway, 20) == ["Rendered"] * 20
            assert gateway.breaker.state == "closed"
        assert 7 <= at_one.most_at_a_time <= 13
        assert 7 <= at_two.most_at_a_time <= 13


async def test_a_server_that_hangs_is_left_alone_while_another_works() -> None:
    async with serving(hang) as (hanging, at_hanging), serving(answering(PAGE)) as (working, _):
        async with gateway_to(hanging, working, timeout_seconds=0.2) as gateway:
            kinds = await render(gateway, 4)
            assert sorted(kinds) == ["Rendered", "Rendered", "timeout", "timeout"]
            seen = at_hanging.connections
            for _ in range(20):
                assert await render(gateway) == ["Rendered"]
            assert at_hanging.connections == seen


BAD_GATEWAY = reply(b"<h1>502 Bad Gateway</h1>", 502, "text/html")


async def test_a_proxy_whose_own_server_is_down_takes_no_page_away_from_the_others() -> None:
    """The proxy answers at once, so it is always the least busy."""
    async with serving(answering(BAD_GATEWAY)) as (proxy, at_proxy), serving(answering(PAGE)) as (working, _):
        async with gateway_to(proxy, working) as gateway:
            assert gateway.stats().upstreams == {url_of(proxy): True, url_of(working): True}
            for _ in range(20):
                assert await render(gateway) == ["Rendered"]
            assert at_proxy.connections == 1, "the proxy is skipped for a while"
            assert gateway.stats().upstreams == {url_of(proxy): False, url_of(working): True}
        async with gateway_to(proxy, proxy) as gateway:
            outcome = await gateway.render(b"{}", "Home")
    assert isinstance(outcome, Failed)
    assert (outcome.kind, outcome.message) == (
        "protocol",
        f"{url_of(proxy)}: status 502 with content type b'text/html' and not JSON",
    )


@pytest.mark.parametrize("body", [b"", b"[]", b'"text"', b"<h1>Oops</h1>"])
async def test_an_invalid_render_result_does_not_open_the_breaker(body: bytes) -> None:
    """If a page throws, servers of @inertiajs before version 3 send status 200, a JSON type and an empty body."""
    renders = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal renders
        while True:
            is_bad = (await read_request(reader)).endswith(b'"bad"')
            renders += is_bad
            writer.write(reply(body) if is_bad else PAGE)

    async with serving(script) as (one, _), serving(script) as (two, _), gateway_to(one, two) as gateway:
        for _ in range(20):
            assert isinstance(outcome := await gateway.render(b'"bad"', "Bad"), Failed)
            assert outcome.kind == "protocol"
            assert await render(gateway) == ["Rendered"]
        assert gateway.breaker.state == "closed"
        assert gateway.stats().upstreams == {url_of(one): True, url_of(two): True}
    assert renders == 20, "each is rendered once"


@pytest.mark.parametrize("servers", [1, 2])
async def test_a_page_that_is_too_large_for_a_proxy_does_not_open_the_breaker(servers: int) -> None:
    async with serving(answering(reply(b"<h1>413</h1>", 413, "text/html"))) as (proxy, _):
        async with gateway_to(*[proxy] * servers) as gateway:
            assert await render(gateway, 20) == ["too-large"] * 20
            assert gateway.breaker.state == "closed"
            assert gateway.last_failure is not None
            assert "nginx's is client_max_body_size" in gateway.last_failure.message


async def test_a_dead_server_among_several_is_named_when_it_fails_and_when_it_answers_again(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    socket = tmp_path / "ssr.sock"
    async with serving(answering(PAGE)) as (working, _), gateway_to(Peer(unix_path=str(socket)), working) as gateway:
        for _ in range(5):
            assert await render(gateway, 4) == ["Rendered"] * 4
        [logged] = caplog.messages
        assert logged.startswith(
            f"The render server unix:{socket} fails. While another works it is left alone for 1 s, then for longer"
        )
        assert "cannot connect" in logged
        async with serving(answering(PAGE), socket):
            await until_rendered(gateway, lambda: len(caplog.messages) == 2)
    assert caplog.messages[1] == f"The render server unix:{socket} answers again"


async def until_rendered(gateway: RenderGateway, condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await render(gateway, 2)
            await asyncio.sleep(0.05)


async def test_a_server_that_fails_now_and_then_is_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = itertools.cycle([True, False])

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            request = await read_request(reader)
            if b"POST" in request and next(fails):
                return
            writer.write(PAGE)

    monkeypatch.setattr("litestar_vite._ssr.upstreams._FIRST_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr("litestar_vite._ssr.upstreams._MAX_PAUSE_SECONDS", 0.001)
    async with serving(script) as (one, _), serving(script) as (two, _), gateway_to(one, two) as gateway:
        kinds = {kind for _ in range(20) for kind in await render(gateway)}
    assert "Rendered" in kinds
    for peer in (one, two):
        assert len([entry for entry in caplog.messages if f"The render server {url_of(peer)} fails" in entry]) <= 1
        assert (
            len([entry for entry in caplog.messages if f"The render server {url_of(peer)} answers again" in entry]) <= 1
        )


async def test_a_failure_names_its_server_if_there_are_several() -> None:
    async with serving(answering(b"")) as (dead, _):
        pass
    async with gateway_to(dead, dead) as gateway:
        outcome = await gateway.render(b"{}", "Home")
    assert isinstance(outcome, Failed)
    assert outcome.message.startswith(f"{url_of(dead)}: cannot connect")
    async with serving(hang) as (hanging, _):
        async with gateway_to(hanging, hanging, timeout_seconds=0.1) as gateway:
            outcome = await gateway.render(b"{}", "Home")
        assert isinstance(outcome, Failed)
        assert (outcome.kind, outcome.message) == ("timeout", f"no answer within 0.1 s from {url_of(hanging)}")
        async with gateway_to(hanging, timeout_seconds=0.1) as gateway:
            outcome = await gateway.render(b"{}", "Home")
        assert isinstance(outcome, Failed)
        assert outcome.message == "no answer within 0.1 s", "a single server is not named"


@pytest.mark.protocol("K4")
async def test_failures_are_given_to_the_users_hook_and_its_own_failure_costs_no_page(
    caplog: pytest.LogCaptureFixture,
) -> None:
    seen: list[tuple[str, str]] = []

    def hook(failed: Failed, component: str) -> None:
        seen.append((failed.kind, component))
        raise ValueError("the hook is broken")

    async with serving(answering(THROWS)) as (peer, _), gateway_to(peer, on_failure=hook) as gateway:
        assert await render(gateway, component="Users/Index") == ["render"]
    assert seen == [("render", "Users/Index")]
    assert "SSRConfig.on_failure raised" in caplog.text


async def test_rejected_requests_are_only_counted_and_missing_workers_are_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The hook is not called for these, since no request was sent."""
    seen: list[str] = []
    config = SSRConfig(on_failure=lambda failed, _: seen.append(failed.kind), queue_seconds=0)
    async with open_client(Upstreams()) as client:
        gateway = RenderGateway(client, "http://localhost/render", config)
        assert await render(gateway, 3) == ["unavailable"] * 3
        await gateway.aclose()
    (entry,) = caplog.messages
    assert "failed (unavailable, " in entry
    assert "no render worker is up Hint: 'litestar ssr status' shows" in entry
    caplog.clear()
    async with (
        serving(hang) as (peer, _),
        gateway_to(
            peer, max_connections=1, timeout_seconds=0.2, queue_seconds=0, on_failure=config.on_failure
        ) as gateway,
    ):
        assert sorted(await render(gateway, 2)) == ["overload", "timeout"]
    assert len(caplog.messages) == 1
    assert seen == ["timeout"]


async def test_where_failures_are_raised_the_log_does_not_say_that_the_browser_renders(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving(answering(THROWS)) as (peer, _), gateway_to(peer, raise_on_error=True) as gateway:
        with pytest.raises(SSRError):
            await gateway.render(b"{}", "Home")
    assert "Server-side rendering of 'Home' failed (render, " in caplog.text
    assert "the browser" not in caplog.text


async def test_raise_on_error_raises_failures_and_an_open_breaker() -> None:
    async with serving(answering(b"")) as (peer, _):
        pass
    async with gateway_to(peer, raise_on_error=True) as gateway:
        for _ in range(5):
            with pytest.raises(SSRError) as caught:
                await gateway.render(b"{}", "Home")
            assert caught.value.kind == "connection"
        with pytest.raises(SSRError, match="breaker is open"):
            await gateway.render(b"{}", "Home")


async def test_a_cancelled_render_gives_its_place_back() -> None:
    async with serving(hang) as (peer, served), gateway_to(peer, max_connections=1) as gateway:
        for number in range(3):
            task = asyncio.create_task(gateway.render(b"{}", "Home"))
            await until(lambda number=number: served.connections == number + 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert gateway.admission.running == 0
        assert gateway.breaker.state == "closed"


async def test_the_queue_and_the_render_share_one_deadline() -> None:
    async with (
        serving(hang) as (peer, _),
        gateway_to(peer, max_connections=1, timeout_seconds=0.3, queue_seconds=30.0) as gateway,
    ):
        first = asyncio.create_task(gateway.render(b"{}", "Home"))
        await turns(2)
        second = await gateway.render(b"{}", "Home")
        assert isinstance(second, Failed)
        # Requests queue for at most half of the time.
        assert second.kind == "overload"
        await first


async def test_the_statistics_are_json() -> None:
    import msgspec

    async with serving(answering(PAGE)) as (peer, _), gateway_to(peer) as gateway:
        await render(gateway, 3)
        stats = json.loads(msgspec.json.encode(gateway.stats()))
    assert stats["rendered"] == 3
    assert stats["render_seconds"] > 0
    assert stats["breaker"] == "closed"
