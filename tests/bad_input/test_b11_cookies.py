"""B11: thousands of cookies with our own name, and very long ones."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from typing_extensions import override

from litestar_vite.inertia._carry import MAX_COOKIE_BYTES, Carry, CookieSigner

FLASH = {"flash": {"info": ["hi"]}}


class CountingSigner(CookieSigner):
    """Counts the cookies that it verifies."""

    verified = 0

    @override
    def unsign(self, value: str) -> bytes | None:
        self.verified += 1
        return super().unsign(value)


def flash_in(signer: CookieSigner, *cookies: str) -> Any:
    scope: Any = {"type": "http"}
    return Carry(scope, "; ".join(f"inertia_carry={cookie}" for cookie in cookies).encode(), signer).get("flash")


def signed(signer: CookieSigner, values: Any = FLASH) -> str:
    return signer.sign(msgspec.json.encode(values))


@pytest.mark.parametrize("cookie", ["a.b.c", "x" * 2_000, ""], ids=["short", "long", "empty"])
def test_two_cookies_are_verified_however_many_are_sent(cookie: str) -> None:
    signer = CountingSigner("secret")
    assert flash_in(signer, *[cookie] * 3_000, signed(signer)) == (FLASH["flash"] if not cookie else None)
    assert signer.verified <= 2


def test_a_cookie_longer_than_any_of_ours_is_not_verified() -> None:
    signer = CountingSigner("secret")
    assert flash_in(signer, "x" * (MAX_COOKIE_BYTES + 1), "x" * 60_000) is None
    assert signer.verified == 0
    assert flash_in(signer, "x" * 60_000, "x" * 60_000, "of another app", signed(signer)) == FLASH["flash"]


def test_the_first_good_cookie_counts() -> None:
    signer = CountingSigner("secret")
    assert flash_in(signer, signed(signer), signed(signer, {"flash": {"info": ["later"]}})) == FLASH["flash"]
    assert signer.verified == 1
