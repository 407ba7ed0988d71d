"""Assertions about props by dotted path. Assertions return self and can be chained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn, Self, cast

from litestar_vite.testing._paths import MISSING, look_up
from litestar_vite.testing._report import deferred_hint, fail, missing_path, shorten
from litestar_vite.testing._values import (
    JsonType,
    as_json,
    contains,
    describe_type,
    has_type,
    is_expected,
    show_expected,
)

__tracebackhide__ = True


class PropAssertions:
    """Assertions about a JSON value: the props of a page, or a single prop inside a scope.

    Paths are dotted and relative to the value, with indexes for lists: "users.0.name". The empty path is the value
    itself.
    """

    def __init__(self, value: Any, page: Mapping[str, Any], at: str = "") -> None:
        self._value = value
        self._page = page
        self._at = at

    # Presence ------------------------------------------------------------------------------------------------------

    def value(self, path: str = "") -> Any:
        """Return the value at a path.

        Raises:
            AssertionError: The path does not exist.
        """
        found = look_up(self._value, path)
        if found is MISSING:
            fail(missing_path(self._value, path, self._at) + deferred_hint(self._full(path), self._page), self._page)
        return found

    def has(self, path: str, count: int | Scope | None = None, scope: Scope | None = None) -> Self:
        """Assert that a path exists. Its value may be null.

        Args:
            path: The path.
            count: The expected number of items in a list or object; or the scope.
            scope: Called with assertions about the value: `has("user", lambda user: user.where("id", 1))`. With a
                count, called for the first item.
        """
        found = self.value(path)
        if callable(count):
            self._scoped(path, found, count)
        elif count is not None:
            self.count(path, count)
            if scope is not None:
                self.first(path, scope)
        elif scope is not None:
            self._scoped(path, found, scope)
        return self

    def has_all(self, *paths: str) -> Self:
        """Assert that all paths exist."""
        for path in paths:
            self.value(path)
        return self

    def has_any(self, *paths: str) -> Self:
        """Assert that at least one of the paths exists."""
        if all(look_up(self._value, path) is MISSING for path in paths):
            fail(f"None of these props exists: {', '.join(map(repr, map(self._full, paths)))}.", self._page)
        return self

    def has_only(self, *keys: str, at: str = "") -> Self:
        """Assert that an object has exactly these keys, so no other data leaves the server."""
        found = self._object(at)
        if extra := [key for key in found if key not in keys]:
            self._fail(
                at,
                f"has unexpected keys: {', '.join(map(repr, extra))}. Expected only: {', '.join(keys) or 'nothing'}.",
            )
        return self.has_all(*(f"{at}.{key}" if at else key for key in keys))

    def missing(self, *paths: str) -> Self:
        """Assert that these paths do not exist. A null value fails."""
        for path in paths:
            if (found := look_up(self._value, path)) is not MISSING:
                self._fail(path, f"should be missing; it is {shorten(found)}.")
        return self

    # Values --------------------------------------------------------------------------------------------------------

    def where(self, path: str, expected: Any) -> Self:
        """Assert the value at a path.

        Args:
            path: The path.
            expected: A value, a type or a predicate. Structs, enums, dates and tuples are compared as JSON.
        """
        found = self.value(path)
        if not is_expected(found, expected):
            self._fail(path, f"is {shorten(found)}; expected {show_expected(expected)}.")
        return self

    def where_not(self, path: str, unexpected: Any) -> Self:
        """Assert that a path exists and does not match a value, a type or a predicate."""
        found = self.value(path)
        if is_expected(found, unexpected):
            self._fail(path, f"is {shorten(found)}; expected anything but {show_expected(unexpected)}.")
        return self

    def where_all(self, expected: Mapping[str, Any]) -> Self:
        """Assert the values at several paths: `where_all({"user.id": 1, "user.name": str})`."""
        for path, value in expected.items():
            self.where(path, value)
        return self

    def where_exactly(self, expected: Mapping[str, Any]) -> Self:
        """Assert that an object has exactly these entries. Each may be a value, a type or a predicate."""
        return self.has_only(*expected).where_all(expected)

    def where_contains(self, path: str, *expected: Any) -> Self:
        """Assert that a list, a string or an object contains the expected items, substrings or entries.

        Args:
            path: The path.
            expected: Values, types or predicates for a list; substrings for a string; mappings for an object.
        """
        found = self.value(path)
        for one in expected:
            if not contains(found, one):
                shown = shorten(as_json(one)) if isinstance(one, Mapping) and not callable(one) else show_expected(one)
                self._fail(path, f"is {shorten(found)}; expected it to contain {shown}.")
        return self

    def where_type(self, path: str, expected: JsonType) -> Self:
        """Assert the type at a path: a Python type, None, a JSON type ("string", "number", …), or a tuple of these."""
        found = self.value(path)
        if not has_type(found, expected):
            self._fail(path, f"is {shorten(found)}; expected the type {describe_type(expected)}.")
        return self

    def where_all_types(self, expected: Mapping[str, JsonType]) -> Self:
        """Assert the types at several paths."""
        for path, expected_type in expected.items():
            self.where_type(path, expected_type)
        return self

    # Counts --------------------------------------------------------------------------------------------------------

    def count(self, path: str, expected: int) -> Self:
        """Assert the number of items in a list or an object."""
        if (size := self._size(path)) != expected:
            self._fail(path, f"has {size} items; expected {expected}.")
        return self

    def count_between(self, path: str, least: int, most: int) -> Self:
        """Assert that the number of items in a list or an object is within inclusive bounds."""
        if not least <= (size := self._size(path)) <= most:
            self._fail(path, f"has {size} items; expected {least} to {most}.")
        return self

    # Scopes --------------------------------------------------------------------------------------------------------

    def first(self, path: str, scope: Scope) -> Self:
        """Call a scope with the first item of a list, or the first value of an object."""
        if not (items := self._items(path)):
            self._fail(path, "is empty; expected a first item.")
        key, item = items[0]
        self._scoped(f"{path}.{key}" if path else key, item, scope)
        return self

    def each(self, path: str, scope: Scope) -> Self:
        """Call a scope with each item of a list, or each value of an object. Fails if it is empty."""
        if not (items := self._items(path)):
            self._fail(path, "is empty, so nothing was asserted. Use count(path, 0) to expect an empty list.")
        for key, item in items:
            self._scoped(f"{path}.{key}" if path else key, item, scope)
        return self

    # ----------------------------------------------------------------------------------------------------------------

    def _scoped(self, path: str, value: Any, scope: Scope) -> None:
        scope(PropAssertions(value, self._page, self._full(path)))

    def _items(self, path: str) -> list[tuple[str, Any]]:
        found = self.value(path)
        if isinstance(found, list):
            return [(str(number), item) for number, item in enumerate(found)]
        if not isinstance(found, dict):
            self._fail(path, f"is {shorten(found)}; expected a list or an object.")
        return list(cast("dict[str, Any]", found).items())

    def _size(self, path: str) -> int:
        return len(self._items(path))

    def _object(self, path: str) -> dict[str, Any]:
        found = self.value(path)
        if not isinstance(found, dict):
            self._fail(path, f"is {shorten(found)}; expected an object.")
        return cast("dict[str, Any]", found)

    def _full(self, path: str) -> str:
        return f"{self._at}.{path}" if self._at and path else self._at or path

    def _fail(self, path: str, what: str) -> NoReturn:
        full = self._full(path)
        fail(f"Prop {full!r} {what}" if full else f"The page {what}", self._page)


Scope = Callable[[PropAssertions], Any]
"""A function that receives the assertions of one prop. Its return value is ignored."""
