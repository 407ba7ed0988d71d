"""Configuration of a single-page application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass
class SPAConfig:
    """Configuration of a single-page application: index.html for each page request that no route answers."""

    exclude: Sequence[str] = ()
    """Paths that stay 404, as patterns with `*`, `?` and `[...]`, without the path prefix: `"/api/*"`. Requests that
    do not accept HTML, and paths below `ViteConfig.asset_url`, are 404 in any case. Default: none."""
