"""The default secret that signs the carry cookie, if the app does not set one. All processes must have the same secret.

How it works:
1. If the app has a secret for CSRF protection or cookie sessions, this one is derived from it, so that neither reveals
   the other.
2. Otherwise the processes of one user and project share one in a file that only this user may read.
3. If the file cannot be written, each process generates its own secret, with a warning."""

from __future__ import annotations

import hmac
import logging
import os
import secrets
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from litestar.config.app import AppConfig

from litestar_vite.exceptions import ConfigError
from litestar_vite.inertia._litestar.seams import session_configs

logger = logging.getLogger("litestar_vite.inertia")

_LABEL: Final = b"litestar-vite.carry"
_BYTES: Final = 32


def find_secret(app_config: AppConfig, root: Path) -> str:
    """Return the secret of an app without one. Called once the app is complete: other plugins may add sessions."""
    return derived_secret(app_config.csrf_config, app_config.middleware) or _shared_secret(root)


def derived_secret(csrf_config: Any, middleware: Any) -> str | None:
    """Return a secret derived from the app's CSRF or session secret; None without either."""
    found = [csrf_config, *session_configs(middleware)]
    known = next(filter(None, (getattr(each, "secret", None) for each in found)), None)
    if known is None:
        return None
    return hmac.digest(known.encode() if isinstance(known, str) else bytes(known), _LABEL, "sha256").hex()


def _shared_secret(root: Path) -> str:
    from litestar_vite._processes.folder import make_folder, user_folder

    folder = user_folder("litestar-vite-secrets")
    path = folder / f"{sha256(os.fsencode(root)).hexdigest()[:16]}.secret"
    try:
        make_folder(folder)
        return _read(path) or _create(path)
    except (OSError, ConfigError) as error:
        logger.warning(
            "No secret is set, and this process cannot share one with others (%s): flash messages and errors are lost "
            "when another process answers. Set the environment variable INERTIA_SECRET to a random string.",
            error,
        )
        return secrets.token_urlsafe(_BYTES)


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii") or None
    except FileNotFoundError:
        return None


def _create(path: Path) -> str:
    """Write a secret unless another process was faster, and return the stored one."""
    draft = path.with_suffix(f".{os.getpid()}-{secrets.token_hex(4)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    with open(os.open(draft, flags, 0o600), "w", encoding="ascii") as file:  # noqa: PTH123 - a descriptor has no path
        file.write(secrets.token_urlsafe(_BYTES))
    try:
        # Atomically, with its content, and never over another process's file.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text("ascii")
