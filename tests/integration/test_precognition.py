"""Precognition: a form is validated while it is filled in, and its handler never runs (protocol H)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from attrs import define
from litestar import Controller, Litestar, Request, Response, delete, get, patch, post, put
from litestar.config.csrf import CSRFConfig
from litestar.di import NamedDependency, Provide
from litestar.dto import DataclassDTO
from litestar.exceptions import (
    ClientException,
    HTTPException,
    MethodNotAllowedException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
    ValidationException,
)
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter
from litestar.response import Redirect
from litestar.testing import TestClient
from msgspec import Meta, Struct
from pydantic import BaseModel, Field

from litestar_vite.inertia import InertiaConfig, InertiaResponse, PrecognitionSuccess, is_precognitive
from tests.support import inertia_headers, make_app

PRECOGNITION = {"Precognition": "true", "Accept": "application/json", "X-Requested-With": "XMLHttpRequest"}
RAN: list[str] = []


@pytest.fixture(autouse=True)
def _nothing_ran() -> Iterator[None]:
    RAN.clear()
    yield
    RAN.clear()


class User(Struct):
    name: Annotated[str, Meta(min_length=2)]
    age: Annotated[int, Meta(ge=18)]


@dataclass
class UserData:
    name: Annotated[str, Meta(min_length=2)]
    age: Annotated[int, Meta(ge=18)]


class UserDict(TypedDict):
    name: Annotated[str, Meta(min_length=2)]
    age: Annotated[int, Meta(ge=18)]


@define
class UserAttrs:
    name: Annotated[str, Meta(min_length=2)]
    age: Annotated[int, Meta(ge=18)]


class UserModel(BaseModel):
    name: str = Field(min_length=2)
    age: int = Field(ge=18)


def post_of(kind: Any) -> Any:
    async def save(data: Any) -> Redirect:
        RAN.append("save")
        return Redirect("/")

    save.__annotations__["data"] = JSONBody[kind]
    return post("/users")(save)


def check(app: Litestar, method: str = "POST", target: str = "/users", body: Any = None, **headers: str) -> Any:
    with TestClient(app) as client:
        return client.request(method, target, json=body, headers=PRECOGNITION | headers, follow_redirects=False)


def assert_passed(answer: Any) -> None:
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["precognition"] == "true"
    assert answer.headers["precognition-success"] == "true"
    assert "Precognition" in answer.headers["vary"]
    assert "x-inertia" not in answer.headers


MODELS = [User, UserData, UserDict, UserAttrs, UserModel]


@pytest.mark.protocol("H59")
@pytest.mark.parametrize("kind", MODELS)
def test_a_valid_form_is_answered_204_and_its_handler_does_not_run(site: Path, kind: Any) -> None:
    assert_passed(check(make_app(site, [post_of(kind)]), body={"name": "Ada", "age": 36}))
    assert RAN == []


@pytest.mark.protocol("H60")
@pytest.mark.parametrize("kind", MODELS)
def test_an_invalid_form_is_answered_422_with_every_error(site: Path, kind: Any) -> None:
    answer = check(make_app(site, [post_of(kind)]), body={"name": "A", "age": 3})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["precognition"] == "true"
    assert "precognition-success" not in answer.headers
    assert "Precognition" in answer.headers["vary"]
    assert answer.json().keys() == {"message", "errors"}
    assert answer.json()["errors"].keys() == {"name", "age"}
    assert all(isinstance(messages, list) and messages for messages in answer.json()["errors"].values())
    assert RAN == []


@pytest.mark.protocol("H60")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "A", "age": 36}, "Must have at least 2 characters."),
        ({"name": "A", "age": 3}, "Must have at least 2 characters. (and 1 more error)"),
    ],
)
def test_the_message_is_the_first_error_and_the_number_of_the_others(site: Path, body: Any, message: str) -> None:
    assert check(make_app(site, [post_of(User)]), body=body).json()["message"] == message


@pytest.mark.protocol("H61")
@pytest.mark.parametrize(
    ("only", "fields"),
    [
        ("name", {"name"}),
        ("age", {"age"}),
        ("name,age", {"name", "age"}),
        (" name , age ", {"name", "age"}),
        ("email", None),
        ("name.first", None),
        ("", {"name", "age"}),
    ],
)
def test_validate_only_keeps_those_fields_and_none_left_is_success(
    site: Path, only: str, fields: set[str] | None
) -> None:
    answer = check(
        make_app(site, [post_of(User)]), body={"name": "A", "age": 3}, **{"Precognition-Validate-Only": only}
    )
    if fields is None:
        assert_passed(answer)
    else:
        assert (answer.status_code, answer.json()["errors"].keys()) == (422, fields)


class Line(Struct):
    sku: str
    count: Annotated[int, Meta(ge=1)]


class Order(Struct):
    customer: User
    lines: list[Line]


@pytest.mark.protocol("H61", "G57")
@pytest.mark.parametrize(
    ("only", "fields"),
    [
        ("lines", {"lines.0.count", "lines.1.sku"}),
        ("lines.*.count", {"lines.0.count"}),
        ("lines.1.sku", {"lines.1.sku"}),
        ("customer.name,lines.0.count", {"customer.name", "lines.0.count"}),
        ("customer", {"customer.name"}),
    ],
)
def test_validate_only_takes_dotted_paths_and_stars(site: Path, only: str, fields: set[str]) -> None:
    body = {"customer": {"name": "A", "age": 30}, "lines": [{"sku": "x", "count": 0}, {"count": 1}]}
    answer = check(make_app(site, [post_of(Order)]), body=body, **{"Precognition-Validate-Only": only})
    assert answer.json()["errors"].keys() == fields


@pytest.mark.protocol("H62")
@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotAuthorizedException(), 401),
        (PermissionDeniedException(), 403),
        (NotFoundException(), 404),
        (HTTPException(status_code=409), 409),
        (HTTPException(status_code=423), 423),
        (HTTPException(status_code=500), 500),
        (RuntimeError("boom"), 500),
    ],
)
def test_other_refusals_carry_the_header_too(site: Path, error: Exception, status: int) -> None:
    def refuse(*_: Any) -> None:
        raise error

    @post("/users", guards=[refuse])
    async def save(data: JSONBody[User]) -> None:
        RAN.append("save")

    answer = check(make_app(site, [save]), body={"name": "Ada", "age": 36})
    assert (answer.status_code, answer.headers["precognition"]) == (status, "true")
    assert "Precognition" in answer.headers["vary"]
    assert "precognition-success" not in answer.headers
    assert RAN == []


@pytest.mark.protocol("H62")
def test_an_unknown_route_and_method_carry_the_header_too(site: Path) -> None:
    app = make_app(site, [post_of(User)])
    assert [check(app, target="/nope").headers["precognition"], check(app, "PUT").headers["precognition"]] == [
        "true",
        "true",
    ]
    assert MethodNotAllowedException().status_code == check(app, "PUT").status_code


@pytest.mark.protocol("H59")
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET"])
@pytest.mark.parametrize("inertia", [True, False])
def test_every_method_only_validates(site: Path, method: str, inertia: bool) -> None:
    @post("/users", component="Users")
    async def created() -> dict[str, Any]:
        RAN.append("post")
        return {}

    @put("/users")
    async def replaced(data: JSONBody[User]) -> InertiaResponse[Any]:
        RAN.append("put")
        return InertiaResponse({}, component="Users")

    @patch("/users", sync_to_thread=True)
    def changed(data: JSONBody[User]) -> dict[str, Any]:
        RAN.append("patch")
        return {}

    @delete("/users", sync_to_thread=False)
    def removed(request: Request[Any, Any, Any]) -> None:
        RAN.append("delete")

    @get("/users", component="Users", sync_to_thread=False)
    def shown(page: FromQuery[int] = 1) -> dict[str, Any]:
        RAN.append("get")
        return {}

    app = make_app(site, [created, replaced, changed, removed, shown])
    body = {"name": "Ada", "age": 36} if method in {"PUT", "PATCH"} else None
    assert_passed(check(app, method, body=body, **(inertia_headers(app) if inertia else {})))
    assert RAN == []
    with TestClient(app) as client:
        assert client.request(method, "/users", json=body).is_success
    assert [method.lower()] == RAN, "without the header, the handler runs"


@pytest.mark.protocol("H60")
def test_parameters_are_validated_as_the_body_is(site: Path) -> None:
    @post("/users/{team:int}")
    async def save(
        team: FromPath[int], data: JSONBody[User], page: FromQuery[int], size: Annotated[int, QueryParameter(le=9)] = 1
    ) -> None:
        RAN.append("save")

    app = make_app(site, [save])
    assert check(app, target="/users/1", body={"name": "Ada", "age": 36}).json()["errors"] == {
        "page": ["This field is required."]
    }
    errors = check(app, target="/users/1?page=x&size=10", body={"name": "Ada"}).json()["errors"]
    assert errors == {
        "page": ["Must be a whole number."],
        "size": ["Must be at most 9."],
        "age": ["This field is required."],
    }


@pytest.mark.protocol("H59", "H60")
def test_dependencies_may_validate_and_are_rolled_back(site: Path) -> None:
    log: list[str] = []

    async def transaction() -> AsyncIterator[str]:
        log.append("begin")
        try:
            yield "session"
        except PrecognitionSuccess:
            log.append("rollback")
            raise
        else:
            log.append("commit")

    async def unique_name(data: JSONBody[User], session: NamedDependency[str], request: Request[Any, Any, Any]) -> str:
        log.append(f"precognitive {is_precognitive(request)}")
        if data.name == "Taken":
            raise ValidationException(extra={"name": "is taken"})
        return data.name

    @post("/users", dependencies={"session": Provide(transaction), "name": Provide(unique_name)})
    async def save(data: JSONBody[User], name: NamedDependency[str]) -> None:
        log.append("save")

    app = make_app(site, [save])
    assert_passed(check(app, body={"name": "Ada", "age": 36}))
    assert log == ["begin", "precognitive True", "rollback"]
    answer = check(app, body={"name": "Taken", "age": 36})
    assert (answer.status_code, answer.json()["errors"]) == (422, {"name": ["is taken"]})
    log.clear()
    with TestClient(app) as client:
        client.post("/users", json={"name": "Ada", "age": 36})
    assert log == ["begin", "precognitive False", "save", "commit"]


@pytest.mark.protocol("H59")
def test_a_route_may_take_care_itself(site: Path) -> None:
    @post("/users", opt={"precognition": False})
    async def save(request: Request[Any, Any, Any], data: JSONBody[User]) -> Response[Any]:
        RAN.append("save")
        if data.name == "Taken":
            raise ValidationException(extra={"name": "is taken"})
        if is_precognitive(request):
            raise PrecognitionSuccess
        return Response(None)

    app = make_app(site, [save])
    assert check(app, body={"name": "Taken", "age": 36}).json()["errors"] == {"name": ["is taken"]}
    assert_passed(check(app, body={"name": "Ada", "age": 36}))
    assert RAN == ["save", "save"]


@pytest.mark.protocol("H60")
@pytest.mark.parametrize("own", [ValidationException, 400, HTTPException, ClientException, Exception, 422])
def test_exception_handlers_of_the_users_own_do_not_change_the_answer(site: Path, own: Any) -> None:
    handler = post_of(User)
    handlers = {own: lambda *_: Response("mine", status_code=418)}
    app = make_app(site, [handler], exception_handlers=handlers)
    assert check(app, body={"name": "A", "age": 36}).status_code == 422

    class Users(Controller):
        exception_handlers = handlers

        @post("/users")
        async def save(self, data: JSONBody[User]) -> None:
            RAN.append("save")

    app = make_app(site, [Users])
    assert check(app, body={"name": "A", "age": 36}).status_code == 422
    assert_passed(check(app, body={"name": "Ada", "age": 36}))


@pytest.mark.protocol("H59", "H60")
def test_a_return_dto_a_form_body_and_csrf_do_not_get_in_the_way(site: Path) -> None:
    @post("/users", return_dto=DataclassDTO[UserData])
    async def save(data: MultipartBody[User]) -> UserData:
        RAN.append("save")
        return UserData("Ada", 36)

    app = make_app(
        site, [save, get("/", component="Home", sync_to_thread=False)(home)], csrf_config=CSRFConfig(secret="x" * 32)
    )
    with TestClient(app) as client:
        token = client.get("/").cookies["XSRF-TOKEN"]
        headers = PRECOGNITION | {"X-XSRF-TOKEN": token}
        assert_passed(client.post("/users", data={"name": "Ada", "age": "36"}, files={"f": b""}, headers=headers))
        assert (
            client.post("/users", data={"name": "A", "age": "36"}, files={"f": b""}, headers=headers).status_code == 422
        )
        refused = client.post("/users", data={"name": "A"}, headers=PRECOGNITION)
        assert (refused.status_code, refused.headers["precognition"]) == (403, "true")
    assert RAN == []


def home() -> dict[str, Any]:
    return {}


@pytest.mark.protocol("H59")
def test_a_precognitive_request_shows_and_loses_nothing_that_is_carried(site: Path) -> None:
    from litestar_vite.inertia import flash

    @get("/flash", sync_to_thread=False)
    def flashes(request: Request[Any, Any, Any]) -> Redirect:
        flash(request, "Saved")
        return Redirect("/")

    app = make_app(site, [flashes, post_of(User), get("/", component="Home", sync_to_thread=False)(home)])
    with TestClient(app) as client:
        client.get("/flash", follow_redirects=False)
        assert_passed(client.post("/users", json={"name": "Ada", "age": 36}, headers=PRECOGNITION))
        client.post("/users", json={}, headers=PRECOGNITION)
        page = client.get("/", headers=inertia_headers(app)).json()
    assert (page["flash"], page["props"]["errors"]) == ({"info": ["Saved"]}, {})


@pytest.mark.protocol("H60")
def test_messages_can_be_said_in_the_apps_words(site: Path) -> None:
    app = make_app(
        site, [post_of(User)], InertiaConfig(validation_message=lambda error, _: f"{error.path}: {error.message}")
    )
    errors = check(app, body={"name": "A"}).json()["errors"]
    assert errors == {"name": ["name: Must have at least 2 characters."], "age": ["age: This field is required."]}


@pytest.mark.protocol("H62")
@pytest.mark.parametrize("value", ["false", "1", ""])
def test_another_value_of_the_header_is_no_precognition(site: Path, value: str) -> None:
    with TestClient(make_app(site, [post_of(User)])) as client:
        answer = client.post(
            "/users", json={"name": "Ada", "age": 36}, headers={"Precognition": value}, follow_redirects=False
        )
    assert answer.status_code == 302
    assert "precognition" not in answer.headers
    assert RAN == ["save"]
