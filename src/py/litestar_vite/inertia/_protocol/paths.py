"""Selects the parts of a page for a partial reload: one matcher for `only` and `except`, in both directions.

How it works:
1. Each list of dotted paths becomes a tree: `["user.name", "tags"]` → `{"user": {"name": ALL}, "tags": ALL}`.
2. A Selection is a place in both trees. Stepping into a key gives the Selection of the child, or None when it is not
   wanted.
3. Rules: an ancestor in `only` selects its whole subtree; a descendant in `only` selects the way to it; `except` wins
over `only`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, Union, cast

from msgspec import Struct

_Tree = dict[str, Union["_Tree", None]]
"""A path tree. The value None marks the end of a path and selects everything below it."""


class Selection(Struct, frozen=True, gc=False):
    """The wanted parts at one place of the page.

    Attributes:
        only: The paths wanted below this place; None for everything.
        except_: The paths excluded below this place; None for none.
    """

    only: _Tree | None = None
    except_: _Tree | None = None

    @property
    def is_whole(self) -> bool:
        """True if nothing below this place is left out."""
        return self.only is None and self.except_ is None

    def step(self, key: str) -> Selection | None:
        """Return the selection for the child `key`; None if the child is left out."""
        only, except_ = self.only, self.except_
        if only is not None:
            if key not in only:
                return None
            only = only[key]
        if except_ is not None:
            if key in except_:
                except_ = except_[key]
                if except_ is None:
                    return None
            else:
                except_ = None
        if only is None and except_ is None:
            return EVERYTHING
        return Selection(only, except_)


EVERYTHING: Final = Selection()

# 64 segments: no page nests deeper, and a hostile path must not control the recursion.
_MAX_SEGMENTS: Final = 64


def select(only: Iterable[str], except_: Iterable[str]) -> Selection:
    """Build the Selection of a whole page from the two header lists; an empty list means no restriction.

    A path that cannot match ("." or one of a hundred segments) selects nothing, like any unknown name.
    """
    return _select(tuple(only), tuple(except_))


# 64 selections: enough for the partial reloads of an app's pages. The limits on headers bound their size.
@lru_cache(maxsize=64)
def _select(only: tuple[str, ...], except_: tuple[str, ...]) -> Selection:
    only_tree, except_tree = _tree(only), _tree(except_)
    if not only and not except_tree:
        return EVERYTHING
    return Selection(only_tree if only else None, except_tree or None)


def prune(value: Any, wanted: Selection) -> Any:
    """Return `value` (JSON-like: dicts, lists and scalars) with only the wanted parts.

    List items are addressed by index ("items.0.name"); unwanted items are dropped. Containers on the way are rebuilt,
    everything below a wholly wanted place is returned as it is."""
    if wanted.is_whole:
        return value
    if isinstance(value, Mapping):
        mapping = cast("Mapping[str, Any]", value)
        return {k: prune(v, s) for k, v in mapping.items() if (s := wanted.step(str(k))) is not None}
    if isinstance(value, (list, tuple)):
        return [prune(v, s) for i, v in enumerate(value) if (s := wanted.step(str(i))) is not None]
    return value


def _tree(paths: Iterable[str]) -> _Tree:
    root: _Tree = {}
    for path in paths:
        parts = [part for part in path.split(".") if part]
        if not parts or len(parts) > _MAX_SEGMENTS:
            continue
        node = root
        for part in parts[:-1]:
            child = node.setdefault(part, {})
            if child is None:  # An ancestor is also listed and covers this path.
                break
            node = child
        else:
            node[parts[-1]] = None
    return root
