"""Each test gets an empty database, a client and an inbox. Nothing here needs a browser, a build or Node."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

# Before the app is imported, since it reads its settings then.
os.environ["APP_ENV"] = "test"
os.environ["APP_URL"] = "http://testserver.local"
os.environ["VAR"] = tempfile.mkdtemp(prefix="__NAME__-tests-")
os.environ.pop("DATABASE_URL", None)
os.environ["REDIS_URL"] = ""

from advanced_alchemy.alembic.commands import AlembicCommands
from app import app
from backend import mail
from backend.database import database
from backend.settings import VAR
from litestar_vite.testing import InertiaTestClient

DATABASE = VAR / "app.sqlite3"
EMPTY = VAR / "empty.sqlite3"


@pytest.fixture(scope="session", autouse=True)
def migrated() -> Iterator[None]:
    """Run the migrations once; every test starts with a copy of the result."""
    AlembicCommands(database).upgrade()
    shutil.move(DATABASE, EMPTY)
    yield
    shutil.rmtree(VAR, ignore_errors=True)


@pytest.fixture
def client(inertia_client: Callable[..., InertiaTestClient]) -> InertiaTestClient:
    """A client that behaves like the Inertia client. The fixture `inertia_client` is part of litestar-vite."""
    for leftover in VAR.glob("app.sqlite3*"):
        leftover.unlink()
    shutil.copy(EMPTY, DATABASE)
    shutil.rmtree(VAR / "attempts", ignore_errors=True)
    return inertia_client(app)


@pytest.fixture
def inbox() -> list[EmailMessage]:
    """The mails that the app has sent, newest last."""
    mail.outbox.clear()
    return mail.outbox


@pytest.fixture
def ada(client: InertiaTestClient, inbox: list[EmailMessage]) -> InertiaTestClient:
    """A client that is logged in as Ada, with a verified e-mail address."""
    register(client, "Ada Lovelace", "ada@example.org")
    client.visit(link_in(inbox[-1]))
    return client


def register(client: InertiaTestClient, name: str, email: str, password: str = "correct horse") -> None:
    client.visit("/register")
    client.submit("/register", {"name": name, "email": email, "password": password}).component("Auth/VerifyEmail")


def link_in(message: EmailMessage) -> str:
    """Return the path of the link in a mail."""
    link = next(word for word in message.get_content().split() if word.startswith("http"))
    return link.removeprefix("http://testserver.local")
