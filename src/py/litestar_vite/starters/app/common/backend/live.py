"""Live data: the open pages of a user follow what the user changes in another tab or on another device."""

from collections.abc import Mapping
from datetime import timedelta

from litestar import Request
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.base import ChannelsBackend
from litestar.channels.backends.memory import MemoryChannelsBackend
from litestar_vite.inertia import LiveConfig

from backend.models import User
from backend.settings import settings


def projects_of(user: User) -> str:
    """Return the channel of a user's projects, for `live` and `publish`."""
    return f"projects.{user.id}"


def is_owner(request: Request, parameters: Mapping[str, str]) -> bool:
    """Decide whether a browser may listen to the channel of a user."""
    return request.user is not None and str(request.user.id) == parameters["user_id"]


def channels_backend() -> ChannelsBackend:
    if settings.redis_url is None:
        # Events stay within a process: with several workers, tabs miss changes made by other workers.
        return MemoryChannelsBackend(history=100)
    from litestar.channels.backends.redis import RedisChannelsStreamBackend
    from redis.asyncio import Redis

    return RedisChannelsStreamBackend(
        history=100,
        redis=Redis.from_url(settings.redis_url),
        # Milliseconds until a new channel is read. The default, 1, polls Redis constantly.
        stream_sleep_no_subscriptions=100,
        # Longer than a deploy takes, so that pages miss no events.
        stream_ttl=timedelta(minutes=10),
    )


live_config = LiveConfig(channels={"projects.{user_id}": is_owner})
# The names contain user ids, so they cannot be listed.
channels = ChannelsPlugin(channels_backend(), arbitrary_channels_allowed=True)
