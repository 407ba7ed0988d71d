"""A second implementation of the protocol, slow and simple, to compare the planner with. It shares no code with
`inertia/_protocol`.

A `Spec` describes a prop, a dict is a dict of props, and any other value is a plain prop. Every path of the page is
decided separately, by prefixes of tuples, with no trees and no order of evaluation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str, ...]


@dataclass
class Spec:
    """A prop of the reference."""

    value: Any
    presence: str = "normal"
    group: str = "default"
    merge: list[tuple[str, str | None, tuple[str, ...]]] = field(default_factory=list)
    """(page key, path inside, fields to match)"""
    once: list[tuple[str | None, bool]] = field(default_factory=list)
    """(key, fresh)"""


@dataclass
class Asked:
    """A visit of the reference."""

    is_inertia: bool
    is_partial: bool
    only: list[Path]
    except_: list[Path]
    reset: list[str]
    known: list[str]


def below(path: Path, others: list[Path]) -> bool:
    return any(path[: len(other)] == other for other in others)


def above(path: Path, others: list[Path]) -> bool:
    return any(other[: len(path)] == path for other in others)


def selects(path: Path, asked: Asked) -> bool:
    """Return whether a partial reload selects a path, or something below it."""
    if below(path, asked.except_):
        return False
    return not asked.only or below(path, asked.only) or above(path, asked.only)


def props_of(bag: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, Spec]]:
    for key, value in bag.items():
        if isinstance(value, Spec):
            yield (*path, key), value
        elif isinstance(value, dict) and value:
            yield from props_of(value, (*path, key))
        else:
            yield (*path, key), Spec(value)


def is_withheld(path: Path, spec: Spec, asked: Asked) -> bool:
    if not asked.is_inertia or asked.is_partial:
        return False
    return any(not fresh and (key or ".".join(path)) in asked.known for key, fresh in spec.once)


def is_sent(path: Path, spec: Spec, asked: Asked) -> bool:
    if is_withheld(path, spec, asked):
        return False
    if spec.presence == "always":
        return True
    if asked.is_partial:
        return selects(path, asked)
    return spec.presence == "normal"


def sent(bag: dict[str, Any], asked: Asked) -> dict[Path, Any]:
    """Return the values of the page by path, only the selected parts of a prop if a visit selects parts."""
    return {
        leaf: value
        for path, spec in props_of(bag)
        if is_sent(path, spec, asked)
        for leaf, value in leaves(spec.value, path)
        if spec.presence == "always" or not asked.is_partial or selects(leaf, asked)
    }


def leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*path, str(key)))
    else:
        yield path, value


def metadata(bag: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """Return the page keys, with sets instead of lists, since their order is meaningless."""
    keys: dict[str, Any] = {
        "deferredProps": set(),
        "mergeProps": set(),
        "prependProps": set(),
        "deepMergeProps": set(),
        "matchPropsOn": set(),
        "onceProps": {},
    }
    for path, spec in props_of(bag):
        name, withheld, is_in = ".".join(path), is_withheld(path, spec, asked), is_sent(path, spec, asked)
        announced = spec.presence == "deferred" and not asked.is_partial and not withheld
        if announced:
            keys["deferredProps"].add((spec.group, name))
        if (is_in or announced) and name not in asked.reset:
            for key, inner, match in spec.merge:
                target = f"{name}.{inner}" if inner else name
                keys[key].add(target)
                keys["matchPropsOn"] |= {f"{target}.{one}" for one in match}
        for key, fresh in spec.once:
            holds_back = withheld and not fresh and (key or name) in asked.known
            if is_in or announced or holds_back:
                keys["onceProps"][key or name] = name
    return {key: value for key, value in keys.items() if value}
