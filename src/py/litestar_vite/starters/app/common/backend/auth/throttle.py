"""Limits attempts, for example to log in. The counters are files, which all processes of the server share."""

from litestar.connection import ASGIConnection
from litestar.exceptions import TooManyRequestsException
from litestar.stores.file import FileStore

from backend.settings import VAR

# On several machines, use litestar.stores.redis.RedisStore.
attempts_store = FileStore(VAR / "attempts", create_directories=True)


class Throttle:
    """At most `limit` attempts in `seconds` per key, counted for each address or (by_address=False) for all of them."""

    def __init__(self, name: str, *, limit: int = 5, seconds: int = 60, by_address: bool = True) -> None:
        self.name, self.limit, self.seconds, self.by_address = name, limit, seconds, by_address

    def _key(self, connection: ASGIConnection, key: str) -> str:
        address = connection.client.host if self.by_address and connection.client else ""
        return f"{self.name}:{address}:{key.lower()}"

    async def count(self, connection: ASGIConnection, key: str) -> None:
        """Count an attempt.

        Raises:
            TooManyRequestsException: The limit is reached. The form shows the message.
        """
        name = self._key(connection, key)
        attempts = int(await attempts_store.get(name) or 0)
        left = (await attempts_store.expires_in(name) if attempts else None) or self.seconds
        if attempts >= self.limit:
            raise TooManyRequestsException(f"Too many attempts. Please try again in {left} seconds.")
        await attempts_store.set(name, str(attempts + 1), expires_in=left)

    async def reset(self, connection: ASGIConnection, key: str) -> None:
        await attempts_store.delete(self._key(connection, key))
