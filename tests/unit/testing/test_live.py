"""Assertions about live props."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from litestar import get
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.memory import MemoryChannelsBackend

from litestar_vite.inertia import InertiaConfig, LiveConfig, live
from litestar_vite.testing import InertiaTestClient
from tests.support import make_app, make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from litestar_vite.testing import LivePage


@get("/", component="Home", sync_to_thread=False)
def home() -> dict[str, Any]:
    return {"orders": live([], channel=("orders", "stock"), events="paid", throttle_ms=100), "plain": 1}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[LivePage]:
    config = InertiaConfig(live=LiveConfig(channels=["orders", "stock"]))
    channels = ChannelsPlugin(MemoryChannelsBackend(), channels=["orders", "stock"])
    with InertiaTestClient(make_app(make_site(tmp_path), [home], config, plugins=[channels])) as client:
        yield client.visit("/")


def test_live_props_are_known(page: LivePage) -> None:
    page.has_live("orders").has_live("orders", "stock", event="paid").missing_live("plain")
    assert page.live_props["orders"]["throttle"] == 100


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda page: page.has_live("plain"), "Prop 'plain' is not live; live props are: orders."),
        (lambda page: page.has_live("orders", "users"), "Live prop 'orders' does not follow 'users'; it follows"),
        (lambda page: page.has_live("orders", event="sent"), "does not follow 'sent' on 'orders'"),
        (lambda page: page.missing_live(), "Props should not be live: 'orders'."),
    ],
)
def test_a_wrong_expectation_says_what_the_page_has(
    page: LivePage, wrong: Callable[[LivePage], object], message: str
) -> None:
    with pytest.raises(AssertionError) as raised:
        wrong(page)
    assert message in str(raised.value)
