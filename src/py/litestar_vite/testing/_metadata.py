"""Assertions about page metadata: deferred groups, merging, once, scroll, shared props and history flags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NoReturn, Self, cast

from litestar_vite.testing._report import fail, shorten
from litestar_vite.testing._values import is_expected, show_expected

__tracebackhide__ = True

_MERGE_KEYS = {"append": "mergeProps", "prepend": "prependProps", "deep": "deepMergeProps"}
# A sentinel, because None is a value in scroll metadata: the page does not exist.
_ANY: Any = object()


class MetadataAssertions:
    """Assertions about the optional keys of a page object. A base class of `InertiaPage`."""

    _page: Mapping[str, Any]

    # Deferred props ------------------------------------------------------------------------------------------------

    @property
    def deferred_groups(self) -> dict[str, list[str]]:
        """The paths of the deferred props by group."""
        return dict(self._page.get("deferredProps") or {})

    def has_deferred(self, *paths: str, group: str | None = None) -> Self:
        """Assert that props are deferred.

        Args:
            paths: The props' paths. Without paths, assert that any prop is deferred.
            group: The expected group; None for any group.
        """
        groups = self.deferred_groups
        if group is not None and group not in groups:
            self._reject(f"No deferred group {group!r}; the groups are {shorten(groups)}.")
        announced = groups[group] if group is not None else [path for each in groups.values() for path in each]
        if not paths and not announced:
            self._reject("No prop is deferred.")
        for path in paths:
            if path not in announced:
                where = f" in group {group!r}" if group is not None else ""
                self._reject(f"Prop {path!r} is not deferred{where}; deferred are {shorten(groups)}.")
        return self

    def missing_deferred(self, *paths: str) -> Self:
        """Assert that these props are not deferred. Without paths, assert that no prop is."""
        groups = self.deferred_groups
        announced = [path for each in groups.values() for path in each]
        if wrong := [path for path in announced if not paths or path in paths]:
            self._reject(f"Props should not be deferred: {', '.join(map(repr, wrong))}.")
        return self

    def has_rescued(self, *paths: str) -> Self:
        """Assert that deferred props failed and were omitted."""
        return self._assert_listed("rescuedProps", paths, "was not rescued")

    def missing_rescued(self) -> Self:
        """Assert that no deferred prop failed."""
        if rescued := self._page.get("rescuedProps"):
            self._reject(f"Deferred props failed and were rescued: {', '.join(map(repr, rescued))}. See the log.")
        return self

    # Merging -------------------------------------------------------------------------------------------------------

    def has_merge(
        self, path: str, mode: Literal["append", "prepend", "deep"] = "append", *, match_on: str | None = None
    ) -> Self:
        """Assert that the client merges a prop.

        Args:
            path: The merged path, such as `users` or `users.data`.
            mode: Append, prepend, or merge deeply.
            match_on: The key that identifies items, relative to the path.
        """
        self._assert_listed(_MERGE_KEYS[mode], (path,), f"is not merged ({mode})")
        if match_on is not None:
            self._assert_listed("matchPropsOn", (f"{path}.{match_on}",), "is not matched on")
        return self

    def missing_merge(self, *paths: str) -> Self:
        """Assert that the client replaces these props instead of merging. Without paths, assert this for all props."""
        for key in _MERGE_KEYS.values():
            listed: list[str] = self._page.get(key) or []
            if wrong := [
                path for path in listed if not paths or any(f"{path}.".startswith(f"{one}.") for one in paths)
            ]:
                self._reject(f"Props should not be merged ({key}): {', '.join(map(repr, wrong))}.")
        return self

    def has_scroll(
        self,
        path: str,
        *,
        page_name: str | None = None,
        current: Any = _ANY,
        previous: Any = _ANY,
        next: Any = _ANY,  # noqa: A002 - Inertia's term
        reset: bool | None = None,
    ) -> Self:
        """Assert the position of a scroll prop. Omitted arguments are not checked.

        Args:
            path: The prop's path.
            page_name: The query parameter for the page.
            current: The current page.
            previous: The previous page; None for the first page.
            next: The next page; None for the last page.
            reset: True if the client discards its loaded pages.
        """
        scrolls: dict[str, Any] = self._page.get("scrollProps") or {}
        if path not in scrolls:
            self._reject(f"Prop {path!r} is not a scroll prop; scroll props are: {', '.join(scrolls) or 'none'}.")
        expected_values = {
            "pageName": _ANY if page_name is None else page_name,
            "currentPage": current,
            "previousPage": previous,
            "nextPage": next,
            "reset": _ANY if reset is None else reset,
        }
        for key, expected in expected_values.items():
            found = scrolls[path].get(key)
            if expected is not _ANY and not is_expected(found, expected):
                self._reject(
                    f"The {key} of scroll prop {path!r} is {shorten(found)}; expected {show_expected(expected)}."
                )
        return self

    # Once ----------------------------------------------------------------------------------------------------------

    def has_once(self, path: str, *, key: str | None = None, expires_at: Any = _ANY) -> Self:
        """Assert that a prop is a once prop, which the client keeps across visits.

        Args:
            path: The prop's path.
            key: The key that pages share the prop by; defaults to the path.
            expires_at: Milliseconds since the epoch, None for "never", or a predicate. Not checked by default.
        """
        once: dict[str, Any] = self._page.get("onceProps") or {}
        name = key or path
        if name not in once:
            self._reject(f"{name!r} is not a once prop; once props are: {', '.join(once) or 'none'}.")
        if once[name]["prop"] != path:
            self._reject(f"Once prop {name!r} has the path {once[name]['prop']!r}; expected {path!r}.")
        found = once[name].get("expiresAt")
        if expires_at is not _ANY and not is_expected(found, expires_at):
            self._reject(f"Once prop {name!r} expires at {shorten(found)}; expected {show_expected(expires_at)}.")
        return self

    def missing_once(self, *keys: str) -> Self:
        """Assert that none of these keys or paths is a once prop. Without keys, assert that no prop is."""
        once: dict[str, Any] = self._page.get("onceProps") or {}
        if wrong := [key for key in once if not keys or key in keys or once[key]["prop"] in keys]:
            self._reject(f"Props should not be once props: {', '.join(map(repr, wrong))}.")
        return self

    # Live ----------------------------------------------------------------------------------------------------------

    @property
    def live_props(self) -> dict[str, dict[str, Any]]:
        """The live props by path, each with its listeners and perhaps a throttle."""
        return dict(self._page.get("liveProps") or {})

    def has_live(self, path: str, *channels: str, event: str | None = None) -> Self:
        """Assert that a prop follows the events of channels.

        Args:
            path: The prop's path.
            channels: The channels that it must listen to; without any, all channels are accepted.
            event: An event that it must follow on each of these channels; None for any event.
        """
        live = self.live_props
        if path not in live:
            self._reject(f"Prop {path!r} is not live; live props are: {', '.join(live) or 'none'}.")
        followed = {each["channel"]["name"]: list(each["events"]) for each in live[path]["listeners"]}
        for channel in channels or followed:
            if channel not in followed or (event is not None and event not in followed[channel]):
                what = f"{event!r} on {channel!r}" if event is not None else repr(channel)
                self._reject(f"Live prop {path!r} does not follow {what}; it follows {shorten(followed)}.")
        return self

    def missing_live(self, *paths: str) -> Self:
        """Assert that these props are not live. Without paths, assert that no prop is."""
        if wrong := [path for path in self.live_props if not paths or path in paths]:
            self._reject(f"Props should not be live: {', '.join(map(repr, wrong))}.")
        return self

    # The whole page ------------------------------------------------------------------------------------------------

    def has_shared(self, *names: str) -> Self:
        """Assert that top-level props are shared."""
        return self._assert_listed("sharedProps", names, "is not shared")

    def missing_shared(self, *names: str) -> Self:
        """Assert that top-level props are not shared."""
        shared: list[str] = self._page.get("sharedProps") or []
        if wrong := [name for name in names if name in shared]:
            self._reject(f"Props should not be shared: {', '.join(map(repr, wrong))}.")
        return self

    def encrypts_history(self, expected: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Assert that the page sets `encryptHistory`, or that it does not."""
        return self._assert_flag("encryptHistory", expected)

    def clears_history(self, expected: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Assert that the page sets `clearHistory`, or that it does not."""
        return self._assert_flag("clearHistory", expected)

    def preserves_fragment(self, expected: bool = True) -> Self:  # noqa: FBT001, FBT002
        """Assert that the page sets `preserveFragment`, or that it does not."""
        return self._assert_flag("preserveFragment", expected)

    # ----------------------------------------------------------------------------------------------------------------

    def _assert_flag(self, key: str, expected: bool) -> Self:  # noqa: FBT001
        if bool(self._page.get(key)) is not expected:
            self._reject(f"The page should {'' if expected else 'not '}set {key}.")
        return self

    def _assert_listed(self, key: str, paths: tuple[str, ...], problem: str) -> Self:
        listed = cast("list[str]", self._page.get(key) or [])
        for path in paths:
            if path not in listed:
                self._reject(f"Prop {path!r} {problem}; {key} is {shorten(listed)}.")
        return self

    def _reject(self, message: str) -> NoReturn:
        fail(message, self._page)
