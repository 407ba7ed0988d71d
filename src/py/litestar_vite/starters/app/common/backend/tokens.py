"""Signed tokens that expire, for links in mails and for the step between password and code."""

import hashlib
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from backend.settings import settings

HOUR = 3_600


def sign(purpose: str, data: Any) -> str:
    """Return a URL-safe token. Its `data` is readable by anyone, but cannot be changed."""
    return URLSafeTimedSerializer(settings.secret_key, salt=purpose).dumps(data)


def read(purpose: str, token: str, *, max_age_seconds: int = HOUR) -> Any:
    """Return the data of a token; None if it has expired, was changed, or has another purpose."""
    try:
        return URLSafeTimedSerializer(settings.secret_key, salt=purpose).loads(token, max_age=max_age_seconds)
    except BadSignature:
        return None


def fingerprint(text: str) -> str:
    """Return a short hash. A token with the fingerprint of a password hash is valid until the password changes."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
