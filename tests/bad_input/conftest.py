"""The seeds of generated input: one by default, and twenty in `make chaos`, for 100,000 cases instead of 5,000."""

from __future__ import annotations

import os

import pytest

from tests.bad_input.attack import SEED

ROUNDS = int(os.environ.get("BAD_INPUT_ROUNDS", "1"))


@pytest.fixture(params=range(SEED, SEED + ROUNDS))
def seed(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found
