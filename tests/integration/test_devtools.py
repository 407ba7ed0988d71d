"""The server protocol of Inertia DevTools: the extension's own sequence of requests, entry by entry."""

from __future__ import annotations

import json
import re
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from litestar import Litestar, Request, get, route
from litestar.exceptions import ValidationException
from litestar.middleware.session.server_side import ServerSideSessionConfig
from litestar.params import JSONBody
from litestar.response import Redirect
from msgspec import Struct

from litestar_vite._devtools.redaction import redact, redact_headers, redact_url
from litestar_vite._devtools.store import FileStore, new_id
from litestar_vite.inertia import (
    InertiaConfig,
    ScrollMetadata,
    always,
    defer,
    merge,
    once,
    optional,
    prepend,
    scroll,
    share,
)
from litestar_vite.inertia.helpers import deep_merge
from tests.integration.asgi import Answer, ask_async
from tests.support import inertia_headers, make_app, make_site, page_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

ENTRIES = "/_inertia/devtools/entries"
TAB = "5f0e6f5e-0c5f-4c39-8a43-7a7fca1b1f01"
ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
EXTENSION = {"sec-fetch-site": "none", "cache-control": "no-store"}


class Form(Struct):
    name: str


async def current_user() -> dict[str, Any]:
    return {"name": "Ada", "password": "hunter2"}


@get("/", component="Home", name="home")
async def home(request: Request[Any, Any, Any]) -> dict[str, Any]:
    share(request, "team", "blue")
    return {
        "title": "Hello",
        "stats": defer(slow_stats, group="side"),
        "menu": always(["a"]),
        "rest": optional(lambda: 1),
        "rows": merge([1]),
        "tree": deep_merge({"a": 1}),
        "countries": once(lambda: ["de"]),
        "nested": {"inner": always(2), "api_key": "k"},
        "broken": defer(fails, group="side", rescue=True),
    }


async def slow_stats() -> int:
    return 7


def fails() -> int:
    raise RuntimeError("never")


@route("/form", http_method=["POST", "PUT"], status_code=201)
async def form(data: JSONBody[Form]) -> Redirect:
    return Redirect("/?token=abc&page=2")


@get("/data", sync_to_thread=False)
def data() -> dict[str, Any]:
    return {"Access-Token": "x", "n": 1}


@get("/plain", media_type="text/html", sync_to_thread=False)
def plain() -> str:
    return "<html><body>no page</body></html>"


@get("/refused", component="Home", sync_to_thread=False)
def refused() -> dict[str, Any]:
    raise ValidationException("no")


HANDLERS = [home, form, data, plain, refused]


def make(site: Path, inertia: InertiaConfig | None = None, **options: Any) -> Litestar:
    vite = {"dev_mode": True, "entry": "src/app.tsx", **options.pop("vite", {})}
    inertia = inertia or InertiaConfig(share={"user": current_user, "site": "Kontor"})
    return make_app(site, options.pop("handlers", HANDLERS), inertia, vite=vite, **options)


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[Litestar]:
    async with app.lifespan():
        yield app


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_site(tmp_path_factory.mktemp("site"))
    pages = folder / "src" / "pages"
    pages.mkdir(parents=True)
    (pages / "Home.tsx").write_text("export default function Home() {}")
    return folder


async def entry_of(app: Any, answer: Answer, **scope: Any) -> dict[str, Any]:
    found = await ask_async(app, "GET", f"{ENTRIES}/{answer.header('x-inertia-devtools-id')}", EXTENSION, **scope)
    assert found.status == 200, found
    entry: dict[str, Any] = json.loads(found.body)
    return entry


def meta(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: entry["__meta"][name] for name in names}


def inertia(app: Litestar, **extra: str) -> dict[str, str]:
    return {**inertia_headers(app, **extra), "x-inertia-devtools-tab": TAB, "host": "app.test"}


def line_of(text: str) -> int:
    lines = Path(__file__).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


async def test_the_first_document_names_its_entry_which_describes_every_prop(site: Path) -> None:
    async with running(make(site)) as app:
        answer = await ask_async(app, "GET", "/", {"accept": "text/html", "host": "app.test", "cookie": "a=b"})
        entry_id = answer.header("x-inertia-devtools-id") or ""
        assert ULID.fullmatch(entry_id)
        assert answer.header("x-inertia-devtools-parent-out") == entry_id
        assert answer.header("x-inertia-devtools-base-path") is None
        tag = f'<script data-inertia-devtools-id type="application/json">"{entry_id}"</script></body>'
        assert answer.text.count(tag) == 1
        assert answer.header("content-length") == str(len(answer.body))
        entry = await entry_of(app, answer)

    assert set(entry) == {
        "__meta", "http", "props", "propValues", "route", "renderSource", "componentPath", "litestar",
    }  # fmt: skip
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["__meta"].pop("timestamp"))
    assert isinstance(entry["__meta"].pop("utime"), float)
    assert entry["__meta"].pop("serverTimingMs") > 0
    assert entry["__meta"] == {
        "id": entry_id,
        "tabUuid": None,
        "batchId": None,
        "method": "GET",
        "url": "http://app.test/",
        "component": "Home",
        "requestType": "initial",
        "status": 200,
        "redirectLocation": None,
        "visitId": None,
    }
    assert entry["http"]["requestHeaders"] == {"accept": "text/html", "host": "app.test", "cookie": "[REDACTED]"}
    assert entry["http"]["responseHeaders"]["content-type"] == "text/html; charset=utf-8"
    assert entry["http"]["requestBody"] == {"status": "empty"}
    shown = entry["http"]["responseBody"]["value"]
    page = page_in(answer.text)
    page["props"]["user"]["password"] = page["props"]["nested"]["api_key"] = "[REDACTED]"
    assert shown == page

    here = __file__
    described = {
        path: {key: value for key, value in prop.items() if key != "seconds"} for path, prop in entry["props"].items()
    }
    assert described == {
        "errors": {"shared": True, "inertiaType": None},
        "user": {
            "shared": True,
            "inertiaType": None,
            "shareSource": {"file": here, "line": line_of("async def current_user")},
        },
        "site": {"shared": True, "inertiaType": None},
        "team": {
            "shared": True,
            "inertiaType": None,
            "shareSource": {"file": here, "line": line_of('share(request, "team"')},
        },
        "title": _at('"title"', inertiaType=None),
        "menu": _at('"menu"', inertiaType="always"),
        "rows": _at('"rows"', inertiaType="merge", mergeDirection="append"),
        "tree": _at('"tree": deep', inertiaType="merge", mergeDirection="append", deepMerge=True),
        "countries": _at('"countries"', inertiaType="once", once=True),
        "nested": _at('"nested"', inertiaType=None),
        "nested.inner": _at('"nested"', inertiaType="always"),
    }
    assert entry["props"]["user"]["seconds"] >= 0
    assert entry["propValues"]["title"] == "Hello"
    assert entry["propValues"]["nested.inner"] == 2
    assert entry["propValues"]["user"] == {"name": "Ada", "password": "[REDACTED]"}
    assert entry["route"] == {
        "name": "home",
        "uri": "/",
        "action": f"{home.fn.__module__}.home",
        "actionSource": {"file": here, "line": line_of("async def home")},
    }
    assert entry["renderSource"] == {"file": here, "line": line_of("async def home") + 2}
    assert entry["componentPath"] == str(site / "src" / "pages" / "Home.tsx")
    ours = entry["litestar"]
    assert ours["handlerSeconds"] > 0
    assert ours["dependencySeconds"] > 0
    assert ours["encodeSeconds"] > 0
    assert (ours["renderOutcome"], ours["cache"], ours["exception"]) == (None, None, None)


def _at(text: str, **described: Any) -> dict[str, Any]:
    return {"shared": False, "renderSource": {"file": __file__, "line": line_of(text)}, **described}


async def test_partial_reloads_deferred_groups_polls_and_prefetches_are_told_apart(site: Path) -> None:
    async with running(make(site)) as app:
        first = await ask_async(app, "GET", "/", inertia(app))
        parent = first.header("x-inertia-devtools-id") or ""
        batch = {"x-inertia-devtools-parent": parent, "x-inertia-devtools-visit": "visit-1"}
        assert meta(await entry_of(app, first), "requestType", "tabUuid", "batchId") == {
            "requestType": "navigate", "tabUuid": TAB, "batchId": None,
        }  # fmt: skip

        reload = inertia(app, partial_component="Home", partial_data="stats,broken,rows", reset="rows")
        deferred = await ask_async(app, "GET", "/", {**reload, **batch, "x-inertia-devtools-deferred": "1"})
        entry = await entry_of(app, deferred)
        assert deferred.header("x-inertia-devtools-parent-out") == parent
        assert meta(entry, "requestType", "batchId", "visitId") == {
            "requestType": "deferred", "batchId": parent, "visitId": "visit-1",
        }  # fmt: skip
        stats, broken, rows = (entry["props"][name] for name in ("stats", "broken", "rows"))
        assert (stats["inertiaType"], stats["deferGroup"]) == ("defer", "side")
        assert (broken["rescued"], broken["error"], broken["deferGroup"]) == (True, "RuntimeError", "side")
        assert "broken" not in entry["propValues"]
        assert rows["reset"] is True
        assert "mergeDirection" not in rows

        partial = await entry_of(app, await ask_async(app, "GET", "/", {**reload, **batch}))
        assert partial["__meta"]["requestType"] == "partial"
        assert partial["props"]["stats"]["inertiaType"] is None
        assert "deferGroup" not in partial["props"]["stats"]
        poll = await ask_async(app, "GET", "/", {**reload, "x-inertia-devtools-poll": "1"})
        assert (await entry_of(app, poll))["__meta"]["requestType"] == "poll"

        prefetch = await ask_async(app, "GET", "/", {**inertia(app), **batch, "purpose": "prefetch"})
        assert prefetch.header("x-inertia-devtools-parent-out") == prefetch.header("x-inertia-devtools-id")
        assert meta(await entry_of(app, prefetch), "requestType", "batchId") == {
            "requestType": "prefetch", "batchId": parent,
        }  # fmt: skip


@get("/lists", component="Home", sync_to_thread=False)
def lists() -> dict[str, Any]:
    return {
        "feed": scroll([{"id": 1}], metadata=ScrollMetadata(current_page=1, next_page=2)),
        "news": prepend(["b"]),
        "asked": optional(lambda: {"password": 1}),
        "later": merge(defer(lambda: ["a"])),
        "kept": once(lambda: 1),
    }


async def test_every_prop_type_of_the_protocol_is_named(site: Path) -> None:
    async with running(make(site, handlers=[lists])) as app:
        first = (await entry_of(app, await ask_async(app, "GET", "/lists", inertia(app))))["props"]
        names = ("asked", "later", "kept", "feed")
        headers = inertia(app, partial_component="Home", partial_data=",".join(names), reset="feed")
        reload = await entry_of(app, await ask_async(app, "GET", "/lists", headers))
        deferred = {**headers, "x-inertia-devtools-deferred": "1"}
        later = (await entry_of(app, await ask_async(app, "GET", "/lists", deferred)))["props"]["later"]
    facts = ("inertiaType", "mergeDirection", "reset", "once", "deferGroup")
    described = {
        name: {fact: prop[fact] for fact in facts if fact in prop}
        for name, prop in {**{f"1 {name}": prop for name, prop in first.items()}, **reload["props"]}.items()
    }
    assert described == {
        "1 errors": {"inertiaType": None},
        "1 site": {"inertiaType": None},
        "1 user": {"inertiaType": None},
        "1 feed": {"inertiaType": "scroll", "mergeDirection": "append"},
        "1 news": {"inertiaType": "merge", "mergeDirection": "prepend"},
        "1 kept": {"inertiaType": "once", "once": True},
        "errors": {"inertiaType": None},
        "asked": {"inertiaType": "optional"},
        "later": {"inertiaType": None, "mergeDirection": "append"},
        "kept": {"inertiaType": "once", "once": True},
        "feed": {"inertiaType": "scroll", "reset": True},
    }
    assert (later["inertiaType"], later["deferGroup"], later["mergeDirection"]) == ("defer", "default", "append")
    assert reload["propValues"]["asked"] == {"password": "[REDACTED]"}


async def test_forms_redirects_conflicts_and_data_are_recorded_as_they_are_sent(site: Path) -> None:
    async with running(make(site)) as app:
        json_form = {**inertia(app), "content-type": "application/json"}
        body = b'{"name": "x", "Current-Password": "p", "rows": [{"API_KEY": "k"}]}'
        redirected = await ask_async(app, "PUT", "/form", json_form, body)
        entry = await entry_of(app, redirected)
        assert meta(entry, "status", "redirectLocation", "requestType") == {
            "status": 303, "redirectLocation": "/?token=[REDACTED]&page=2", "requestType": "navigate",
        }  # fmt: skip
        assert entry["http"]["responseHeaders"]["location"] == "/?token=[REDACTED]&page=2"
        assert redirected.header("location") == "/?token=abc&page=2"
        assert entry["http"]["requestBody"] == {
            "status": "present",
            "value": {"name": "x", "Current-Password": "[REDACTED]", "rows": [{"API_KEY": "[REDACTED]"}]},
        }
        assert entry["http"]["responseBody"] == {"status": "empty"}

        invalid = await ask_async(app, "POST", "/form", {**json_form, "precognition": "true"}, b"{}")
        entry = await entry_of(app, invalid)
        assert meta(entry, "requestType", "status") == {"requestType": "precognition", "status": 422}
        assert "errors" in entry["http"]["responseBody"]["value"]

        secret = await ask_async(app, "GET", "/?secret=1", inertia(app))
        assert (await entry_of(app, secret))["__meta"]["url"] == "http://app.test/?secret=[REDACTED]"

        foreign = await ask_async(app, "POST", "/form", {"content-type": "application/json"}, b'{"name": "x"}')
        entry = await entry_of(app, foreign)
        assert entry["__meta"]["requestType"] == "http"
        assert entry["http"]["requestBody"] == {"status": "omitted", "reason": "non-inertia-request"}

        answer = await ask_async(app, "GET", "/data")
        entry = await entry_of(app, answer)
        assert json.loads(answer.body) == {"Access-Token": "x", "n": 1}
        assert entry["http"]["responseBody"] == {
            "status": "present", "value": {"Access-Token": "[REDACTED]", "n": 1},
        }  # fmt: skip
        page = await ask_async(app, "GET", "/plain", {"accept": "text/html"})
        assert b"data-inertia-devtools-id" not in page.body
        entry = await entry_of(app, page)
        assert entry["http"]["responseBody"] == {"status": "omitted", "reason": "non-inertia-response"}
        assert (entry["props"], entry["renderSource"], entry["componentPath"]) == ({}, None, None)


async def test_a_conflict_of_versions_is_an_entry_with_its_location(site: Path) -> None:
    async with running(make(site, InertiaConfig(asset_version="2"))) as app:
        answer = await ask_async(app, "GET", "/", {**inertia(app), "x-inertia-version": "1"})
        assert answer.status == 409
        assert meta(await entry_of(app, answer), "status", "redirectLocation", "requestType") == {
            "status": 409, "redirectLocation": "/", "requestType": "navigate",
        }  # fmt: skip


async def test_uploads_are_kept_as_name_size_and_type(site: Path) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nAda\r\n'
        b'--x\r\nContent-Disposition: form-data; name="user[password]"\r\n\r\nhunter2\r\n'
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
        b"\x89PNG\r\n--x--\r\n"
    )
    async with running(make(site)) as app:
        headers = {**inertia(app), "content-type": "multipart/form-data; boundary=x"}
        entry = await entry_of(app, await ask_async(app, "POST", "/form", headers, body))
        assert entry["http"]["requestBody"]["value"] == {
            "name": "Ada",
            "user[password]": "[REDACTED]",
            "photo": {"name": "a.png", "size": 4, "mimeType": "image/png"},
        }
        large = await ask_async(app, "POST", "/form", headers, b"x" * 256_001)
        assert (await entry_of(app, large))["http"]["requestBody"] == {"status": "omitted", "reason": "too-large"}


async def test_a_mounted_app_names_its_base_path(site: Path) -> None:
    async with running(make(site, vite={"root_path": "/sub"})) as app:
        answer = await ask_async(app, "GET", "/sub/", {"accept": "text/html", "host": "app.test"}, root_path="/sub")
        assert answer.header("x-inertia-devtools-base-path") == "/sub"
        assert '<script data-inertia-devtools-id data-inertia-devtools-base-path="/sub" type=' in answer.text
        entry_id = answer.header("x-inertia-devtools-id")
        found = await ask_async(app, "GET", f"/sub{ENTRIES}/{entry_id}", EXTENSION, root_path="/sub")
        assert json.loads(found.body)["__meta"]["url"] == "http://app.test/sub/"


async def test_entries_are_shared_by_workers_and_outlive_a_reload(site: Path) -> None:
    async with running(make(site)) as one, running(make(site)) as other:
        answer = await ask_async(one, "GET", "/", inertia(one))
        assert (await entry_of(other, answer))["__meta"]["component"] == "Home"
    async with running(make(site)) as reloaded:
        assert (await entry_of(reloaded, answer))["__meta"]["component"] == "Home"
        listed = json.loads((await ask_async(reloaded, "GET", ENTRIES, EXTENSION)).body)
        assert listed[0]["id"] == answer.header("x-inertia-devtools-id")


async def test_the_read_api_filters_and_is_not_recorded_and_touches_no_session(site: Path) -> None:
    session = ServerSideSessionConfig()
    async with running(make(site, middleware=[session.middleware])) as app:
        await ask_async(app, "GET", "/data", inertia(app))
        await ask_async(app, "GET", "/", inertia(app))
        ids = [each["id"] for each in json.loads((await ask_async(app, "GET", ENTRIES, EXTENSION)).body)]
        assert ids == sorted(ids, reverse=True)
        query = f"{ENTRIES}?type=navigate,http&exclude=http&component=Home&offset=0&limit=1"
        answer = await ask_async(app, "GET", query, EXTENSION)
        assert [(each["requestType"], each["component"]) for each in json.loads(answer.body)] == [("navigate", "Home")]
        assert answer.header("set-cookie") is None
        assert answer.header("cache-control") == "no-store"
        assert answer.header("x-inertia-devtools-id") is None
        assert len(json.loads((await ask_async(app, "GET", ENTRIES, EXTENSION)).body)) == len(ids)
        assert (await ask_async(app, "GET", f"{ENTRIES}/{new_id()}", EXTENSION)).status == 404
        assert (await ask_async(app, "GET", f"{ENTRIES}/..%2Fx", EXTENSION)).status == 404
        assert (await ask_async(app, "POST", ENTRIES, EXTENSION)).status == 405
        foreign = {"origin": "http://evil.test", "sec-fetch-site": "cross-site"}
        assert (await ask_async(app, "GET", ENTRIES, foreign)).status == 403


async def test_with_the_setting_off_and_in_production_nothing_is_added(site: Path) -> None:
    for app in (make(site, InertiaConfig(devtools=False)), make_app(site, HANDLERS)):
        async with running(app):
            answer = await ask_async(app, "GET", "/", {"accept": "text/html"})
            assert b"devtools" not in answer.body
            assert not [name for name, _ in answer.headers if b"devtools" in name]
            assert (await ask_async(app, "GET", ENTRIES, EXTENSION)).status == 404


async def test_a_store_that_fails_is_left_alone_and_changes_no_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    site = make_site(tmp_path)
    (site / ".litestar-vite").write_text("a file, where a folder should be")
    async with running(make(site)) as app:
        for _ in range(2):
            answer = await ask_async(app, "GET", "/", inertia(app))
            assert answer.page["component"] == "Home"
            assert answer.header("x-inertia-devtools-id") is None
    assert len([record for record in caplog.records if "cannot be stored" in record.message]) == 1


def test_secrets_are_redacted_at_any_depth_and_however_they_are_spelled() -> None:
    secret = {
        "Password": 1,
        "API-Key": 1,
        "accessToken": 1,
        "CLIENT_SECRET": 1,
        "_token": 1,
        "password_confirmation": 1,
    }
    assert redact({"a": [{"b": secret}]}) == {"a": [{"b": dict.fromkeys(secret, "[REDACTED]")}]}
    kept = {"tokens": 1, "passwordless": True, "secretary": "Bo", "5": None}
    assert redact(kept) == kept
    assert redact({"x": float("nan"), "y": "\ud800", 3: object()}) == dict.fromkeys("xy3", "[UNSERIALIZABLE]")
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    assert "[UNSERIALIZABLE]" in str(redact(deep))
    assert redact_url("/a?filter[Secret]=1&q=b%20c&TOKEN=#x") == (
        "/a?filter[Secret]=[REDACTED]&q=b%20c&TOKEN=[REDACTED]#x"
    )
    assert redact_url("/a?q=1") == "/a?q=1"
    headers = [(b"Set-Cookie", b"a"), (b"X-CSRF-Token", b"b"), (b"Vary", b"A"), (b"vary", b"B")]
    assert redact_headers(headers) == {
        "set-cookie": "[REDACTED]", "x-csrf-token": "[REDACTED]", "vary": "A, B",
    }  # fmt: skip


def test_a_hundred_entries_of_each_tab_are_kept_for_a_day(tmp_path: Path) -> None:
    store, now = FileStore(tmp_path), 2_000_000_000.0
    written = []
    for number in range(103):
        entry_meta = {"id": new_id(), "tabUuid": "a", "utime": now + number}
        written.append(entry_meta["id"])
        store.write(str(entry_meta["id"]), json.dumps({"__meta": entry_meta}).encode(), entry_meta)
    old = {"id": "0" * 26, "tabUuid": "b", "utime": 1.0}
    store.write("0" * 26, json.dumps({"__meta": old}).encode(), old)
    other = FileStore(tmp_path)
    assert len(other.metas()) == 104
    last = {"id": new_id(), "tabUuid": None, "utime": now}
    other.write(str(last["id"]), json.dumps({"__meta": last}).encode(), last)
    assert {each["tabUuid"] for each in other.metas()} == {"a", None}
    assert len(other.metas()) == 101
    assert {path.suffix for path in tmp_path.iterdir()} == {".json", ""}
