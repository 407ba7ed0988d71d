"""Prop types: when a value in the props is sent, and how the client merges it.

How it works:
1. A `Prop` wraps one value (or the callable that makes it) with a `Presence`, which says when it is sent, and any
   number of labels.
2. A label is one independent behaviour (merge, once, …). It may withhold the prop from a visit, and it writes its own
   page metadata. New behaviours are new labels, and need no changes elsewhere.
3. Prop types compose by wrapping: `merge(defer(fn))` is the deferred prop with one more label.

Prop types are only valid in mappings. The JSON encoder sends one inside a list as its plain value.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Generic, Literal, Self, TypeVar, get_args

from msgspec import Struct
from typing_extensions import override

from litestar_vite.inertia._protocol.durations import Durations
from litestar_vite.inertia._protocol.visit import Visit

T = TypeVar("T")

Metadata = dict[str, Any]
"""Page keys other than component, props, url and version, as they are sent (`mergeProps`, `onceProps`, …)."""


class Presence(Enum):
    """When a prop is sent (protocol, table F)."""

    NORMAL = "normal"
    """On full visits, and on partial reloads that select it."""
    OPTIONAL = "optional"
    """Only on partial reloads that select it; never announced."""
    ALWAYS = "always"
    """On every visit, also when a partial reload excludes it."""
    DEFERRED = "deferred"
    """Announced on full visits, then fetched by a partial reload."""


class Situation(Struct, frozen=True, gc=False):
    """The visit as prop types see it."""

    visit: Visit
    is_partial: bool
    now_ms: int
    """Milliseconds since the epoch, for expiry metadata."""
    once_scope: Callable[[], str] | None = None
    """Returns the owner of these once-props, as part of their keys; None if they are not tied to a user."""
    forgets_once: bool = False
    """The client must drop its once-props, since the visitor may have changed."""
    durations: Durations | None = None
    """The times of the route's deferred props; None to fetch all of them afterwards."""
    channel_type: Callable[[str], str] | None = None
    """Returns the type of a live prop's channel, "public" or "private"; None if live props are off."""
    sends_deferred: bool = False
    """Deferred props are sent with the page, since it has no scripts that would fetch them."""

    def limit_of(self, prop: Prop[Any]) -> float | None:
        """Return the milliseconds within which a deferred prop is sent with the page; None if time does not matter."""
        if prop.presence is not Presence.DEFERRED or self.durations is None:
            return None
        return self.durations.limit_ms if prop.inline_within_ms is None else prop.inline_within_ms


class Label(Struct, frozen=True):
    """One composable behaviour of a prop."""

    def withholds(self, path: str, situation: Situation) -> bool:  # noqa: ARG002 - for labels that do
        """Return whether the client does not need the value on this visit."""
        return False

    def describe(self, path: str, situation: Situation, metadata: Metadata) -> None:
        """Write this label's page metadata for the prop at `path`; none by default."""

    def describe_withheld(self, path: str, situation: Situation, metadata: Metadata) -> None:
        """Write the metadata of a prop that is withheld: by default only that of the label that withholds it, which
        lets the client carry its value over to this page.
        """
        if self.withholds(path, situation):
            self.describe(path, situation, metadata)

    # Other labels read all of the arguments.
    def settle(self, path: str, situation: Situation, metadata: Metadata, value: Any) -> Any:  # noqa: ARG002
        """Return the value to send for the callable's result; the place for metadata that depends on the
        value.
        """
        return value


MergeMode = Literal["append", "prepend", "deep"]

_MERGE_KEYS: Final[dict[MergeMode, str]] = {"append": "mergeProps", "prepend": "prependProps", "deep": "deepMergeProps"}


class Merge(Label, frozen=True):
    """The client merges the new value into the one it has.

    Attributes:
        mode: Append to or prepend before the old list, or merge deeply.
        path: The dotted path inside the prop that is merged; None for the prop itself.
        match_on: Keys, relative to the merged list or dotted from the prop, by which equal items are replaced.
    """

    mode: MergeMode = "append"
    path: str | None = None
    match_on: tuple[str, ...] = ()

    @override
    def describe(self, path: str, situation: Situation, metadata: Metadata) -> None:
        if path in situation.visit.reset:  # Protocol E40: a reset prop is sent afresh, without its merge labels.
            return
        target = f"{path}.{self.path}" if self.path else path
        metadata.setdefault(_MERGE_KEYS[self.mode], []).append(target)
        if self.match_on:
            metadata.setdefault("matchPropsOn", []).extend(f"{target}.{key}" for key in self.match_on)


class Once(Label, frozen=True):
    """The client keeps the value over later visits and reports it; the value is then not computed again.

    Attributes:
        key: The name under which the client stores it; None for the prop's path. Pages that use one key share one
            value.
        seconds: How long the client may keep it; None for unlimited.
        expires_at_ms: A fixed end in milliseconds since the epoch, instead of `seconds`.
        fresh: Send it even if the client has it.
    """

    key: str | None = None
    seconds: float | None = None
    expires_at_ms: int | None = None
    fresh: bool = False

    @override
    def withholds(self, path: str, situation: Situation) -> bool:
        # Protocol E45: honoured on full Inertia visits only. A browser's first visit has no values, and a
        # partial reload requests the prop explicitly.
        visit = situation.visit
        if self.fresh or situation.is_partial or not visit.is_inertia:
            return False
        if situation.forgets_once or not visit.known_once:
            return False
        return self._key(path, situation) in visit.known_once

    @override
    def describe(self, path: str, situation: Situation, metadata: Metadata) -> None:
        # Client 3.7.1 fills a deferred prop with the value that it has under the same key: the next page names it.
        if situation.forgets_once:
            return
        expires_at = self.expires_at_ms
        if expires_at is None and self.seconds is not None:
            expires_at = situation.now_ms + round(self.seconds * 1000)
        metadata.setdefault("onceProps", {})[self._key(path, situation)] = {"prop": path, "expiresAt": expires_at}

    def _key(self, path: str, situation: Situation) -> str:
        key = self.key or path
        return key if situation.once_scope is None else f"{key}@{situation.once_scope()}"


class Prop(Generic[T]):
    """One prop value of type T with its behaviour. Immutable; build it with the helpers of `litestar_vite.inertia`.

    A plain class instead of a Struct or dataclass, since msgspec would encode those by their fields inside a list.

    Attributes:
        value: The value, or a callable that returns it (or an awaitable of it).
        args: Positional arguments for the callable.
        presence: When the prop is sent.
        group: Deferred props of one group are fetched in one request.
        rescue: A deferred prop that raises is left out and reported, instead of failing the request.
        concurrent: The prop may run at the same time as other concurrent props.
        sync_to_thread: Run a sync callable in a worker thread.
        labels: Further behaviours.
        inline_within_ms: Send a deferred prop with the page if it takes at most this time; None for the app's setting.
    """

    __slots__ = (
        "args",
        "concurrent",
        "group",
        "inline_within_ms",
        "labels",
        "presence",
        "rescue",
        "sync_to_thread",
        "value",
    )

    def __init__(  # noqa: PLR0913 - a prop's settings
        self,
        value: Any,
        *,
        args: tuple[Any, ...] = (),
        presence: Presence = Presence.NORMAL,
        group: str = "default",
        rescue: bool = False,
        concurrent: bool = False,
        sync_to_thread: bool = False,
        labels: tuple[Label, ...] = (),
        inline_within_ms: float | None = None,
    ) -> None:
        self.value = value
        self.args = args
        self.presence = presence
        self.group = group
        self.rescue = rescue
        self.concurrent = concurrent
        self.sync_to_thread = sync_to_thread
        self.labels = labels
        self.inline_within_ms = inline_within_ms

    def with_label(self, label: Label) -> Self:
        """Return this prop with one more label."""
        return self.replace(labels=(*self.labels, label))

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values in the named slots."""
        return type(self)(**{**self.fields(), **changes})

    def fields(self) -> dict[str, Any]:
        """Return the arguments of `__init__` by name."""
        return {name: getattr(self, name) for name in Prop.__slots__}

    @property
    def is_callable(self) -> bool:
        return callable(self.value)

    def call(self) -> Any:
        """Return the value. A callable may return an awaitable or another Prop."""
        return self.value(*self.args) if callable(self.value) else self.value

    def is_withheld(self, path: str, situation: Situation) -> bool:
        # Most props have no labels, and a generator costs more than this test.
        return bool(self.labels) and any(label.withholds(path, situation) for label in self.labels)

    def describe(self, path: str, situation: Situation, metadata: Metadata) -> None:
        """Write the metadata of all labels."""
        for label in self.labels:
            label.describe(path, situation, metadata)

    def announce(self, path: str, situation: Situation, metadata: Metadata) -> None:
        """Write the metadata of a deferred prop that the client has to fetch.

        Not for a withheld prop: a value that the client still has need not be fetched (protocol E45).
        """
        self.describe(path, situation, metadata)
        metadata.setdefault("deferredProps", {}).setdefault(self.group, []).append(path)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Callable[[Any], Any]) -> dict[str, Any]:
        """Let a field of a pydantic model be `Prop[Stats]`: it holds a prop type, and its JSON schema is that of
        Stats.
        """
        of = handler(get_args(source)[0]) if get_args(source) else {"type": "any"}
        return {"type": "json-or-python", "json_schema": of, "python_schema": {"type": "is-instance", "cls": Prop}}

    def __repr__(self) -> str:
        name = getattr(self.value, "__qualname__", None) or type(self.value).__name__
        labels = ", ".join(type(label).__name__.lower() for label in self.labels)
        return f"<{type(self).__name__} {self.presence.value} {name}{f' [{labels}]' if labels else ''}>"


def prop_of(value: Any) -> Prop[Any]:
    """Return the prop, or a plain Prop around any other value."""
    return value if isinstance(value, Prop) else Prop(value)
