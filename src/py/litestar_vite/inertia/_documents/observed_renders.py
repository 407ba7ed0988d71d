"""Renders pages of an app with listeners, and records the outcome in the request's Observation."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from litestar_vite._ssr.cache import CachedPage
from litestar_vite._ssr.outcome import Failed, Outcome, Rendered
from litestar_vite.exceptions import SSRError
from litestar_vite.inertia._documents.rendering import render
from litestar_vite.inertia._page.observation import current
from litestar_vite.inertia._page.recipe import Recipe


async def render_observed(
    recipe: Recipe,
    component: str,
    page_json: bytes,
    scope: Any,
    headers: Mapping[bytes, bytes],
    *,
    is_private: bool,
    is_needed: bool = False,
) -> Outcome | CachedPage | None:
    """Render a page as `rendering.render` does, and record its outcome and time."""
    observation = current.get()
    if observation is None:
        return await render(recipe, component, page_json, scope, headers, is_private=is_private, is_needed=is_needed)
    span = observation.tracing.opened(observation) if observation.tracing is not None else nullcontext()
    started = time.perf_counter()
    try:
        with span:
            outcome = await render(
                recipe, component, page_json, scope, headers, is_private=is_private, is_needed=is_needed
            )
    except SSRError as error:
        observation.outcome = error.kind
        raise
    finally:
        observation.render_seconds = time.perf_counter() - started
    if outcome is None:
        observation.render_seconds = None
        return None
    observation.outcome = (
        "cached"
        if isinstance(outcome, CachedPage)
        else outcome.kind
        if isinstance(outcome, Failed)
        else "rendered"
        if isinstance(outcome, Rendered)
        else "client-side"
    )
    if isinstance(outcome, Failed):
        observation.failure = outcome
    if recipe.cache_policy is not None and recipe.context.rendering.cache is not None:
        observation.cache = "miss" if not isinstance(outcome, CachedPage) else "stale" if outcome.is_stale else "hit"
    return outcome
