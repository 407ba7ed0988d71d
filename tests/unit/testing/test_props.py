"""Assertions about props: passing cases, failing cases, and failure messages."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

import pytest
from msgspec import Struct

from litestar_vite.testing import LivePage, PropAssertions, assert_inertia
from tests.unit.testing.conftest import USERS, answer, failure_of


class Colour(Enum):
    RED = "red"


class User(Struct):
    id: int
    name: str
    admin: bool


def props(value: Any) -> PropAssertions:
    return PropAssertions(value, {"component": "Any", "url": "/", "props": value})


PASSES: list[tuple[str, Any]] = [
    ("has", lambda p: p.has("users").has("users.1.name").has("user.email")),
    ("has with a count", lambda p: p.has("users", 2).has("user", 3)),
    ("has with a scope", lambda p: p.has("user", lambda user: user.where("name", "Ada").missing("password"))),
    ("has with a count and a scope of the first", lambda p: p.has("users", 2, lambda first: first.where("id", 1))),
    ("has with a scope by name", lambda p: p.has("user", scope=lambda user: user.has("tags", 2))),
    ("has_all", lambda p: p.has_all("users", "user.name")),
    ("has_any", lambda p: p.has_any("nothing", "user.name")),
    ("has_only", lambda p: p.has_only("id", "name", "admin", at="users.0")),
    ("missing", lambda p: p.missing("password", "user.password", "users.2", "users.first", "total.x")),
    ("where a value", lambda p: p.where("user.name", "Ada").where("user.email", None).where("users", USERS)),
    ("where a model", lambda p: p.where("users.0", User(1, "Ada", admin=True))),
    ("where a tuple", lambda p: p.where("user.tags", ("a", "b"))),
    ("where a predicate", lambda p: p.where("total", lambda total: total > 1)),
    ("where a type", lambda p: p.where("total", int).where("user", dict)),
    ("where_not", lambda p: p.where_not("user.name", "Grace").where_not("total", str)),
    ("where_all", lambda p: p.where_all({"user.name": "Ada", "total": int, "ratio": lambda ratio: ratio < 1})),
    (
        "where_exactly",
        lambda p: p.has("users.0", lambda user: user.where_exactly({"id": 1, "name": str, "admin": True})),
    ),
    (
        "where_contains in a list",
        lambda p: p.where_contains("user.tags", "a", "b").where_contains(
            "users", {"id": 2, "name": "Grace", "admin": False}
        ),
    ),
    ("where_contains by predicate", lambda p: p.where_contains("users", lambda user: user["id"] == 2)),
    ("where_contains in a string", lambda p: p.where_contains("user.name", "Ad")),
    ("where_contains in an object", lambda p: p.where_contains("user", {"name": "Ada"})),
    (
        "where_type",
        lambda p: (
            p.where_type("user.name", "string").where_type("user.email", ("string", None)).where_type("ratio", float)
        ),
    ),
    (
        "where_all_types",
        lambda p: p.where_all_types(
            {"users": "array", "user": "object", "total": "integer", "users.0.admin": "boolean"}
        ),
    ),
    ("count", lambda p: p.count("users", 2).count("empty", 0).count("user", 3)),
    ("count_between", lambda p: p.count_between("users", 2, 5)),
    (
        "first",
        lambda p: p.first("users", lambda user: user.where("name", "Ada")).first(
            "user", lambda name: name.where("", "Ada")
        ),
    ),
    ("each", lambda p: p.each("users", lambda user: user.has_all("id", "name").where_type("admin", bool))),
    ("scopes nest", lambda p: p.has("users", lambda users: users.has("0", lambda user: user.where("name", "Ada")))),
    ("the value itself", lambda p: p.has("total", lambda total: total.where("", 2))),
]

FAILS: list[tuple[Any, str]] = [
    (
        lambda p: p.has("usres"),
        "No prop 'usres'. The nearest path is 'users'. The props are: errors, auth, users,",
    ),
    (
        lambda p: p.has("user.emial"),
        "No prop 'user.emial'. The nearest path is 'user.email'. 'user' has: name, email, tags.",
    ),
    (lambda p: p.where("tags", 1), "No prop 'tags'. The nearest path is 'user.tags'."),
    (
        lambda p: p.has("users.5.name"),
        "No prop 'users.5.name'. The nearest path is 'users.1.name'. 'users' is a list of 2.",
    ),
    (lambda p: p.has("users", 3), "Prop 'users' has 2 items; expected 3."),
    (lambda p: p.has("total", 3), "Prop 'total' is 2; expected a list or an object."),
    (lambda p: p.has_any("x", "user.y"), "None of these props exists: 'x', 'user.y'."),
    (
        lambda p: p.has_only("id", "name", at="users.0"),
        "Prop 'users.0' has unexpected keys: 'admin'. Expected only: id, name.",
    ),
    (
        lambda p: p.has_only("id", "name", "admin", "age", at="users.0"),
        "No prop 'users.0.age'. The nearest path is 'users.0.name'",
    ),
    (lambda p: p.has_only("x", at="total"), "Prop 'total' is 2; expected an object."),
    (lambda p: p.missing("user.email"), "Prop 'user.email' should be missing; it is null."),
    (lambda p: p.where("user.name", "Grace"), 'Prop \'user.name\' is "Ada"; expected "Grace".'),
    (lambda p: p.where("total", True), "Prop 'total' is 2; expected true."),
    (lambda p: p.where("total", str), "Prop 'total' is 2; expected a value of type str."),
    (
        lambda p: p.where("total", lambda total: total > 2),
        "Prop 'total' is 2; expected a value that the predicate accepts.",
    ),
    (lambda p: p.where("total", is_big), "Prop 'total' is 2; expected a value that is_big() accepts."),
    (lambda p: p.where_not("total", 2), "Prop 'total' is 2; expected anything but 2."),
    (lambda p: p.where_contains("user.tags", "c"), 'Prop \'user.tags\' is ["a", "b"]; expected it to contain "c".'),
    (lambda p: p.where_contains("user", {"name": "Grace"}), 'expected it to contain {"name": "Grace"}.'),
    (lambda p: p.where_contains("total", 2), "Prop 'total' is 2; expected it to contain 2."),
    (lambda p: p.where_type("users.0.admin", "integer"), "Prop 'users.0.admin' is true; expected the type integer."),
    (
        lambda p: p.where_type("total", ("string", None, bool)),
        "Prop 'total' is 2; expected the type string or null or bool.",
    ),
    (lambda p: p.count_between("users", 3, 5), "Prop 'users' has 2 items; expected 3 to 5."),
    (lambda p: p.first("empty", lambda _: None), "Prop 'empty' is empty; expected a first item."),
    (
        lambda p: p.each("empty", lambda _: None),
        "Prop 'empty' is empty, so nothing was asserted. Use count(path, 0) to expect an empty list.",
    ),
    (
        lambda p: p.each("users", lambda user: user.where("admin", True)),
        "Prop 'users.1.admin' is false; expected true.",
    ),
    (
        lambda p: p.has("user", lambda user: user.has("nmae")),
        "No prop 'user.nmae'. The nearest path is 'user.name'. 'user' has: name, email, tags.",
    ),
    (
        lambda p: p.first("users", lambda user: user.where_exactly({"id": 1})),
        "Prop 'users.0' has unexpected keys: 'name', 'admin'. Expected only: id.",
    ),
    (
        lambda p: p.has("users.0", lambda user: user.where("", 1)),
        'Prop \'users.0\' is {"id": 1, "name": "Ada", "admin": true}; expected 1.',
    ),
]


def is_big(value: int) -> bool:
    return value > 100


@pytest.mark.parametrize("assertion", [pytest.param(run, id=name) for name, run in PASSES])
def test_an_assertion_that_holds_passes_and_returns_what_it_was_called_on(page: LivePage, assertion: Any) -> None:
    assert assertion(page) is page


@pytest.mark.parametrize(("assertion", "message"), [pytest.param(run, text, id=text[:60]) for run, text in FAILS])
def test_a_failed_assertion_names_the_actual_and_the_expected_value(
    page: LivePage, assertion: Any, message: str
) -> None:
    assert message in failure_of(lambda: assertion(page))


def test_a_failure_shows_the_page_below_its_message(page: LivePage) -> None:
    with pytest.raises(AssertionError) as failed:
        page.has("nothing")
    text = str(failed.value)
    assert "The page 'Users/Index' at '/users':\n{\n" in text
    assert '      "name": "Ada",' in text


def test_a_failure_shows_forty_lines_of_a_long_page_and_says_how_to_see_the_rest() -> None:
    page = assert_inertia(
        answer(
            '{"component":"Long","url":"/","props":{"rows":[' + ",".join(map(str, range(500))) + "]}}",
            {"X-Inertia": "true"},
        )
    )
    with pytest.raises(AssertionError) as failed:
        page.has("nothing")
    lines = str(failed.value).splitlines()
    assert len(lines) < 50
    assert lines[-1] == "… and 468 more lines; page.dump() prints them."


def test_a_failure_cuts_long_lines_and_long_values() -> None:
    page = assert_inertia(
        answer('{"component":"Long","url":"/","props":{"text":"' + "x" * 5_000 + '"}}', {"X-Inertia": "true"})
    )
    with pytest.raises(AssertionError) as failed:
        page.where("text", "y")
    text = str(failed.value)
    assert "… (5,002 characters)" in text
    assert max(map(len, text.splitlines())) < 400


def test_dump_prints_the_whole_page_and_returns_it(page: LivePage, capsys: pytest.CaptureFixture[str]) -> None:
    assert page.dump() is page
    printed = capsys.readouterr().out
    assert printed.startswith("The page 'Users/Index' at '/users':\n")
    assert '"sharedProps"' in printed


def test_expected_values_are_compared_as_json_shows_them() -> None:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    given = props(
        {"colour": "red", "day": "2026-01-02", "moment": "2026-01-02T03:04:00Z", "half": 1.0, "keys": {"1": "one"}}
    )
    given.where_all({"colour": Colour.RED, "day": date(2026, 1, 2), "moment": moment, "half": 1, "keys": {1: "one"}})


def test_one_is_not_true_and_null_is_not_nothing() -> None:
    given = props({"one": 1, "yes": True, "none": None, "rows": [{"admin": 1}]})
    assert failure_of(lambda: given.where("one", True)) == "Prop 'one' is 1; expected true."
    assert failure_of(lambda: given.where("yes", 1)) == "Prop 'yes' is true; expected 1."
    assert failure_of(lambda: given.where("rows", [{"admin": True}])).startswith("Prop 'rows' is ")
    given.has("none").where("none", None)


def test_a_key_with_dots_is_found_before_the_path_that_it_looks_like() -> None:
    given = props({"items.0.name": "Required.", "items": [{"name": "Ada"}], "a.b": {"c": 1}})
    given.where("items.0.name", "Required.").where("a.b.c", 1)


def test_value_returns_the_value_at_a_path(page: LivePage) -> None:
    assert page.value("users.1.name") == "Grace"
    assert page.props["total"] == 2
    assert page.page["component"] == "Users/Index"
    assert "No prop 'nothing'" in failure_of(lambda: page.value("nothing"))


def test_an_unknown_type_name_is_an_error_that_lists_the_known_names(page: LivePage) -> None:
    with pytest.raises(ValueError, match=r"'text' is not a JSON type. Use one of string, integer"):
        page.where_type("user.name", "text")


@pytest.mark.slow
def test_a_failure_points_at_the_line_of_the_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from litestar_vite.testing import PropAssertions

        def test_it():
            PropAssertions({"a": 1}, {"component": "A", "url": "/"}).has("b")
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*No prop 'b'*"])
    result.stdout.no_fnmatch_line("*props.py*")


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("stats", "It is deferred: page.load_deferred() fetches it."),
        ("stats.users", "It is deferred: page.load_deferred() fetches it."),
        ("feed", "It is deferred: page.load_deferred('side') fetches it."),
        ("auth.teams", "It is deferred: page.load_deferred('side') fetches it."),
    ],
)
def test_a_missing_deferred_prop_has_a_hint(path: str, hint: str) -> None:
    props = {"auth": {"user": "Ada"}}
    page = {"props": props, "deferredProps": {"default": ["stats"], "side": ["feed", "auth.teams"]}}
    assert hint in failure_of(lambda: PropAssertions(props, page).has(path))
    assert "deferred:" not in failure_of(lambda: PropAssertions(props, page).has("state"))
    assert "It is deferred:" in failure_of(lambda: PropAssertions(props["auth"], page, "auth").has("teams"))
