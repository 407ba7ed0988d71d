"""Where a new page is: its URL, the names of its routes and its module, from the name of its component."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from litestar_vite._cli.errors import CommandError

_NAME: Final = re.compile(r"[A-Z][A-Za-z0-9]*(?:/[A-Z][A-Za-z0-9]*)*")
# The pages of a resource, as Laravel and Rails name them, and their paths below it.
_RESOURCE: Final = {"index": "/", "show": "/{%s:int}", "edit": "/{%s:int}/edit", "create": "/create", "new": "/new"}


class Place(Struct, frozen=True):
    """The names of a page.

    Attributes:
        component: "Users/Show".
        module: "users_show".
        route: "users.show".
        prefix: "/users", the path of the router.
        path: "/{user_id:int}", the path of the route below it.
        parameter: "user_id"; empty without a path parameter.
        title: "Users show".
    """

    component: str
    module: str
    route: str
    prefix: str
    path: str
    parameter: str
    title: str

    @property
    def pattern(self) -> str:
        """The whole path, such as "/users/{user_id:int}"."""
        return self.prefix if self.path == "/" else self.prefix + self.path

    @property
    def url(self) -> str:
        """A URL of the page, such as "/users/1"."""
        return re.sub(r"\{.*?\}", "1", self.pattern)


def place_of(component: str) -> Place:
    """Return the names of a page.

    Raises:
        CommandError: The name is not one of a component, such as "Users/Show".
    """
    if not _NAME.fullmatch(component):
        raise CommandError(
            f"'{component}' cannot be the name of a page component. Write it like a path, with capitals: Users/Show."
        )
    parts = [_snake(part) for part in component.split("/")]
    *folders, last = parts
    path = _RESOURCE.get(last, "") if folders else ""
    parameter = f"{_singular(folders[-1])}_id" if "%s" in path else ""
    return Place(
        component,
        module="_".join(parts),
        route=".".join(parts),
        prefix="/" + "/".join(part.replace("_", "-") for part in (folders if path else parts)),
        path=(path % parameter if parameter else path) or "/",
        parameter=parameter,
        title=" ".join(parts).replace("_", " ").capitalize(),
    )


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _singular(word: str) -> str:
    """Return the singular of an English plural, to name a path parameter."""
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
