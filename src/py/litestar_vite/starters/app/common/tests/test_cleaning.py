"""Expired data is deleted, and nothing else."""

import sqlite3
import threading
from datetime import timedelta

import pytest
from app import app
from backend import cleaning
from backend.auth.throttle import attempts_store
from conftest import DATABASE, register
from litestar_vite.testing import InertiaTestClient


def test_expired_sessions_and_counters_are_deleted(ada: InertiaTestClient) -> None:
    ada.submit("/logout", {})
    for name in ("eve", "grace"):
        register(ada, name, f"{name}@example.org")
        # Still logged in, but the browser has lost its cookie.
        ada.cookies.delete("session")
    with sqlite3.connect(DATABASE) as connection:
        connection.execute("UPDATE user_sessions SET expires_at = '2020-01-01 00:00:00.000000' WHERE user_id = 2")
    connection.close()
    with ada.portal() as portal:
        portal.call(attempts_store.set, "old", "1", timedelta(seconds=-1))
        portal.call(attempts_store.set, "new", "1", timedelta(hours=1))
        portal.call(cleaning.clean)
        assert portal.call(attempts_store.exists, "old") is False
        assert portal.call(attempts_store.exists, "new") is True
    with sqlite3.connect(DATABASE) as connection:
        assert connection.execute("SELECT user_id FROM user_sessions").fetchall() == [(3,)]
    connection.close()


def test_the_app_cleans_while_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned = threading.Event()

    async def clean() -> None:
        cleaned.set()

    monkeypatch.setattr(cleaning, "FIRST_SECONDS", 0)
    monkeypatch.setattr(cleaning, "clean", clean)
    with InertiaTestClient(app):
        assert cleaned.wait(timeout=30)
