"""In development, each page is compared with its type. Each mismatch is one log line."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar, Request, get
from litestar.params import FromPath
from litestar.testing import TestClient
from msgspec import Struct

from litestar_vite import ViteConfig, VitePlugin
from litestar_vite._typegen import startup
from litestar_vite._typegen.generate import read_types
from litestar_vite._typegen.page_guard import Guard
from litestar_vite.config import TypesConfig
from litestar_vite.inertia import InertiaConfig, InertiaResponse, defer, flash, once, share
from litestar_vite.inertia._page.big_integers import unmarked
from litestar_vite.inertia._page.context import InertiaContext
from tests.unit.typegen.test_pages import text_of

HERE = Path(__file__).name


class Contact(Struct):
    name: str
    phone: str


def contact_without_phone() -> Contact:
    return Contact("Ada", None)  # type: ignore[arg-type]


@get("/wrong", component="Contacts/Show")
async def wrong() -> dict[str, Any]:
    return {"contact": contact_without_phone()}


@get("/right", component="Contacts/Right", sync_to_thread=False)
def right(request: Request) -> dict[str, Any]:
    flash(request, "Hello", "success")
    return {"contact": Contact("Ada", "1"), "later": defer(lambda: [1]), "kept": once(lambda: 1)}


@get("/any/{phone:str}", component="Contacts/Any", sync_to_thread=False)
def any_name(request: Request, phone: FromPath[str]) -> dict[str, Contact]:
    share(request, "section", "contacts")
    return {"ada": Contact("Ada", phone if phone != "none" else None)}  # type: ignore[arg-type]


def page_count() -> int:
    return "many"  # type: ignore[return-value]


@get("/missing", component="Missing", sync_to_thread=False)
def missing() -> dict[str, Any]:
    props: dict[str, Any] = {"a": 1, "count": page_count()}
    return props


INERTIA = {"X-Inertia": "true"}


@pytest.fixture
def app(tmp_path: Path) -> Litestar:
    vite = ViteConfig(
        root=tmp_path, entry="src/app.tsx", inertia=InertiaConfig(), types=True, dev_mode=True,
        dev_server_url="http://127.0.0.1:1",
    )  # fmt: skip
    return Litestar(
        [wrong, right, any_name, missing],
        plugins=[VitePlugin(vite)],
        openapi_config=None,
        logging_config=None,
        debug=True,
    )


@pytest.fixture
def client(app: Litestar, monkeypatch: pytest.MonkeyPatch) -> Any:
    with TestClient(app) as client:
        context = InertiaContext.of(app)
        for _ in range(200):  # The types are written in the background.
            if isinstance(context.check_page, Guard):
                break
            time.sleep(0.05)
        assert isinstance(context.check_page, Guard)
        yield client


def lines_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "litestar_vite.types"]


@pytest.mark.wrong_types
def test_a_mismatch_is_one_log_line_with_the_python_line(
    client: TestClient[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    line = next(
        number
        for number, text in enumerate(Path(__file__).read_text("utf-8").splitlines(), 1)
        if text.startswith("    phone: str")
    )
    for _ in range(2):
        assert client.get("/wrong", headers=INERTIA).status_code == 200
    assert lines_of(caplog) == [f"Contacts/Show: contact.phone was null, but its type is string ({HERE}:{line})"]


def test_a_page_that_fits_is_silent_with_deferred_props_and_in_a_partial_reload(
    client: TestClient[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    assert client.get("/right", headers=INERTIA).status_code == 200
    partial = {"X-Inertia-Partial-Component": "Contacts/Right", "X-Inertia-Partial-Data": "later"}
    assert client.get("/right", headers={**INERTIA, **partial}).json()["props"]["later"] == [1]
    assert lines_of(caplog) == []


def test_a_dictionary_is_the_type_of_the_handlers_props_and_not_of_shared_ones(
    client: TestClient[Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    props = client.get("/any/1", headers=INERTIA).json()["props"]
    assert props == {"errors": {}, "ada": {"name": "Ada", "phone": "1"}, "section": "contacts"}
    assert lines_of(caplog) == []
    client.get("/any/none", headers=INERTIA)
    [line] = lines_of(caplog)
    assert line.startswith("Contacts/Any: ada.phone was null")


def test_problems_are_shown_until_a_whole_page_of_the_component_has_none(app: Litestar) -> None:
    types, shown = read_types(app, InertiaConfig(), TypesConfig()), list[tuple[str, list[str]]]()
    guard = Guard(types, lambda component, lines: shown.append((component, lines)))

    def send(count: object, *, is_partial: bool = False) -> None:
        page = {"component": "Missing", "props": {"a": 1, "count": count}, "url": "/", "version": None}
        guard(msgspec.json.encode(page), is_partial=is_partial)

    send(1)
    send("many")
    send("many")
    send(1, is_partial=True)
    send(1)
    send(1)
    assert [component for component, _ in shown] == ["Missing"] * 3
    assert [bool(lines) for _, lines in shown] == [True, True, False]
    assert shown[0][1][0].startswith('Missing: count was "many", but its type is number (test_guard.py:')


async def failing_share() -> str:
    raise RuntimeError


@get("/dict", component="Dict", sync_to_thread=False)
def by_dict() -> dict[str, int]:
    return {"count": 1, "huge": 2**60}


@get("/mapping", component="Mapping")
async def by_mapping() -> Mapping[str, int]:
    return json.loads('{"count": 1}')  # type: ignore[no-any-return]


@get("/none", component="None")
async def by_none() -> None:
    return None


@get("/response", component="None", sync_to_thread=False)
def by_response() -> InertiaResponse[None]:
    return InertiaResponse()


def test_no_false_alarm_for_errors_in_a_dict_no_props_big_integers_and_error_pages(tmp_path: Path) -> None:
    config = InertiaConfig(share={"site": "Name"}, preserve_big_integers=True)
    failing = InertiaConfig(share={"site": failing_share}, error_page="Error")
    for each, paths in ((config, ("/dict", "/mapping", "/none", "/response")), (failing, ("/nowhere",))):
        plugin = VitePlugin(ViteConfig(root=tmp_path, inertia=each, inert=True))
        app = Litestar(
            [by_dict, by_mapping, by_none, by_response], plugins=[plugin], openapi_config=None, logging_config=None
        )
        guard = Guard(read_types(app, each, TypesConfig()))
        with TestClient(app) as client:
            for path in paths:
                page = client.get(path, headers=INERTIA).json()
                assert path != "/dict" or page["props"]["huge"] == {"$bigint": str(2**60)}
                assert guard.problems(unmarked(page), is_partial=False) == [], path
    assert text_of(guard.types.pages["Dict"].shape) == "{ count: number; huge: number }"
    assert text_of(guard.types.pages["Mapping"].shape) == "Record<string, unknown>"
    assert text_of(guard.types.pages["None"].shape) == "{}"


@pytest.mark.slow
def test_files_are_written_at_the_start_and_left_alone_at_the_next(
    app: Litestar, client: TestClient[Any], tmp_path: Path
) -> None:
    folder = tmp_path / "src" / "generated"
    assert sorted(path.name for path in folder.iterdir()) == ["pages.gen.d.ts", "pages.gen.d.ts.map", "routes.ts"]
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    config = next(plugin for plugin in app.plugins if isinstance(plugin, VitePlugin)).config
    startup._write(app, config, InertiaContext.of(app))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before


@pytest.mark.wrong_types
def test_no_check_in_production(tmp_path: Path) -> None:
    vite = ViteConfig(root=tmp_path, inertia=InertiaConfig(), types=True)
    app = Litestar([wrong], plugins=[VitePlugin(vite)], openapi_config=None, logging_config=None)
    with TestClient(app):
        assert InertiaContext.of(app).check_page is None
    assert not (tmp_path / "src").exists()


def test_types_that_cannot_be_written_do_not_stop_the_app(
    app: Litestar, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "src").write_text("a file where the folder should be")
    with TestClient(app) as client:
        assert client.get("/right", headers=INERTIA).status_code == 200
    assert "The types of the pages cannot be written" in lines_of(caplog)[0]


class Order(Struct):
    id: int
    rank: float
    ids: dict[str, int]


BIG = 2**53 + 1
MARKED = {"$bigint": str(BIG)}


@get("/orders", component="Orders", preserve_big_integers=True, sync_to_thread=False)
def orders() -> dict[str, Any]:
    return {"order": Order(BIG, 1.5, {"a": BIG})}


@get("/rounded", component="Rounded", sync_to_thread=False)
def rounded() -> dict[str, Any]:
    return {"id": BIG}


@pytest.mark.parametrize(
    ("page", "problem"),
    [
        ({"order": {"id": MARKED, "rank": 1.5, "ids": {"a": MARKED, "b": 1}}}, None),
        ({"order": {"id": 1, "rank": 1.5, "ids": {}}}, None),
        (
            {"order": {"id": 1, "rank": MARKED, "ids": {}}},
            f"Orders: order.rank was the BigInt {BIG}, but its type is number (test_guard.py:",
        ),
        (
            {"order": {"id": "1", "rank": 1.5, "ids": {}}},
            'Orders: order.id was "1", but its type is number | bigint (test_guard.py:',
        ),
        (
            {"order": {"id": {"$bigint": "x"}, "rank": 1.5, "ids": {}}},
            "Orders: order.id was an object, but its type is number | bigint (test_guard.py:",
        ),
    ],
)
def test_a_big_integer_is_compared_as_the_browser_holds_it(
    caplog: pytest.LogCaptureFixture, page: dict[str, Any], problem: str | None
) -> None:
    guard = Guard(read_types(Litestar([orders, rounded], logging_config=None), InertiaConfig(), TypesConfig()))
    whole = {"component": "Orders", "props": page, "preserveBigIntegers": True}
    guard(json.dumps(whole).encode(), is_partial=False)
    # Without the setting, the browser rounds it to a number.
    guard(json.dumps({"component": "Rounded", "props": {"id": BIG}}).encode(), is_partial=False)
    lines = lines_of(caplog)
    assert len(lines) == (problem is not None)
    assert all(line.startswith(problem or "-") for line in lines)
