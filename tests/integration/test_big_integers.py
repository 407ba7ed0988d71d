"""Integers beyond 2^53: sent as BigInt if enabled, accepted back as integers, otherwise reported in development."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Request, get, post
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody
from msgspec import Struct

from litestar_vite.inertia import InertiaConfig, InertiaResponse, defer, flash_data
from litestar_vite.inertia._page.big_integers import mark_huge, unmarked, with_markers
from tests.integration.asgi import ask, ask_async
from tests.support import inertia_headers, make_app, make_site

if TYPE_CHECKING:
    from pathlib import Path

BIG = 2**53 + 1
REVIVED = re.compile(r"^(0|-?[1-9]\d*)$", re.ASCII)


def revive(value: Any) -> Any:
    """Apply the client's rule: exactly this key, and digits. A tuple represents a BigInt."""
    if isinstance(value, dict):
        if list(value) == ["$bigint"] and isinstance(value["$bigint"], str) and REVIVED.match(value["$bigint"]):
            return ("BigInt", int(value["$bigint"]))
        return {key: revive(item) for key, item in value.items()}
    return [revive(item) for item in value] if isinstance(value, list) else value


def expected(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: expected(item) for key, item in value.items()}
    if isinstance(value, list):
        return [expected(item) for item in value]
    is_big = isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1
    return ("BigInt", value) if is_big else value


leaves = (
    st.integers(-(2**80), 2**80)
    | st.sampled_from([2**53 - 1, 2**53, -(2**53), 2**63, 2**64 - 1, 2**64, -(2**63) - 1])
    | st.text(alphabet='0123456789"\\:,{}[-.é')
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none()
)
data = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(data)
def test_a_browser_revives_every_big_integer_and_nothing_else(value: Any) -> None:
    encoded = json.dumps(mark_huge(value), ensure_ascii=False, separators=(",", ":")).encode()
    assert revive(json.loads(with_markers(encoded))) == expected(value)


@given(data)
def test_what_a_browser_sends_back_is_what_was_sent(value: Any) -> None:
    marked = json.loads(with_markers(json.dumps(mark_huge(value), separators=(",", ":")).encode()))
    assert unmarked(marked) == value


@pytest.mark.parametrize("digits", ["", "01", "-0", "+1", "1.0", "1e3", " 1", "1\n", "٣", "1" * 5000, 5, None])
def test_what_is_no_marker_stays_as_it_is(digits: Any) -> None:
    for value in ({"$bigint": digits}, {"$bigint": "1", "other": 2}):
        assert unmarked({"a": value}) == {"a": value}


class Row(Struct):
    id: int
    name: str = ""


@get("/", component="Home")
async def home(request: Request[Any, Any, Any], id: FromQuery[int] = 0) -> dict[str, Any]:  # noqa: A002
    flash_data(request, "id", BIG)
    return {"id": BIG, "rows": [Row(-BIG)], "huge": 2**70, "asked": id, "later": defer(lambda: BIG), "text": str(BIG)}


@get("/off", component="Home", preserve_big_integers=False, sync_to_thread=False)
def off() -> dict[str, Any]:
    return {"rows": [{"id": BIG}, {"id": BIG}], "text": f'{{"id":{BIG}}}'}


@get("/response", sync_to_thread=False)
def response() -> InertiaResponse[Any]:
    return InertiaResponse({"id": BIG}, component="Home", preserve_big_integers=True)


@get("/rows/{row_id:int}", sync_to_thread=False)
def row(row_id: FromPath[int]) -> dict[str, Any]:
    return {"id": str(row_id)}


@post("/json", sync_to_thread=False)
def json_form(data: JSONBody[Row]) -> dict[str, Any]:
    return {"id": str(data.id)}


@post("/form", sync_to_thread=False)
def form(data: URLEncodedBody[Row]) -> dict[str, Any]:
    return {"id": str(data.id)}


HANDLERS = [home, off, response, row, json_form, form]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    site = make_site(tmp_path_factory.mktemp("site"))
    return make_app(site, HANDLERS, InertiaConfig(preserve_big_integers=True))


def test_props_and_flash_hold_markers_and_the_page_says_so(app: Litestar) -> None:
    page = ask(app, "GET", f"/?id[$bigint]={BIG}", inertia_headers(app)).page
    assert page["preserveBigIntegers"] is True
    big = {"$bigint": str(BIG)}
    assert page["props"] == {
        "errors": {},
        "id": big,
        "rows": [{"id": {"$bigint": str(-BIG)}, "name": ""}],
        "huge": {"$bigint": str(2**70)},
        "asked": big,
        "text": str(BIG),
    }
    assert page["flash"] == {"id": big}
    assert page["deferredProps"] == {"default": ["later"]}
    reload = inertia_headers(app, partial_component="Home", partial_data="later")
    assert ask(app, "GET", "/", reload).page["props"]["later"] == big


def test_route_and_response_override_the_setting(app: Litestar, site: Path) -> None:
    page = ask(app, "GET", "/off", inertia_headers(app)).page
    assert "preserveBigIntegers" not in page
    assert page["props"]["rows"][0] == {"id": BIG}
    plain = make_app(site, [response])
    assert ask(plain, "GET", "/response", inertia_headers(plain)).page["props"]["id"] == {"$bigint": str(BIG)}


def test_forms_query_and_path_give_integers(app: Litestar) -> None:
    client = {"x-inertia": "true", "x-requested-with": "XMLHttpRequest"}
    headers = {**inertia_headers(app), **client, "content-type": "application/json"}
    body = b'{"id": {"$bigint": "%d"}, "name": "12:30"}' % BIG
    assert json.loads(ask(app, "POST", "/json", headers, body).body) == {"id": str(BIG)}
    assert json.loads(ask(app, "POST", "/form", headers, body).body) == {"id": str(BIG)}
    headers["content-type"] = "application/x-www-form-urlencoded"
    for path in ("/form", "/json"):
        answer = ask(app, "POST", path, headers, b"id%%5B%%24bigint%%5D=%d" % BIG)
        assert json.loads(answer.body) == {"id": str(BIG)}
    assert json.loads(ask(app, "GET", f"/rows/{BIG}", headers).body) == {"id": str(BIG)}


# The types cannot express that a single response preserves integers.
@pytest.mark.wrong_types
@pytest.mark.anyio
async def test_development_names_the_prop_that_a_browser_would_round(
    site: Path, caplog: pytest.LogCaptureFixture
) -> None:
    developed = make_app(site, [off, response], vite={"dev_mode": True, "entry": "src/app.tsx"})
    async with developed.lifespan():
        for path in ("/off", "/off", "/response"):
            assert (await ask_async(developed, "GET", path, inertia_headers(developed))).status == 200
    named = [record.getMessage() for record in caplog.records if "browsers round" in record.getMessage()]
    assert len(named) == 1
    assert named[0].startswith("Prop 'rows.0.id' of page 'Home'")
