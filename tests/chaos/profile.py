"""How thorough and how strict a run is, and against whom: CHAOS_PROFILE, CHAOS_NOISE, CHAOS_SUBJECT,
CHAOS_PEER_BREAKER.
"""

from __future__ import annotations

import os

__all__ = ("FULL", "NOISE", "PEER_BREAKER", "SERVERS", "SOAK_SECONDS", "SUBJECT", "VISITORS", "pick", "servers_for")

FULL = os.environ.get("CHAOS_PROFILE", "fast") == "full"
"""`make chaos`; the fast profile is CI's, seven minutes in all."""

NOISE = float(os.environ.get("CHAOS_NOISE", "1"))
"""What wall-clock limits are multiplied by. 1 is the gate's own figure; a machine that others use, too, needs 2."""

SUBJECT = os.environ.get("CHAOS_SUBJECT", "ours")
"""Whose app: "ours", or "peer" (litestar-vite 0.32.0), which is measured and not asserted."""

PEER_BREAKER = os.environ.get("CHAOS_PEER_BREAKER", "on") != "off"
"""The peer's breaker opens after three failures, of pages too, and hides what comes behind it; without it the cells see
the rest.
"""

SERVERS = ("uvicorn", "granian") if SUBJECT == "ours" else ("uvicorn",)
VISITORS = (16, 32, 64) if FULL else (32,)
SOAK_SECONDS = float(os.environ.get("CHAOS_SOAK", "1800" if FULL else "60"))


def servers_for(index: int) -> tuple[str, ...]:
    """Every server in the full profile; in the fast one they take turns."""
    return SERVERS if FULL else (SERVERS[index % len(SERVERS)],)


def pick(full: float, fast: float) -> float:
    return full if FULL else fast
