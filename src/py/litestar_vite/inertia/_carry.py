"""Values carried from one request to the next page: flash, errors, history marks, the previous URL.

How it works:
1. With a session, it lives there under one key; the session middleware stores it.
2. Without one, or when the handler clears or replaces the session (logout, login), it travels in a signed cookie that
   lives for a minute: long enough for a redirect, too short to be a store.
3. Reading is lazy: a request with neither pays one dict lookup and one substring test.

Rules: values from a client are checked, and wrong types are ignored. The stored size is capped so that proxies accept
the cookies: the largest flash messages and errors are dropped first and logged by name. If several cookies have this
name (an app under a longer path may set one), the first two of a plausible length are verified."""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec
from litestar.connection import ASGIConnection

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from litestar.types import HTTPScope


logger = logging.getLogger("litestar_vite.inertia")

CARRY_KEY: Final = "_inertia"
COOKIE_NAME: Final = b"inertia_carry"
# One minute: a redirect is followed at once; slow hand-made form posts still see their errors.
COOKIE_MAX_AGE_SECONDS: Final = 60
# nginx reads 4 kB of response headers by default, and browsers keep about 4 KiB per cookie, its attributes included.
MAX_COOKIE_BYTES: Final = 3_000
# Base64 makes four bytes of three; the rest is the time and the signature.
_MAX_COOKIE_JSON: Final = (MAX_COOKIE_BYTES - 60) * 3 // 4
# Browsers send the cookie of the longest path first: another app's, and then ours.
_MAX_VERIFIED: Final = 2
# A session may live in cookies too: 2,200 bytes are 3 kB there, and the rest of nginx's 4 kB is for the app.
_MAX_SESSION_JSON: Final = 2_200
# A session on the server: more than any form shows, and no more than a client may make us keep.
_MAX_STORED_JSON: Final = 256 * 1024
# Longer than any link that people follow; `back()` then goes to the page before, or to "/".
MAX_URL: Final = 2_000
_MAX_NAMED: Final = 10
_MAX_NAME: Final = 60

_SECTIONS: Final[dict[str, type]] = {"flash": dict, "errors": dict, "clear": bool, "fragment": bool, "previous": str}


class CookieSigner:
    """Signs the carry cookie with the app's secret (itsdangerous, imported on first use)."""

    __slots__ = ("_secret", "_signer")

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._signer: Any = None

    def sign(self, payload: bytes) -> str:
        encoded = base64.urlsafe_b64encode(payload).rstrip(b"=")
        return cast("bytes", self._get().sign(encoded)).decode("ascii")

    def unsign(self, value: str) -> bytes | None:
        """Return the payload, or None when the cookie is forged, expired or garbled."""
        from itsdangerous import BadSignature

        try:
            encoded = cast(
                "bytes", self._get().unsign(value.encode("ascii", "replace"), max_age=COOKIE_MAX_AGE_SECONDS)
            )
            return base64.urlsafe_b64decode(encoded + b"=" * (-len(encoded) % 4))
        except (BadSignature, ValueError):
            return None

    def _get(self) -> Any:
        if self._signer is None:
            import hashlib

            from itsdangerous import TimestampSigner

            self._signer = TimestampSigner(self._secret, salt="litestar-vite.carry", digest_method=hashlib.sha256)
        return self._signer


class Carry:
    """The carried values of one request. Sections: flash, errors, clear, fragment, previous.

    Attributes:
        avoids_session: Use the cookie although there is a session, since nobody will store it any more.
        is_dirty: Something was put in or dropped.
    """

    __slots__ = ("_cookies", "_had_cookie", "_left_out", "_scope", "_signer", "_values", "avoids_session", "is_dirty")

    def __init__(self, scope: HTTPScope, cookies: bytes, signer: CookieSigner) -> None:
        self._scope = scope
        self._cookies = cookies
        self._signer = signer
        self._values: dict[str, Any] | None = None
        self._had_cookie = False
        self._left_out: dict[str, dict[str, None]] = {}
        self.avoids_session = False
        self.is_dirty = False

    def __bool__(self) -> bool:
        """Tell whether anything is carried."""
        return bool(self._load())

    def get(self, section: str) -> Any:
        """Return a section as it is now, None when there is nothing."""
        return self._load().get(section)

    def put(self, section: str, value: Any) -> None:
        """Carry a JSON value to the next page; what is none is logged and left out, so that nothing else is lost with
        it.
        """
        try:
            msgspec.json.encode(value)
        except (TypeError, ValueError, OverflowError, RecursionError, msgspec.EncodeError) as error:
            logger.error("Cannot carry %s to the next page, it is no JSON: %s", _names({section: value}), error)  # noqa: TRY400
            return
        self._load()[section] = value
        self._store()

    def drop(self, *sections: str) -> None:
        """Forget sections, since a page has shown them."""
        values = self._load()
        dropped = [section for section in sections if values.pop(section, None) is not None]
        if dropped:
            self._store()

    def remember_url(self, url: str) -> None:
        """Keep the URL of a full visit for `back()`, unless it is too long to be stored."""
        if len(url) <= MAX_URL and self.get("previous") != url:
            self.put("previous", url)

    def cookie_header(self) -> bytes | None:
        """Return the Set-Cookie value this response needs, None when it needs none."""
        if not self.is_dirty:
            return None
        cookie = self._make_cookie()
        if self._left_out:
            logger.error(
                "Cannot carry %s to the next page: it does not fit into a cookie. Configure a server-side session.",
                _names(self._left_out),
            )
            self._left_out = {}
        return cookie

    def _make_cookie(self) -> bytes | None:
        values = {} if self._is_in_session() else {k: v for k, v in self._load().items() if k != "previous"}
        secure = "; Secure" if self._scope.get("scheme") == "https" else ""
        path = self._scope.get("root_path") or "/"
        attributes = f"; Path={path}; HttpOnly; SameSite=lax{secure}"
        if not values:
            return COOKIE_NAME + f"=; Max-Age=0{attributes}".encode("latin-1") if self._had_cookie else None
        self._fit(values, _MAX_COOKIE_JSON)
        if not values:
            return None
        signed = self._signer.sign(msgspec.json.encode(values))
        return COOKIE_NAME + f"={signed}; Max-Age={COOKIE_MAX_AGE_SECONDS}{attributes}".encode("latin-1")

    def _load(self) -> dict[str, Any]:
        if self._values is None:
            session = self._session()
            in_session: Any = session.get(CARRY_KEY) if session is not None else None
            self._values = {**_checked(self._read_cookie()), **_checked(in_session)}
        return self._values

    def _store(self) -> None:
        self.is_dirty = True
        session = self._session()
        if session is None:
            return
        if self._values:
            if _size(self._values) > _MAX_SESSION_JSON:
                self._fit(self._values, self._max_session_json())
            session[CARRY_KEY] = self._values
        else:
            session.pop(CARRY_KEY, None)

    def _max_session_json(self) -> int:
        # Only a session on the server has an id; one of another package may be a cookie.
        is_on_server = ASGIConnection[Any, Any, Any, Any](self._scope).get_session_id() is not None
        return _MAX_STORED_JSON if is_on_server else _MAX_SESSION_JSON

    def _fit(self, values: dict[str, Any], max_bytes: int) -> None:
        """Leave the largest entries of flash and errors out, in place, until the rest has at most so many bytes as JSON;
        the previous URL goes before any of them.
        """
        excess = _size(values) - max_bytes
        if excess > 0 and "previous" in values:
            excess -= _size(values.pop("previous"))
        if excess <= 0:
            return
        for size, section, entries, key in sorted(_entries(values), key=lambda entry: entry[0], reverse=True):
            del entries[key]
            self._left_out.setdefault(section, {})[key] = None
            excess -= size - 1  # Its braces go for a comma.
            if excess <= 0:
                break
        for section in self._left_out:
            if not values.get(section, True):
                del values[section]

    def _is_in_session(self) -> bool:
        """Tell whether the session at the end of the request has what is carried."""
        session = self._session()
        return session is not None and session.get(CARRY_KEY, {}) == self._load()

    def _session(self) -> MutableMapping[str, Any] | None:
        """Return the session, None when the app has none or the handler cleared it."""
        if self.avoids_session:
            return None
        session = self._scope.get("session")
        return session if isinstance(session, dict) else None

    def _read_cookie(self) -> Any:
        prefix = COOKIE_NAME + b"="
        verified = 0
        for part in self._cookies.split(b";"):
            cookie = part.strip()
            if not cookie.startswith(prefix):
                continue
            self._had_cookie = True
            value = cookie[len(prefix) :]
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


def _checked(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        return {}
    return {name: raw[name] for name, kind in _SECTIONS.items() if isinstance(raw.get(name), kind)}


def _size(value: Any) -> int:
    return len(msgspec.json.encode(value))


def _entries(values: dict[str, Any]) -> Iterator[tuple[int, str, dict[str, Any], str]]:
    """Yield size, section, mapping and key of each flash message and each error, those in error bags too."""
    for section in ("flash", "errors"):
        entries: dict[str, Any] = values.get(section) or {}
        for key, value in entries.items():
            if section == "errors" and isinstance(value, dict):
                bag = cast("dict[str, Any]", value)
                yield from ((_size({field: bag[field]}), section, bag, field) for field in bag)
            else:
                yield _size({key: value}), section, entries, key


def _names(values: dict[str, Any]) -> str:
    """Name what is lost, down to the keys of flash and errors."""
    return ", ".join(
        f"{section} ({_listed(list(map(str, value)))})" if isinstance(value, dict) else section
        for section, value in values.items()
    )


def _listed(names: list[str]) -> str:
    """Return names for the log: a client may send long ones, and many."""
    shown = [name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME]}…" for name in names[:_MAX_NAMED]]
    return ", ".join(shown if len(names) <= _MAX_NAMED else [*shown, f"{len(names) - _MAX_NAMED} more"])
