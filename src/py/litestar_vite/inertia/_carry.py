"""Values carried from one request to the next page: flash, errors, history marks, the previous URL.

How it works:
1. They travel in a signed cookie that lives for a minute: long enough for a redirect, too short for storage. So they
   survive exception handlers outside the session's middleware, routes without a session, logins and logouts, and
   concurrent requests that write an older session back.
2. Values that do not fit are stored in a server-side session, also for a minute. Without one, the first messages are
   sent, and the log names the others.
3. The next page takes them; reloads and polls leave them to it (docs/design/0032-who-takes-a-flash.md).
4. The previous URL is only stored in the session.
5. Reading is lazy: a request without either costs one dict lookup and one substring test.

Rules: values from a client are checked, and wrong types are ignored. Sizes are capped so that proxies accept the
cookies. If several cookies have this name (an app under a longer path may set one), the first two of a plausible length
are verified."""

from __future__ import annotations

import base64
import logging
import re
import time
from collections.abc import Callable, Container, MutableMapping, Sequence
from typing import Any, Final, cast

import msgspec
from litestar.connection import ASGIConnection
from litestar.types import HTTPScope

from litestar_vite.inertia._cookie_size import json_size, merge, names, shorten_errors, split

logger = logging.getLogger("litestar_vite.inertia")

CARRY_KEY: Final = "_inertia"
OBSERVATION_KEY: Final = "litestar_vite.observation"
"""The scope's key for the Observation of a request, if the app has listeners."""
COOKIE_NAME: Final = b"inertia_carry"
# One minute: a redirect is followed at once, and slow manual form posts still show their errors.
COOKIE_MAX_AGE_SECONDS: Final = 60
# nginx reads 4 kB of response headers by default, and browsers keep about 4 KiB per cookie, including attributes.
MAX_COOKIE_BYTES: Final = 3_000
# Base64 turns three bytes into four; the rest is for the time and the signature.
_MAX_COOKIE_JSON: Final = (MAX_COOKIE_BYTES - 60) * 3 // 4
# Browsers send the cookie with the longest path first, which may belong to another app.
_MAX_VERIFIED: Final = 2
# Avoids a Python step per cookie, since there may be a megabyte of separators.
_OUR_COOKIES: Final = re.compile(rb"(?:^|;)\s*%s=([^;]*)" % re.escape(COOKIE_NAME)).finditer
# For a server-side session: more than any form shows, but a limit on the data that a client can store.
_MAX_STORED_JSON: Final = 256 * 1024
# Longer than any real link; `back()` then goes to the page before, or to "/".
MAX_URL: Final = 2_000
NEXT_VISIT: Final = ""
"""The mark of values for the next visit that loads a page."""
ANY_PAGE: Final = "*"
"""The mark of values that reloads may take as well."""

_SECTIONS: Final[dict[str, type]] = {
    "flash": dict,
    "errors": dict,
    "input": dict,
    "clear": bool,
    "fragment": bool,
    "back": list,
    "previous": str,
    "for": str,
    "at": int,
}


class CookieSigner:
    """Signs the carry cookie with the app's secret (itsdangerous, imported on first use)."""

    def __init__(self, secrets: str | Sequence[str] | Callable[[], str]) -> None:
        """Create a signer from one secret or several, of which the first signs and all verify.

        A function is called once for the secret, when the first cookie is signed or verified.
        """
        self._secrets = secrets
        self._signer: Any = None

    def sign(self, payload: bytes) -> str:
        encoded = base64.urlsafe_b64encode(payload).rstrip(b"=")
        return cast("bytes", self._get().sign(encoded)).decode("ascii")

    def unsign(self, value: str) -> bytes | None:
        """Return the payload, or None if the cookie is forged, expired or malformed."""
        from itsdangerous import BadSignature

        try:
            # itsdangerous's `max_age` would reject a time that is ahead of this clock.
            encoded, signed_at = self._get().unsign(value.encode("ascii", "replace"), return_timestamp=True)
            if not _is_of_this_minute(int(signed_at.timestamp())):
                return None
            return base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
        except (BadSignature, ValueError):
            return None

    def derived(self, purpose: str) -> str:
        """Return a text for one purpose that only holders of the secret know; the same in all processes of the app."""
        import hmac

        return hmac.digest(self._keys()[-1].encode(), f"litestar-vite.{purpose}".encode(), "sha256").hex()

    def _keys(self) -> list[str]:
        """Return the secrets. The last one signs."""
        if callable(self._secrets):
            self._secrets = self._secrets()
        return [self._secrets] if isinstance(self._secrets, str) else [*reversed(self._secrets)]

    def _get(self) -> Any:
        if self._signer is None:
            import hashlib

            from itsdangerous import TimestampSigner

            settings: dict[str, Any] = {"salt": "litestar-vite.carry", "digest_method": hashlib.sha256}
            signer = TimestampSigner(self._keys(), **settings)
            # Derived once: a signer would derive them for each cookie, which takes two fifths of its time.
            keys = [signer.derive_key(key) for key in signer.secret_keys]
            self._signer = TimestampSigner(keys, key_derivation="none", **settings)
        return self._signer


class Carry:
    """The carried values of one request. Sections: flash, errors, input (of a native form), clear, fragment, back,
    previous.

    Attributes:
        avoids_session: Do not use the session, since its middleware has already finished and will not store it.
        is_dirty: A value was added or dropped.
    """

    def __init__(
        self,
        scope: HTTPScope,
        cookies: bytes,
        signer: CookieSigner,
        mark: str = NEXT_VISIT,
        takes: Container[str] | None = None,
    ) -> None:
        """Carry the values of a request.

        Args:
            mark: The receiver of this request's values: NEXT_VISIT, ANY_PAGE, or the mark of reloads like this one.
            takes: The marks of the values that the request may take; None for all.
        """
        self._scope = scope
        self._cookies = cookies
        self._signer = signer
        self._mark = mark
        self._takes = takes
        self._values: dict[str, Any] | None = None
        self._waiting: dict[str, Any] = {}
        self._waits_for = NEXT_VISIT
        self._had_cookie = False
        self.avoids_session = False
        self.is_dirty = False

    def __bool__(self) -> bool:
        """Return whether there is carried data that this request may show."""
        return bool(self._load())

    def get(self, section: str) -> Any:
        """Return the current value of a section; None if it is empty."""
        return self._load().get(section)

    def put(self, section: str, value: Any, *, added: Any = None) -> None:
        """Carry a JSON value to the next page. A value that is not JSON is logged and left out.

        Args:
            value: The whole value of the section.
            added: The new part of the value, if the rest is already carried. Only this part is checked, so that a
                thousand errors that are reported one by one cost no more than at once.
        """
        try:
            msgspec.json.encode(value if added is None else added)
        except (TypeError, ValueError, OverflowError, RecursionError, msgspec.EncodeError) as error:
            named = names({section: value})
            logger.error("Cannot carry %s to the next page, it is not JSON: %s", named, error)  # noqa: TRY400
            return
        self._load()[section] = value
        self._store()

    def drop(self, *sections: str) -> None:
        """Drop sections, since a page has shown them."""
        values = self._load()
        dropped = [section for section in sections if values.pop(section, None) is not None]
        if dropped:
            self._store()

    def remember_url(self, url: str | None) -> None:
        """Store the URL of a full visit for `back()`, unless it is too long; None removes the stored URL."""
        if url is None:
            self.drop("previous")
        elif len(url) <= MAX_URL and self.get("previous") != url:
            self.put("previous", url)

    def cookie_header(self) -> bytes | None:
        """Return the Set-Cookie value for this response; None if no cookie is needed."""
        if not self.is_dirty:
            return None
        values = self._travelling()
        if values and values == self._waiting:
            return None  # The browser already has it.
        secure = "; Secure" if self._scope.get("scheme") == "https" else ""
        path = self._scope.get("root_path") or "/"
        attributes = f"; Path={path}; HttpOnly; SameSite=lax{secure}"
        if not values:
            return COOKIE_NAME + f"=; Max-Age=0{attributes}".encode("latin-1") if self._had_cookie else None
        signed = self._signer.sign(msgspec.json.encode({**self._fitting(values), **self._addressed()}))
        return COOKIE_NAME + f"={signed}; Max-Age={COOKIE_MAX_AGE_SECONDS}{attributes}".encode("latin-1")

    def _fitting(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the values for the cookie, and log those that fit into neither the cookie nor the session."""
        kept, rest = split(values, _MAX_COOKIE_JSON)
        if not rest:
            return kept
        in_session, lost = split(rest, _MAX_STORED_JSON)
        stored = self._stored()
        if any(stored.get(section) != value for section, value in in_session.items()):
            # The session is not on the server, or the handler cleared it.
            shortened, cut = shorten_errors(values)
            kept, rest = split(shortened, _MAX_COOKIE_JSON)
            lost = merge(cut, rest)
        if lost:
            logger.error(
                "Cannot carry %s to the next page: it does not fit into a cookie. Configure a server-side session.",
                names(lost),
            )
            scope: Any = self._scope
            if (observation := scope.get(OBSERVATION_KEY)) is not None:
                observation.lost = tuple(lost)
        return kept

    def _travelling(self) -> dict[str, Any]:
        """Return all values for later pages, including those that this request may not take."""
        own = {section: value for section, value in self._load().items() if section != "previous"}
        return merge(self._waiting, own) if self._waiting else own

    def _addressed(self) -> dict[str, str]:
        mark = self._waits_for if self._waiting else self._mark
        return {"for": mark} if mark else {}

    def _load(self) -> dict[str, Any]:
        if self._values is None:
            stored = self._stored()
            in_cookie = _checked(self._read_cookie())
            in_cookie.pop("previous", None)
            self._values = values = merge(in_cookie, stored)
            waits_for = values.pop("for", NEXT_VISIT)
            values.pop("at", None)
            if self._takes is not None and waits_for not in self._takes:
                self._waits_for = waits_for
                self._waiting = {section: values.pop(section) for section in list(values) if section != "previous"}
        return self._values

    def _stored(self) -> dict[str, Any]:
        """Return the session's values: the previous URL, and for a minute those that did not fit into the cookie."""
        session = self._session()
        stored = _checked(session.get(CARRY_KEY)) if session is not None else {}
        # Values without a time were stored by an earlier version.
        if "at" not in stored or _is_of_this_minute(stored["at"]):
            return stored
        return {section: stored[section] for section in stored if section == "previous"}

    def _store(self) -> None:
        self.is_dirty = True
        session = self._session()
        if session is None:
            return
        travelling, previous = self._travelling(), self._load().get("previous")
        size = json_size(travelling)
        # Only a server-side session has an id; the session of another package may be a cookie.
        is_on_server = ASGIConnection[Any, Any, Any, Any](self._scope).get_session_id() is not None
        stored: dict[str, Any] = {}
        if size > _MAX_COOKIE_JSON and is_on_server:
            _, rest = split(travelling, _MAX_COOKIE_JSON)
            kept, _ = split(rest, _MAX_STORED_JSON)
            stored = {**kept, **self._addressed(), "at": int(time.time())}
        # A cookie session shares 3 kB with the carry cookie: messages for the visitor take precedence over a URL.
        if previous is not None and (is_on_server or size + json_size(previous) <= _MAX_COOKIE_JSON):
            stored["previous"] = previous
        if stored:
            session[CARRY_KEY] = stored
        else:
            session.pop(CARRY_KEY, None)

    def _session(self) -> MutableMapping[str, Any] | None:
        """Return the session; None if the app does not use sessions, or the handler cleared it."""
        if self.avoids_session:
            return None
        session = self._scope.get("session")
        return session if isinstance(session, dict) else None

    def _read_cookie(self) -> Any:
        verified = 0
        for found in _OUR_COOKIES(self._cookies):
            self._had_cookie = True
            value = found[1].rstrip()
            if not 0 < len(value) <= MAX_COOKIE_BYTES:
                continue
            payload = self._signer.unsign(value.decode("latin-1"))
            if payload:
                try:
                    return msgspec.json.decode(payload)
                except (msgspec.DecodeError, RecursionError):
                    pass
            verified += 1
            if verified == _MAX_VERIFIED:
                break
        return None


def _is_of_this_minute(when: int) -> bool:
    """Return whether values of this time are recent: at most a minute old, or a minute ahead of this clock.

    The clocks of two machines differ, and a clock may be set back while values wait. After a larger step, they are
    lost: otherwise, a step in the other direction would show them for hours.
    """
    return abs(int(time.time()) - when) <= COOKIE_MAX_AGE_SECONDS


def _checked(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        return {}
    return {name: raw[name] for name, kind in _SECTIONS.items() if isinstance(raw.get(name), kind)}
