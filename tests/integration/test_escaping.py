"""Hostile and odd values in props: they stay data inside a document, and values that JSON cannot encode raise one clear
error (protocol A4 to A6, B2, B7).
"""

from __future__ import annotations

import collections
import datetime as dt
import decimal
import enum
import json
import logging
import re
import uuid
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar, get

from litestar_vite._assets.mount import Mount
from litestar_vite.inertia import InertiaConfig, InertiaResponse, defer, flash_data
from litestar_vite.inertia._protocol.page import escape_json, page_script
from tests.integration.asgi import Answer, ask
from tests.support import inertia_headers, make_app, make_site, page_in

if TYPE_CHECKING:
    from pathlib import Path

    from litestar import Request


class Document(HTMLParser):
    """Collects the tags, the comments and the text of each script."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.comments: list[str] = []
        self.script_texts: list[str] = []
        self._in_script = False
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.script_texts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = self._in_script and tag != "script"

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.script_texts[-1] += data

    @property
    def shape(self) -> list[str]:
        return [tag for tag, _ in self.tags]

    @property
    def page(self) -> Any:
        """The page object as the client reads it: the text of the only script with both attributes."""
        scripts = [attributes for tag, attributes in self.tags if tag == "script"]
        (index,) = [
            i for i, a in enumerate(scripts) if a.get("data-page") == "app" and a.get("type") == "application/json"
        ]
        return json.loads(self.script_texts[index])


ATTACKS = [
    "</script>", "</script><script>alert(1)</script>", "</SCRIPT >", "</script\t>", "</script/>", "</scr\x00ipt>", "<script>", "<!--", "-->", "--!>", "<!--<script>",
    "<!-- <script>", "<!--<SCRIPT ", "<!--</script>", "]]>", "<![CDATA[", "<?php", "<svg onload=alert(1)>", "<img src=x onerror=alert(1)>", "</title><script>", "</textarea>",
    "<style>", "</head>", "</body></html>", "<base href=//evil.com>", "&lt;/script&gt;", "&#60;/script&#62;", "&amp;", "&", "&quot;", "'", '"', "\"'`", "${x}", "{{ x }}", "{% x %}",
    "\\", "\\\\", "\\u003c/script>", "\\</script>", "\\u2028", "\u2028", "\u2029", "\u2028\u2029</script>", "\x00", "<\x00script>", "\x7f", "\t\n\r", "javascript:alert(1)",
    "data:text/html,<script>", "é", "\U0001f600", "\ufeff", "\u202e", "\ud7ff\ue000", "<" * 1000, "a" * 70_000 + "</script>", "__proto__", "constructor", " ", "",
    '<script data-page="app" type="application/json">{}</script>', '<div id="app"></div>', "<noscript>", "<plaintext>", "<xmp>", "<template>",
]  # fmt: skip

PROPS: dict[str, Any] = {}


@get("/plain", component="Home", sync_to_thread=False)
def plain() -> dict[str, Any]:
    return PROPS["props"]


@get("/made", sync_to_thread=False)
def made() -> InertiaResponse[Any]:
    return InertiaResponse(PROPS["props"], component="Home")


@get("/late", component="Home", sync_to_thread=False)
def late() -> dict[str, Any]:
    return {name: (lambda value=value: value) for name, value in PROPS["props"].items()}


WAYS = ["/plain", "/made", "/late"]
"""Three ways to encode a page: plain values are joined, an InertiaResponse is encoded as one object, and a page with
callables is planned.
"""


APPS: dict[tuple[Any, ...], Litestar] = {}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_site(tmp_path_factory.mktemp("site"))


def app_of(site: Path, inertia: InertiaConfig | None = None, **options: Any) -> Litestar:
    """Return the app with these options. It is cached, since hundreds of tests use it."""
    key = (site, repr(inertia), *options.items())
    if key not in APPS:
        APPS[key] = make_app(site, [plain, made, late], inertia, **options)
    return APPS[key]


def both(app: Litestar, way: str, props: dict[str, Any]) -> tuple[Answer, Answer]:
    PROPS["props"] = props
    return ask(app, target=way), ask(app, target=way, headers=inertia_headers(app))


def assert_stays_data(app: Litestar, way: str, props: dict[str, Any]) -> None:
    html, xhr = both(app, way, props)
    harmless, _ = both(app, way, {"a": 1})
    document = Document(html.text)
    assert document.shape == Document(harmless.text).shape, "the same tags as in a harmless page"
    assert document.comments == Document(harmless.text).comments
    assert document.page == xhr.page
    assert xhr.page["props"] == {"errors": {}, **props}
    inner = html.body.split(b'type="application/json">', 1)[1].split(b"</script>", 1)[0]
    assert not re.search("[<>&\u2028\u2029]", inner.decode()), (
        "no character that could end the script or open a comment"
    )
    assert b"&lt;" not in inner or "&lt;" in json.dumps(props), "no HTML entities"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack[:20]))
def test_a4_hostile_values_and_names_stay_data(site: Path, attack: str, way: str) -> None:
    name = attack.replace(".", "") or "empty"  # A dotted name would be unpacked.
    assert_stays_data(
        app_of(site), way, {"value": attack, "list": [attack], "deep": {attack: {attack: attack}}, name: 1}
    )


def test_a4_all_attacks_at_once(site: Path) -> None:
    for way in WAYS:
        assert_stays_data(
            app_of(site), way, {"all": "".join(ATTACKS), "each": ATTACKS, "reversed": "".join(reversed(ATTACKS))}
        )


TEXT = st.text(
    alphabet=st.sampled_from(list("<>&!-/\\'\"scriptSCRIPT \t\n\x00\u2028\u2029é\U0001f600{}[]")), max_size=40
)
JSON = st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT, lambda v: st.lists(v, max_size=4) | st.dictionaries(TEXT, v, max_size=4), max_leaves=10)  # fmt: skip


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    return app_of(make_site(tmp_path_factory.mktemp("site")))


@settings(max_examples=100, deadline=None)
@given(value=JSON, way=st.sampled_from(WAYS))
def test_a4_a5_any_json_stays_data_and_is_the_same_in_both_answers(shared_app: Litestar, value: Any, way: str) -> None:
    assert_stays_data(shared_app, way, {"value": value})


@settings(deadline=None)
@given(JSON)
def test_a4_the_escaped_json_and_the_legacy_attribute_hold_the_same_value(value: Any) -> None:
    page_json = msgspec.json.encode(value)
    assert json.loads(escape_json(page_json)) == value
    mount = Mount.of("div", [("id", "app")])
    script = Document(mount.in_browser(page_script(page_json, b"app")).decode())
    assert script.shape == ["script", "div"]
    assert script.page == value
    ((tag, attributes),) = Document(mount.in_browser(b"", ("data-page", page_json.decode())).decode()).tags
    assert tag == "div"
    assert json.loads(attributes["data-page"] or "") == value


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: ascii(attack[:20]))
def test_a2_the_legacy_attribute_is_escaped(site: Path, attack: str) -> None:
    app = app_of(site, InertiaConfig(legacy_root_attribute=True))
    html, xhr = both(app, "/plain", {"value": attack, "deep": {attack: [attack]}})
    document = Document(html.text)
    (root,) = [attributes for tag, attributes in document.tags if attributes.get("id") == "app"]
    assert json.loads(root["data-page"] or "") == xhr.page
    assert document.shape == Document(both(app, "/plain", {"a": 1})[0].text).shape


ATTACK: dict[str, str] = {}


@pytest.fixture(scope="module")
def attacked_app(tmp_path_factory: pytest.TempPathFactory) -> Litestar:
    """An app with the attack in every place where a handler can put text."""

    @get("/{rest:path}", sync_to_thread=False)
    def handler(request: Request[Any, Any, Any]) -> InertiaResponse[dict[str, Any]]:
        attack = ATTACK["attack"]
        flash_data(request, "note", attack)
        return InertiaResponse({"errors": {attack: attack}}, component=f"Home{attack}")

    return make_app(make_site(tmp_path_factory.mktemp("site")), [handler])


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if "\x00" not in attack and len(attack) < 1000], ids=ascii
)
def test_a4_hostile_components_urls_flash_and_errors_stay_data(attacked_app: Litestar, attack: str) -> None:
    app = attacked_app
    ATTACK["attack"] = attack
    target = b"/x%3C/script%3E?q=" + attack.encode("utf-8").replace(b" ", b"+").replace(b"#", b"%23")
    html = ask(app, target=target)
    document = Document(html.text)
    assert document.page["component"] == f"Home{attack}"
    assert document.page["flash"] == {"note": attack}
    assert document.page["props"]["errors"] == {attack: attack}
    assert document.shape.count("script") == 2, "the entry and the page"
    assert document.page == json.loads(ask(app, target=target, headers=inertia_headers(app)).body)


def test_a5_a_csp_nonce_stands_on_every_script_and_is_escaped_into_nothing_else(site: Path) -> None:
    app = make_app(site, [plain], vite={"csp_nonce": lambda request: "r4nd0m"})
    html, _ = both(app, "/plain", {"value": "</script><script>", "nonce": 'nonce="r4nd0m"'})
    document = Document(html.text)
    loaded = [attributes for tag, attributes in document.tags if tag == "script" and attributes.get("src")]
    assert loaded
    assert all(attributes["nonce"] == "r4nd0m" for attributes in loaded)
    assert document.page["props"]["value"] == "</script><script>"


# Values that JSON cannot encode


def nested(levels: int, wrap: Any = lambda inner: [inner]) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = wrap(value)
    return value


def cyclic_list() -> Any:
    value: list[Any] = [1]
    value.append(value)
    return value


def cyclic_dict() -> Any:
    value: dict[str, Any] = {"a": 1}
    value["self"] = {"back": value}
    return value


def wide_cycle() -> Any:
    value: dict[str, Any] = {}
    for number in range(200):
        value[str(number)] = value
    return value


class Unknown:
    def __repr__(self) -> str:
        return "the-secret-inside"


class Broken(msgspec.Struct):
    inner: Any = msgspec.field(default_factory=Unknown)


NO_JSON: dict[str, Any] = {
    "cyclic list": cyclic_list, "cyclic dict": cyclic_dict, "wide cycle": wide_cycle, "depth 10,000": lambda: nested(10_000),
    "dict depth 10,000": lambda: nested(10_000, lambda inner: {"a": inner}), "lone high surrogate": lambda: "\ud800", "lone low surrogate": lambda: "a\udfffb",
    "surrogate in a list": lambda: [{"x": "\ud83d"}], "surrogate as a name": lambda: {"\ud800": 1}, "unknown type": Unknown, "unknown type in a list": lambda: [Unknown()],
    "unknown type in a struct": Broken, "a class": lambda: Unknown, "a module": lambda: json, "a generator": lambda: (i for i in range(3)), "complex": lambda: 1j,
    "tuple as a name": lambda: {(1, 2): 3}, "ellipsis": lambda: ..., "an open file": lambda: logging.root,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", NO_JSON.values(), ids=NO_JSON)
def test_b7_what_is_no_json_is_one_clean_500_that_shows_nothing(site: Path, make: Any, way: str) -> None:
    for answer in both(app_of(site), way, {"fine": 1, "the_name": make()}):
        assert answer.status == 500
        assert answer.header("x-inertia") is None
        assert json.loads(answer.body) == {"status_code": 500, "detail": "Internal Server Error"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", NO_JSON.values(), ids=NO_JSON)
def test_b7_in_debug_mode_the_error_names_the_prop_and_the_page(site: Path, make: Any, way: str) -> None:
    for answer in both(app_of(site, debug=True), way, {"fine": 1, "the_name": make()}):
        assert answer.status == 500
        assert "PropEncodingError" in answer.text
        assert re.search(r"Prop (&#x27;|')the_name", answer.text), answer.text[-600:]
        assert "cannot be sent as JSON" in answer.text


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), [1.0, float("nan")], {"x": {"y": float("inf")}}, (float("nan"),)],
    ids=["nan", "inf", "-inf", "in a list", "in dicts", "in a tuple"],
)
def test_a6_with_debug_off_a_number_that_is_none_is_null_as_javascript_writes_it(
    site: Path, value: Any, way: str
) -> None:
    html, xhr = both(app_of(site), way, {"chart": value, "none": None})
    assert b"NaN" not in xhr.body
    assert b"Infinity" not in xhr.body
    assert xhr.page["props"]["chart"] == json.loads(re.sub("-?(NaN|Infinity)", "null", json.dumps(value)))
    assert page_in(html.text) == xhr.page


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("value", "path"),
    [
        (float("nan"), "chart"),
        (-float("inf"), "chart"),
        ({"points": [1.0, float("nan")]}, "chart.points.1"),
        ([{"x": float("inf")}], "chart.0.x"),
        (({"a": None}, {"b": [None, float("nan")]}), "chart.1.b.1"),
    ],
)
def test_a6_in_debug_mode_it_is_an_error_that_names_the_path(site: Path, value: Any, path: str, way: str) -> None:
    for answer in both(app_of(site, debug=True), way, {"fine": None, "chart": value}):
        assert answer.status == 500
        assert "NonFiniteFloatError" in answer.text
        assert re.search(
            rf"Prop (&#x27;|'){re.escape(path)}(&#x27;|') is -?(nan|inf), which JSON cannot carry", answer.text
        )


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("reject_nan", [False, True])
def test_a6_the_setting_decides_over_debug_mode(site: Path, debug: bool, reject_nan: bool) -> None:
    app = app_of(site, InertiaConfig(reject_nan=reject_nan), debug=debug)
    assert {answer.status for answer in both(app, "/plain", {"chart": float("nan")})} == {500 if reject_nan else 200}


@pytest.mark.parametrize("way", WAYS)
def test_a6_nulls_that_are_meant_are_no_error_in_debug_mode(site: Path, way: str) -> None:
    props = {"none": None, "rows": [{"a": None, "b": 1.5}] * 50}
    assert both(app_of(site, debug=True), way, props)[1].page["props"] == {"errors": {}, **props}


class Color(enum.Enum):
    RED = "red"


ODD: dict[str, tuple[Any, Any]] = {
    "huge int": (2**70, 2**70),
    "huge negative int": (-(2**70), -(2**70)),
    "int beyond javascript": (2**53 + 1, 2**53 + 1),
    "bytes": (b"\xff\x00", "/wA="),
    "bytearray": (bytearray(b"a"), "YQ=="),
    "uuid": (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    "decimal": (decimal.Decimal("1.50"), "1.50"),
    "datetime": (dt.datetime(2030, 1, 2, 3, 4, 5, tzinfo=dt.UTC), "2030-01-02T03:04:05Z"),
    "date": (dt.date(2030, 1, 2), "2030-01-02"),
    "timedelta": (dt.timedelta(seconds=90), "PT90S"),
    "enum": (Color.RED, "red"),
    "frozenset": (frozenset({1}), [1]),
    "deque": (collections.deque([1, 2]), [1, 2]),
    "tuple": ((1, (2,)), [1, [2]]),
    "named tuple": (collections.namedtuple("Point", "x y")(1, 2), [1, 2]),  # noqa: PYI024
    "number as a name": ({1: "a"}, {"1": "a"}),
    "empty": ({}, {}),
    "1,000 levels minus the page": (nested(400), nested(400)),
    "float": (1e308, 1e308),
    "negative zero": (-0.0, 0.0),
    "emoji": ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("value", "shown"), ODD.values(), ids=ODD)
def test_b7_odd_values_that_json_can_carry_are_carried(site: Path, value: Any, shown: Any, way: str) -> None:
    for debug in (False, True):
        html, xhr = both(app_of(site, debug=debug), way, {"value": value})
        assert xhr.status == 200, xhr.text[-500:]
        assert xhr.page["props"]["value"] == shown
        assert page_in(html.text) == xhr.page


@pytest.mark.slow
def test_b7_20_megabytes_are_one_whole_answer(site: Path) -> None:
    html, xhr = both(app_of(site), "/plain", {"rows": ["</script>" + "x" * 991] * 20_000})
    assert len(xhr.body) > 20_000_000
    assert xhr.header("content-length") == str(len(xhr.body))
    assert html.header("content-length") == str(len(html.body))
    assert len(page_in(html.text)["props"]["rows"]) == 20_000


def test_b7_a_value_that_fails_in_a_deferred_prop_fails_that_answer_only(site: Path) -> None:
    @get("/", component="Home", sync_to_thread=False)
    def handler() -> dict[str, Any]:
        return {"fine": 1, "late": defer(lambda: "\ud800")}

    app = make_app(site, [handler])
    assert ask(app, headers=inertia_headers(app)).page["deferredProps"] == {"default": ["late"]}
    assert ask(app, headers=inertia_headers(app, partial_component="Home", partial_data="late")).status == 500
    assert (
        ask(app, headers=inertia_headers(app, partial_component="Home", partial_data="fine")).page["props"]["fine"] == 1
    )
