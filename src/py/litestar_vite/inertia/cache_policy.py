"""Whether, and for how long, the rendered page of a request is kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from litestar_vite.config.ssr import CachePolicy

if TYPE_CHECKING:
    from litestar_vite.inertia.request import InertiaRequest

__all__ = ("cache_policy",)


def cache_policy(inertia: InertiaRequest) -> CachePolicy | None:
    """Return the route's policy, else the app's; None when the page is not to be kept. To be asked when the page is encoded."""
    ssr = inertia.context.ssr
    opt = inertia.opt("ssr_cache")
    wanted = opt if opt is not None else ssr.cache if ssr is not None else None
    if wanted is None:
        return None
    policy = _as_policy(wanted)
    return policy if policy is None or policy.private or not _is_one_visitors(inertia) else None


@lru_cache(maxsize=64)
def _as_policy(wanted: CachePolicy | float) -> CachePolicy | None:
    policy = wanted if isinstance(wanted, CachePolicy) else CachePolicy(float(wanted))
    return policy if policy.seconds > 0 else None


def _is_one_visitors(inertia: InertiaRequest) -> bool:
    """Tell whether the page showed flash or errors, or whether the server knows who asks."""
    scope: Any = inertia.scope
    return bool(inertia.is_private or scope.get("session") or scope.get("user") or b"authorization" in inertia.headers)
