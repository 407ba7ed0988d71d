"""Password hashes: Argon2id with the defaults of argon2-cffi."""

import asyncio
from typing import Annotated

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from msgspec import Meta

# For forms that choose a password. The upper limit keeps hashing cheap.
NewPassword = Annotated[str, Meta(min_length=8, max_length=200)]
# For forms that check one.
Password = Annotated[str, Meta(min_length=1, max_length=200)]

_hasher = PasswordHasher()
# Compared for unknown users, so that the response takes as long as for a wrong password.
_UNKNOWN = _hasher.hash("")


async def hash_password(password: str) -> str:
    # Hashing takes about 50 ms of CPU, so it runs in a thread.
    return await asyncio.to_thread(_hasher.hash, password)


async def is_password(password_hash: str | None, password: str) -> bool:
    """Return whether the password matches the hash. None is the hash of an unknown user."""
    return await asyncio.to_thread(_verify, password_hash or _UNKNOWN, password) and password_hash is not None


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
