"""Assertions about what a page says beside its props: deferred groups, merging, once, scroll, shared names, history
marks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NoReturn, Self, cast

from litestar_vite.testing.report import fail, shorten
from litestar_vite.testing.values import is_expected, show_expected

__all__ = ("MetadataAssertions",)

__tracebackhide__ = True

_MERGE_KEYS = {"append": "mergeProps", "prepend": "prependProps", "deep": "deepMergeProps"}
# None means something in scroll metadata: there is no such page.
_ANY: Any = object()


class MetadataAssertions:
    """Assertions about the optional page keys; a base of `InertiaPage`."""

    _page: Mapping[str, Any]

    # Deferred props ------------------------------------------------------------------------------------------------

    @property
    def deferred_groups(self) -> dict[str, list[str]]:
        """The paths of the props that the client fetches next, by group."""
        return dict(self._page.get("deferredProps") or {})

    def has_deferred(self, *paths: str, group: str | None = None) -> Self:
        """Assert that props are announced for later.

        Args:
            paths: Their paths; without any, that there are deferred props at all.
            group: The group they are in; any when None.
        """
        groups = self.deferred_groups
        if group is not None and group not in groups:
            self._reject(f"There is no deferred group {group!r}; the groups are {shorten(groups)}.")
        announced = groups[group] if group is not None else [path for each in groups.values() for path in each]
        if not paths and not announced:
            self._reject("No prop is deferred.")
        for path in paths:
            if path not in announced:
                where = f" in group {group!r}" if group is not None else ""
                self._reject(f"Prop {path!r} is not deferred{where}; deferred are {shorten(groups)}.")
        return self

    def missing_deferred(self, *paths: str) -> Self:
        """Assert that these props are not announced for later; without any, that nothing is."""
        groups = self.deferred_groups
        announced = [path for each in groups.values() for path in each]
        if wrong := [path for path in announced if not paths or path in paths]:
            self._reject(f"Deferred, and should not be: {', '.join(map(repr, wrong))}.")
        return self

    def has_rescued(self, *paths: str) -> Self:
        """Assert that deferred props failed and were left out."""
        return self._lists("rescuedProps", paths, "was not rescued")

    def missing_rescued(self) -> Self:
        """Assert that no deferred prop failed."""
        if rescued := self._page.get("rescuedProps"):
            self._reject(
                f"Rescued, which means that their callables failed: {', '.join(map(repr, rescued))}. The log has the errors."
            )
        return self

    # Merging -------------------------------------------------------------------------------------------------------

    def has_merge(
        self, path: str, mode: Literal["append", "prepend", "deep"] = "append", *, match_on: str | None = None
    ) -> Self:
        """Assert that the client merges a prop.

        Args:
            path: The path that is merged, `users` or `users.data`.
            mode: How: at the end, at the start, or at every depth.
            match_on: The key by which items replace equal ones, relative to the path.
        """
        self._lists(_MERGE_KEYS[mode], (path,), f"is not merged ({mode})")
        if match_on is not None:
            self._lists("matchPropsOn", (f"{path}.{match_on}",), "is not matched on")
        return self

    def missing_merge(self, *paths: str) -> Self:
        """Assert that the client replaces these props, and merges nothing into them; without any, that it merges
        nothing.
        """
        for key in _MERGE_KEYS.values():
            listed: list[str] = self._page.get(key) or []
            if wrong := [
                path for path in listed if not paths or any(f"{path}.".startswith(f"{one}.") for one in paths)
            ]:
                self._reject(f"Merged ({key}), and should not be: {', '.join(map(repr, wrong))}.")
        return self

    def has_scroll(
        self,
        path: str,
        *,
        page_name: str | None = None,
        current: Any = _ANY,
        previous: Any = _ANY,
        next: Any = _ANY,  # noqa: A002 - the client's own word
        reset: bool | None = None,
    ) -> Self:
        """Assert the position of a scroll prop; what is not given is not looked at.

        Args:
            path: Path of the prop.
            page_name: The query parameter of its pages.
            current: The page it holds.
            previous: The page before, None when there is none.
            next: The page after, None when there is none.
            reset: Whether the client starts afresh.
        """
        scrolls: dict[str, Any] = self._page.get("scrollProps") or {}
        if path not in scrolls:
            self._reject(f"Prop {path!r} does not scroll; scroll props are: {', '.join(scrolls) or 'none'}.")
        wanted = {
            "pageName": _ANY if page_name is None else page_name,
            "currentPage": current,
            "previousPage": previous,
            "nextPage": next,
            "reset": _ANY if reset is None else reset,
        }
        for key, expected in wanted.items():
            found = scrolls[path].get(key)
            if expected is not _ANY and not is_expected(found, expected):
                self._reject(
                    f"The {key} of scroll prop {path!r} is {shorten(found)}; expected {show_expected(expected)}."
                )
        return self

    # Once ----------------------------------------------------------------------------------------------------------

    def has_once(self, path: str, *, key: str | None = None, expires_at: Any = _ANY) -> Self:
        """Assert that the client keeps a prop over later visits.

        Args:
            path: Path of the prop.
            key: The name under which pages share it; its path when None.
            expires_at: Milliseconds since the epoch, None for "never", or a predicate. Not looked at by default.
        """
        once: dict[str, Any] = self._page.get("onceProps") or {}
        name = key or path
        if name not in once:
            self._reject(f"The client does not keep {name!r}; once-props are: {', '.join(once) or 'none'}.")
        if once[name]["prop"] != path:
            self._reject(f"The client keeps {name!r} as prop {once[name]['prop']!r}; expected {path!r}.")
        found = once[name].get("expiresAt")
        if expires_at is not _ANY and not is_expected(found, expires_at):
            self._reject(f"The client keeps {name!r} until {shorten(found)}; expected {show_expected(expires_at)}.")
        return self

    def missing_once(self, *keys: str) -> Self:
        """Assert that the client keeps none of these, by key or by path of the prop; without any, nothing."""
        once: dict[str, Any] = self._page.get("onceProps") or {}
        if wrong := [key for key in once if not keys or key in keys or once[key]["prop"] in keys]:
            self._reject(f"The client keeps, and should not: {', '.join(map(repr, wrong))}.")
        return self

    # The whole page ------------------------------------------------------------------------------------------------

    def has_shared(self, *names: str) -> Self:
        """Assert that top-level props came from sharing."""
        return self._lists("sharedProps", names, "is not shared")

    def missing_shared(self, *names: str) -> Self:
        """Assert that top-level props did not come from sharing."""
        shared: list[str] = self._page.get("sharedProps") or []
        if wrong := [name for name in names if name in shared]:
            self._reject(f"Shared, and should not be: {', '.join(map(repr, wrong))}.")
        return self

    def encrypts_history(self, expected: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Assert that the browser keeps the page encrypted in its history, or that it does not."""
        return self._marked("encryptHistory", expected)

    def clears_history(self, expected: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Assert that the browser drops what it keeps encrypted, or that it does not."""
        return self._marked("clearHistory", expected)

    def preserves_fragment(self, expected: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Assert that the browser keeps the fragment of its visit, or that it does not."""
        return self._marked("preserveFragment", expected)

    # ----------------------------------------------------------------------------------------------------------------

    def _marked(self, key: str, expected: bool) -> Self:  # noqa: FBT001
        if bool(self._page.get(key)) is not expected:
            self._reject(
                f"The page has{' no' if expected else ''} {key}, and should{'' if expected else ' not'} have it."
            )
        return self

    def _lists(self, key: str, paths: tuple[str, ...], problem: str) -> Self:
        listed = cast("list[str]", self._page.get(key) or [])
        for path in paths:
            if path not in listed:
                self._reject(f"Prop {path!r} {problem}; {key} is {shorten(listed)}.")
        return self

    def _reject(self, message: str) -> NoReturn:
        fail(message, self._page)
