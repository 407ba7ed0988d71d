"""Whether, and for how long, the rendered page of a request is kept."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from litestar_vite.config.ssr import CachePolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from litestar_vite.inertia.context import InertiaContext
    from litestar_vite.inertia.request import InertiaRequest

__all__ = ("cache_policy", "is_one_visitors", "policy_of")


def cache_policy(inertia: InertiaRequest) -> CachePolicy | None:
    """Return the route's policy, else the app's; None when the page is not to be kept. To be asked when the page is
    encoded.
    """
    policy = policy_of(inertia.context, inertia.opt("ssr_cache"))
    if policy is None or policy.private:
        return policy
    return None if inertia.is_private or is_one_visitors(inertia.scope, inertia.headers) else policy


def policy_of(context: InertiaContext, opt: Any) -> CachePolicy | None:
    """Return the policy of a route with this opt `ssr_cache`, whoever asks."""
    wanted = opt if opt is not None else context.ssr.cache if context.ssr is not None else None
    return _as_policy(wanted) if wanted is not None else None


@lru_cache(maxsize=64)
def _as_policy(wanted: CachePolicy | float) -> CachePolicy | None:
    policy = wanted if isinstance(wanted, CachePolicy) else CachePolicy(max(float(wanted), 0.0))
    return policy if policy.seconds > 0 else None


def is_one_visitors(scope: Any, headers: Mapping[bytes, bytes]) -> bool:
    """Tell whether the server knows who asks."""
    return bool(scope.get("session") or scope.get("user") or b"authorization" in headers)
