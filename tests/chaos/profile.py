"""The settings of a run, from environment variables: its extent (CHAOS_PROFILE, CHAOS_SOAK), tolerance (CHAOS_NOISE)
and subject (CHAOS_SUBJECT, CHAOS_PEER_BREAKER).
"""

from __future__ import annotations

import os

__all__ = ("FULL", "NOISE", "PEER_BREAKER", "SERVERS", "SOAK_SECONDS", "SUBJECT", "VISITORS", "pick", "servers_for")

FULL = os.environ.get("CHAOS_PROFILE", "fast") == "full"
"""Set by `make chaos`. The fast profile is for CI, and takes seven minutes."""

NOISE = float(os.environ.get("CHAOS_NOISE", "1"))
"""The factor for wall-clock limits. 1 applies the limits of the gate; a shared machine needs 2."""

SUBJECT = os.environ.get("CHAOS_SUBJECT", "ours")
"""The app under test: "ours", or "peer" (litestar-vite 0.32.0), which is measured but not asserted."""

PEER_BREAKER = os.environ.get("CHAOS_PEER_BREAKER", "on") != "off"
"""The peer's breaker opens after three failures, including page errors, and masks all later faults. Without it, the
cells measure those as well.
"""

SERVERS = ("uvicorn", "granian") if SUBJECT == "ours" else ("uvicorn",)
VISITORS = (16, 32, 64) if FULL else (32,)
SOAK_SECONDS = float(os.environ.get("CHAOS_SOAK", "1800" if FULL else "60"))


def servers_for(index: int) -> tuple[str, ...]:
    """Return every server in the full profile; in the fast profile, the servers take turns."""
    return SERVERS if FULL else (SERVERS[index % len(SERVERS)],)


def pick(full: float, fast: float) -> float:
    return full if FULL else fast
