"""Decides whether a rendered page may be cached, and under which key.

How it works:
1. A page for a single visitor is never cached, unless the policy is private.
2. The key of a page is a hash of its bytes. It needs no rule about visitors, since other props have another key.
3. With `CachePolicy(by="url")`, requests without personal data share a page: without cookies (except those that a
   page cannot show), session, user and Authorization. Other requests get the page of their props, by its bytes.
4. The generations of the page's tags are part of both keys (`_ssr/tags.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from hashlib import sha256
from string import Formatter
from typing import Any, Final

from litestar_vite._ssr.cache import RenderCache
from litestar_vite.config._ssr import CachePolicy
from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._page.context import InertiaContext
from litestar_vite.inertia._page.recipe import Recipe

TAGS_KEY: Final = "litestar_vite.tags"
"""The scope's key for the tags that the handler added to its page."""
CLOCK_KEY: Final = "litestar_vite.tag_clock"
"""The scope's key for `Tags.clock` before the handler read any data."""
PRERENDER_KEY: Final = "litestar_vite.prerender"
"""The scope's key of a request that makes a file, for a dict that takes the render's `outcome`, and `is_private`."""
_SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
_COOKIE: Final = b"cookie"


def may_keep(policy: CachePolicy, scope: Any, headers: Mapping[bytes, bytes], *, is_private: bool) -> bool:
    """Return whether a rendered page may be cached: not if the server knows the visitor, unless the policy is
    private.
    """
    if policy.private:
        return True
    return not (is_private or scope.get("session") or scope.get("user") or b"authorization" in headers)


def check_tags(opt: Mapping[str, Any], path: str, parameters: Iterable[str]) -> None:
    """Validate the tags of a route.

    Raises:
        ConfigError: A tag names a path parameter that the route does not have.
    """
    policy = opt.get("ssr_cache")
    known = set(parameters)
    for tag in policy.tags if isinstance(policy, CachePolicy) else ():
        wanted = {name for _, name, _, _ in Formatter().parse(tag) if name is not None}
        if not wanted <= known:
            named = ", ".join(map(repr, sorted(known))) or "none"
            raise ConfigError(
                f"The tag {tag!r} of the cached page {path!r} names a path parameter that is missing (it has {named})."
            )


def note_clock(recipe: Recipe, scope: Any) -> None:
    """Remember which invalidations the data of a request can contain; called before its handler runs."""
    cache = recipe.context.rendering.cache
    if cache is not None:
        scope[CLOCK_KEY] = cache.tags.clock


async def find_key(
    recipe: Recipe, component: str, page_json: bytes, scope: Any, cache: RenderCache
) -> tuple[bytes, Sequence[str]]:
    """Return the key and the tags of a page that may be cached."""
    policy = recipe.cache_policy
    assert policy is not None  # noqa: S101 - The page may be cached.
    names = tags_of(policy, scope)
    generations = await cache.tags.generations(names) if names else b""
    context = recipe.context
    if policy.by == "url" and context.make_version is None and _is_anonymous(recipe, scope):
        return sha256(_url_of(context, component, policy, scope) + generations).digest(), names
    return cache.key(page_json + generations), names


def may_be_outdated(names: Sequence[str], scope: Any, cache: RenderCache) -> bool:
    """Return whether a page may show data from before an invalidation, so that it must not be kept."""
    return bool(names) and cache.tags.have_changed(names, scope.get(CLOCK_KEY))


def tags_of(policy: CachePolicy, scope: Any) -> Sequence[str]:
    """Return the tags of a request's page: those of the policy and those that the handler added."""
    if not policy.has_templates and TAGS_KEY not in scope:
        return policy.tags
    named = [tag.format_map(scope["path_params"]) for tag in policy.tags]
    return tuple(dict.fromkeys((*named, *scope.get(TAGS_KEY, ()))))


def _url_of(context: InertiaContext, component: str, policy: CachePolicy, scope: Any) -> bytes:
    """Return everything on which a page cached by its URL depends. No part can contain a NUL."""
    asked = _header_names(policy.vary)
    return b"\0".join(
        (
            component.encode(),
            context.version_bytes,
            scope["scheme"].encode(),
            scope.get("root_path", "").encode(),
            scope.get("raw_path") or scope["path"].encode(),
            scope["query_string"],
            *sorted([name + b":" + value for name, value in scope["headers"] if name in asked]),
            b"",
        )
    )


@lru_cache(maxsize=64)
def _header_names(vary: Sequence[str]) -> frozenset[bytes]:
    return frozenset([b"host", *(name.lower().encode("latin-1") for name in vary)])


def _is_anonymous(recipe: Recipe, scope: Any) -> bool:
    # A file shows current props.
    if scope["method"] not in _SAFE_METHODS or PRERENDER_KEY in scope:
        return False
    # HTTP/2 may send several Cookie headers.
    sent = b";".join([value for name, value in scope["headers"] if name == _COOKIE])
    if not sent:
        return True
    names = [part.partition(b"=")[0].strip().decode("latin-1") for part in sent.split(b";")]
    return all(any(fnmatchcase(name, pattern) for pattern in recipe.impersonal_cookies) for name in names if name)
