"""Settings, from environment variables and the file `.env`. The file `.env.example` describes them."""

import os
import secrets
from pathlib import Path
from typing import Literal

from dotenv import load_dotenv
from msgspec import Struct

ROOT = Path(__file__).parent.parent
# Everything that the app writes: the SQLite database, uploads, counters. Keep it on a volume.
VAR = Path(os.environ.get("VAR", ROOT / "var"))

load_dotenv(ROOT / ".env")


class Settings(Struct, frozen=True):
    name: str
    environment: Literal["development", "production", "test"]
    url: str
    secret_key: str
    database_url: str
    redis_url: str | None
    smtp_url: str | None
    mail_from: str

    @property
    def is_https(self) -> bool:
        return self.url.startswith("https://")


def read_settings() -> Settings:
    environment = os.environ.get("APP_ENV", "development")
    if environment not in {"development", "production", "test"}:
        raise RuntimeError(f"APP_ENV is {environment!r}. Set it to development, production or test.")
    return Settings(
        name=os.environ.get("APP_NAME", "__TITLE__"),
        environment=environment,  # type: ignore[arg-type]
        url=os.environ.get("APP_URL", "http://localhost:8000").rstrip("/"),
        secret_key=read_secret_key(is_production=environment == "production"),
        database_url=os.environ.get("DATABASE_URL", f"sqlite+aiosqlite:///{VAR / 'app.sqlite3'}"),
        redis_url=os.environ.get("REDIS_URL") or None,
        smtp_url=os.environ.get("SMTP_URL") or None,
        mail_from=os.environ.get("MAIL_FROM", "__TITLE__ <hello@example.com>"),
    )


def read_secret_key(*, is_production: bool) -> str:
    """Return the key that signs cookies and links. In development, it is in a file that git ignores."""
    if key := os.environ.get("SECRET_KEY"):
        return key
    if is_production:
        raise RuntimeError("Set SECRET_KEY to a random string, for example from: openssl rand -base64 32")
    file = ROOT / ".secret-key"
    return file.read_text("utf-8") if file.is_file() else secrets.token_urlsafe(32)


settings = read_settings()
VAR.mkdir(parents=True, exist_ok=True)
